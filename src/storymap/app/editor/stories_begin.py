"""Beginning a story: from a template, or from files that come from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from storymap.app.editor import rights
from storymap.app.editor.languages import LANGS
from storymap.app.editor.links import reader_link
from storymap.app.editor.table_questions import ask
from storymap.app.editor.told import literally
from storymap.countries import Country, basemap_beside, city_names, countries
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.incoming.carry import Refused
from storymap.incoming.compose import compose
from storymap.incoming.receive import KINDS, Received, receive
from storymap.incoming.stops import Trip
from storymap.incoming.tongue import guess_lang
from storymap.manuscript import Manuscript
from storymap.slugs import free, slug_of
from storymap.storyfolders import create, shelf
from storymap.storyzip import ZipRefused, unpack_story
from storymap.storyzip import bring_in as bring_in_zip
from storymap.templates import TEMPLATES, from_template

__all__ = ["begin", "bring_in", "hush", "report", "say", "tell"]

SAID = "stories said"
FOCUS = "stories lead to the new one"
TO_THE_NEW = """(() => {
  let left = 120;
  const look = () => {
    const button = document.querySelector('.st-key-open-new button');
    if (button) {
      button.focus({ preventScroll: true });
      button.scrollIntoView({ block: 'center' });
    } else if (left--) requestAnimationFrame(look);
  };
  look();
})()"""
REPORT = "stories report"
SOURCES = ["zip", "json", "js", "csv", "tsv", "xlsx", "geojson", "jpg", "jpeg", "png", "webp", "avif", "gif", "mp3", "ogg", "wav",
           "mp4", "webm"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    kind: Literal["done", "warning", "error"]
    story: str
    """Name of the story that has come of it; empty when none has."""


def say(text: str, kind: Literal["done", "warning", "error"] = "done", story: str = "") -> None:
    """Something to be said on the page of stories, until something else is begun. ``story``: the one that has come of it,
    to which the sentence leads, by key as well."""
    st.session_state.setdefault(SAID, []).append(_Said(text, kind, story))
    if story:
        st.session_state[FOCUS] = True


def hush() -> None:
    """What was said has been read: something else is begun."""
    st.session_state.pop(SAID, None)


def tell(go: Callable[[str], None]) -> None:
    """Says it. ``go`` opens a story. The page is made anew when a picture is drawn: what is said stays."""
    for one in st.session_state.get(SAID, []):
        {"done": st.success, "warning": st.warning, "error": st.error}[one.kind](literally(one.text))
        if one.story:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.button("Edit the new story", key="open-new", type="primary", on_click=go, args=(one.story,))
                st.html(f'<span class="way">{reader_link(one.story, "Reader’s page")}</span>', width="content")
    # Once, so that it does not take the focus from what is done next.
    if st.session_state.pop(FOCUS, False):
        st.html(f"<script>{TO_THE_NEW}</script>", unsafe_allow_javascript=True)


def report(name: str) -> None:
    """What became of the last import, in the card of the story that it made, until another one begins."""
    kept = st.session_state.get(REPORT)
    if not kept or kept[0] != name:
        return
    with st.container(border=True, key="stories-report"):
        st.write("What became of the import is kept in the story's folder, in IMPORT.md.")
        for heading, lines in (("To be checked", kept[1]), ("Not carried over", kept[2])):
            if lines:
                with st.expander(f"{heading} ({len(lines)})", expanded=True):
                    st.text("\n".join(f"– {line}" for line in lines))
        st.button("Close", key="close-report", on_click=lambda: st.session_state.pop(REPORT, None))


def imported(stories: Path, name: str) -> None:
    """Says that this story has come in, by its title and where it is: another one may be called the same."""
    title = str(Manuscript.read(stories / name).data.get("title") or name)
    say(f"“{title}” was imported. It is at /story/{name}/.", story=name)


def begin(stories: Path, finish: Callable[[], None]) -> None:
    """The form for a new story from a template."""
    with st.container(border=True, key="begin"):
        st.header("New story", anchor=False)
        kind = st.radio(
            "Begin with", list(TEMPLATES), format_func=lambda one: TEMPLATES[one].name, key="begin-kind", horizontal=True,
            captions=[one.about for one in TEMPLATES.values()],
        )  # fmt: skip
        title = st.text_input("Title", key="begin-title")
        left, right = st.columns(2)
        guess = guess_lang(title)
        lang = left.selectbox(
            "Language of the texts", list(LANGS), index=None, format_func=LANGS.__getitem__, key="begin-lang",
            placeholder=LANGS[guess], help="Left empty: the one that the title is written in.",
        ) or guess  # fmt: skip
        country = _country(stories, right, lang)
        name = _name(stories, title)
        st.caption("For a story from a spreadsheet, use Import.")
        if _go("Make the story", finish) and country is not None:
            names = city_names(basemap_beside(stories), lang)
            made = from_template(kind, country, title=title.strip(), lang=lang, names=names)
            if _made(lambda: create(stories, name, made.write)):
                _open(name)


def bring_in(stories: Path, finish: Callable[[], None]) -> None:
    """The form for files that come from elsewhere."""
    with st.container(border=True, key="bring-in"):
        st.header("Import", anchor=False)
        st.caption(
            "A story exported here (.zip), an export of StoryMapJS (.json), the config.js of Mapbox' storytelling template, "
            "the sheets of Leaflet Storymaps, or a spreadsheet with a row for each step. Add the pictures that it names, as "
            "files or in a zip. Nothing is fetched from the web."
        )
        uploads = st.file_uploader("Files", SOURCES, accept_multiple_files=True, key="bring-in-files")
        received = _received(uploads) if uploads else None
        if received is None:
            if st.button("Cancel", key="bring-in-cancel"):
                finish()
            return
        st.write(f"This is {KINDS[received.kind]}.")
        if received.kind == "story":
            _zip(stories, received, finish)
        else:
            _trip(stories, received, finish)


def _received(uploads: list[UploadedFile]) -> Received | None:
    """What the files are; read once, however often the page is run."""
    key = tuple(upload.file_id for upload in uploads)
    kept = st.session_state.get("stories received")
    if kept is None or kept[0] != key:
        try:
            found: Received | str = receive([(upload.name, upload.getvalue()) for upload in uploads])
        except Refused as error:
            found = str(error)
        kept = st.session_state["stories received"] = (key, found)
    if isinstance(kept[1], str):
        st.error(kept[1])
        return None
    return cast("Received", kept[1])


def _zip(stories: Path, received: Received, finish: Callable[[], None]) -> None:
    content = received.zipped or b""
    try:
        inside = unpack_story(content).name or Path(received.name).stem
    except ZipRefused as error:
        st.error(str(error))
        return
    name = _name(stories, inside, keep=True)
    said: list[str] = []

    def work() -> None:
        said.extend(bring_in_zip(stories, content, name)[1])

    if _go("Import", finish) and _made(work):
        imported(stories, name)
        for line in said:
            say(line, "warning")
        finish()


def _trip(stories: Path, received: Received, finish: Callable[[], None]) -> None:
    trip = received.trip or ask(received)
    if trip is None:
        if st.button("Cancel", key="bring-in-cancel"):
            finish()
        return
    title = st.text_input("Title", trip.title or Path(received.name).stem, key=f"bring-in-title-{received.name}")
    name = _name(stories, title)
    count = len(trip.stops)
    st.write(f"{count} step{'s' * (count != 1)}.")
    if lost := list(trip.report.lines()):
        with st.expander(f"Not carried over ({len(lost)})"):
            st.text("\n".join(f"– {line}" for line in lost))
    if not _go("Import", finish):
        return
    # The report grows while the story is put together: that of the page stays as it is.
    whole = replace(trip, title=title.strip(), report=replace(trip.report, lost=[*trip.report.lost], ask=[*trip.report.ask]),
                    stops=[replace(stop) for stop in trip.stops])  # fmt: skip
    made = compose(whole)
    if _made(lambda: create(stories, name, made.write)):
        imported(stories, name)
        _keep_report(name, whole)
        finish()


def _keep_report(name: str, trip: Trip) -> None:
    st.session_state[REPORT] = (name, trip.report.ask, list(trip.report.lines()))
    st.session_state.pop("stories received", None)


def _country(stories: Path, column: object, lang: str) -> Country | None:
    try:
        known = countries(basemap_beside(stories))
    except StoryError as error:
        st.error(str(error))
        return None
    names = {one.code: one.name(lang) for one in known}
    codes = sorted(names, key=lambda code: names[code])
    box = cast("st.delta_generator.DeltaGenerator", column)
    code = box.selectbox("Country", codes, index=codes.index("KAZ") if "KAZ" in codes else 0, key="begin-country",
                         format_func=lambda code: names.get(code, code))  # fmt: skip
    return next((one for one in known if one.code == code), None)


def _name(stories: Path, title: str, *, keep: bool = False) -> str:
    """The field for the story's name; made of its title until the editor writes another one."""
    taken = {one.name for one in shelf(stories)}
    made = slug_of(title, "story")
    suggested = free(made, taken)
    entered = st.text_input(
        "Name in addresses",
        key="begin-name",
        placeholder=suggested,
        help="a-z, 0-9 and hyphens. Left empty: made of the title.",
    )
    if keep and suggested != made and not entered:
        st.warning(f"There is a '{made}' already, which stays as it is: this one will be called '{suggested}'.")
    return entered.strip() or suggested


def _go(label: str, finish: Callable[[], None]) -> bool:
    with st.container(horizontal=True, gap="small"):
        go = st.button(label, type="primary", key="begin-go")
        if st.button("Cancel", key="begin-cancel"):
            finish()
    return go


def _made(work: Callable[[], object]) -> bool:
    """Makes the story, for those who may; what goes wrong is told here."""
    if rights.current_editor() is None:
        st.error("You may not edit any more: sign in again.")
        return False
    try:
        work()
    except (SaveError, StoryError, ZipRefused) as error:
        st.error(str(error))
        return False
    return True


def _open(name: str) -> None:
    st.session_state.pop("stories doing", None)
    st.query_params["story"] = name
    st.rerun()
