"""The chart of a step: its table, which columns it takes, its words, and how its kinds of values are drawn."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from storymap import edits, figure, figuredata
from storymap.app.editor import attached, checked, checks, fields, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.kinds_part import show_kinds
from storymap.app.editor.pending import Pending
from storymap.durable import SaveError
from storymap.edits import Edit
from storymap.errors import StoryError
from storymap.figuredata import read_table
from storymap.manuscript import Manuscript
from storymap.placing import EditError, find

__all__ = ["show", "with_file"]

_COLUMNS = {"x": "Column of the time", "y": "Column of the numbers", "when": "Column of the time in words",
            "kind": "Column of the kind"}  # fmt: skip
_HELP = {
    "when": "Such as “1980s” where the time is 1980/1989. Without it, words are made from the time.",
    "kind": "What kind of number it is, such as census or estimate.",
}
_COLORS = {
    "ink": "#23211f",
    "card": "#fffefb",
    "quiet": "#5d5850",
    "line": "#d9d1c1",
    "accent": "#a63d12",
    "accent-text": "#a63d12",
}


def show(desk: Desk, at: tuple[str, str]) -> None:
    """Shows the part."""
    place = (*at, "figure")
    files = attached.tables(desk)
    now = desk.get(place)
    if isinstance(now, dict):
        _present(desk, at, now, files)
    else:
        _new(desk, at, files)


def _new(desk: Desk, at: tuple[str, str], files: dict[str, list[str]]) -> None:
    place = (*at, "figure")
    new = Pending(desk, place, {"file": "a table", "x": "the column of the time", "y": "the column of the numbers",
                                "title": "a title", "alt": "what can be seen in it"})  # fmt: skip
    new.choice(
        "file", "Table", list(files), none="Choose …", help="A column of times and one of numbers, as csv or json."
    )
    brought = _upload(desk, place)
    if brought:
        new.put(file=brought, x=None, y=None, when=None, kind=None)
        # The uploader is another one from now on: this one would take a second file in vain.
        st.rerun()
    file = new.get("file")
    if file is None:
        return
    if new.get("x") is None and new.get("y") is None:
        new.put(**attached.guessed(attached.columns(desk, file)))
    for key, label in _COLUMNS.items():
        new.choice(key, label, files.get(file, []), help=_HELP.get(key))
    new.text("title", "Title", placeholder="People in the town, thousands", help="What the chart shows, with its unit.")
    new.area("alt", "The chart in words", height=90, help="What can be seen in it, for readers who can not see it.")
    new.text("caption", "Caption")
    titles = {name: str(one.get("title", name)) for name, one in (desk.get(("sources",)) or {}).items()}
    new.many("source", "Sources", list(titles), name=lambda one: titles.get(one, one))
    entered = new.value
    if {"x", "y"} <= entered.keys():
        _picture(desk, at, {"title": "…", "alt": "…", **entered})
    new.button("Add the chart", lambda words: desk.do(lambda story: edits.set_part(story, place, words)))


def _present(desk: Desk, at: tuple[str, str], now: dict[str, Any], files: dict[str, list[str]]) -> None:
    place = (*at, "figure")
    _picture(desk, at, now)
    checked.text(
        desk, (*place, "title"), "Title", checks.needed("a chart needs a title"), help="What it shows, with its unit."
    )
    checked.area(desk, (*place, "alt"), "The chart in words", checks.needed("readers who can not see it need these words"),
                 height=90)  # fmt: skip
    fields.text(desk, (*place, "caption"), "Caption")
    titles = {name: str(one.get("title", name)) for name, one in (desk.get(("sources",)) or {}).items()}
    fields.many(desk, (*place, "source"), "Sources", list(titles), names=titles)
    brought = _upload(desk, place)
    if brought:
        desk.do(lambda story: with_file(story, place, brought, attached.columns(desk, brought)))
        st.rerun()
    fields.choice(desk, (*place, "file"), "Table", list(files),
                  make=lambda story, file: with_file(story, place, file, attached.columns(desk, file)))  # fmt: skip
    columns = files.get(str(now.get("file")), [])
    for key in ("x", "y"):
        fields.choice(desk, (*place, key), _COLUMNS[key], columns)
    for key in ("when", "kind"):
        fields.choice(desk, (*place, key), _COLUMNS[key], columns, none="—", help=_HELP[key],
                      make=_with_column(place, key))  # fmt: skip
    lang = str(desk.get(("lang",), "en"))
    checked.text(desk, (*place, "mark"), "Time to mark", checks.date(lang), placeholder=str(desk.get((*at, "date")) or ""),
                 help="The date of the step, when nothing is said.")  # fmt: skip
    show_kinds(desk, place, now)
    st.button("Remove the chart", key=fields.key_of(desk, (*place, "remove")), icon=":material/delete:", type="tertiary",
              on_click=fields.doing(desk, lambda story: edits.delete(story, place)))  # fmt: skip


def with_file(story: Manuscript, place: tuple[str, ...], file: str, columns: dict[str, list[str]]) -> Edit:
    """The chart with another table; columns that it lacks are chosen anew. Raises `EditError`."""
    now = dict(find(story.data, place, {}))
    guess = attached.guessed(columns)
    if not {"x", "y"} <= guess.keys():
        raise EditError(f"'{file}' has no column of times and one of numbers: nothing is changed")
    for key in _COLUMNS:
        if now.get(key) not in columns:
            now.pop(key, None)
            if key in guess:
                now[key] = guess[key]
    now["table"] = [name for name in now.get("table") or [] if name in columns]
    if "kind" not in now or {*now.get("kinds", {})} < set(columns[now["kind"]]):
        now.pop("kinds", None)
    made = {key: value for key, value in {**now, "file": file}.items() if value not in (None, [])}
    return edits.set_part(story, place, made)


def _with_column(place: tuple[str, ...], key: str) -> Callable[[Manuscript, Any], Edit]:
    """How kinds are drawn belongs to their column: it goes with it."""

    def make(story: Manuscript, name: Any) -> Edit:
        made = edits.set_part(story, (*place, key), name)
        return made if key != "kind" else Edit(made.sentence, edits.set_part(made.after, (*place, "kinds"), None).after)

    return make


def _upload(desk: Desk, place: tuple[str, ...]) -> str | None:
    """A table that was just brought in, by its name in the story."""
    base = fields.key_of(desk, place)
    turn = st.session_state.setdefault(f"uploads {base}", 0)
    upload = st.file_uploader("A new table", type=["csv", "json"], key=f"{base}/upload/{turn}", max_upload_size=1)
    if upload is None:
        return None
    raw = upload.getvalue()
    try:
        table = read_table(upload.name, raw)
    except StoryError as error:
        told.fault("; ".join(map(str, error.problems[:3])))
        return None
    if "x" not in attached.guessed({str(name): [str(cell) for cell in table[name]] for name in table.columns}):
        told.fault(f"'{upload.name}' has no column of times (1964, 1964-11, 1980/1989) beside one of numbers")
        return None
    st.session_state[f"uploads {base}"] = turn + 1
    return attached.bring_in(desk, f"data/{upload.name}", raw)


def _picture(desk: Desk, at: tuple[str, str], parts: dict[str, Any]) -> None:
    """The chart as it would be, or what is wrong with it."""
    try:
        tried = edits.set_part(desk.now, (*at, "figure"), parts).after
        story = tried.story(desk.drafts.preview_folder(desk.session, tried))
        index = [step.id for step in story.steps].index(at[1])
        rows = figuredata.figure_rows(story, index)
        mark = figuredata.figure_mark(story, index, rows)
        step = story.steps[index]
        assert step.figure is not None
        svg, _ = figure.drawing(step.figure, rows, story.lang, alt=step.figure.alt, mark=mark, when=step.when or "")
    except StoryError as error:
        told.fault("; ".join(problem.message for problem in error.problems[:3]))
        return
    except (SaveError, EditError, ValueError) as error:
        told.fault(str(error))
        return
    colored = re.sub(r"var\(--([a-z-]+)\)", lambda found: _COLORS.get(found[1], "#23211f"), svg)
    drawn = colored.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1)
    address = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
    st.html(f'<img class="attached chart" src="{address}" alt="The chart">')
