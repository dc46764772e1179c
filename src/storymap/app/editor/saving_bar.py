"""Save, undo and redo, and what there is to know before: a draft that was left, others at work, what they saved."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from storymap.app.editor import offers
from storymap.app.editor.access import short_name
from storymap.app.editor.clock import told
from storymap.app.editor.desk import Desk
from storymap.app.editor.news import listed
from storymap.app.editor.tabs import tabs
from storymap.app.editor.told import literally
from storymap.changes import counted
from storymap.drafts import Drafts
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.manuscript import Manuscript

__all__ = ["offer_download", "packed", "pressed", "show", "state_in_words", "void"]

YOU = "You, in another tab,"
LOOK_AROUND_S = 5
"""Seconds between two looks at what others do. A sign of life is given with each."""
DRAFTS_LAST = (
    "Every change is kept as a draft at once. You can close this tab or lose the connection: "
    "the draft is offered to you when you open the story again."
)
_WANTED = "the story that is to be saved"
_HERE = Path(__file__)
STYLE = _HERE.with_name("saving.css").read_text(encoding="utf-8")
_keys = st.components.v2.component(
    "storymap.keys",
    html="<i hidden></i>",
    js="\n".join(_HERE.with_name(name).read_text("utf-8") for name in ("focus.js", "typed.js", "keys.js")),
)


def show(desk: Desk) -> None:
    """Shows the bar."""
    if st.session_state.pop(_WANTED, None) == desk.slug:
        desk.save()
    _note_tab(desk)
    st.html(f"<style>{STYLE}</style>")
    with st.container(key="saving"):
        st.button("Save", key="save", type="primary", disabled=not desk.changed, width="stretch",
                  help="Ctrl+S, on a Mac Cmd+S", on_click=_want_save, args=(desk,))  # fmt: skip
        st.caption(state_in_words(desk, st.context.timezone), help=DRAFTS_LAST)
        if desk.unkept:
            st.error(
                f"No draft could be kept: {desk.unkept}. Save, or download your version, before you close this tab."
            )
            _download(desk)
        _undo_and_redo(desk)
        _keys(key="keys", data=[undo_name(desk), desk.changed], on_pressed_change=lambda: pressed(desk, "keys"))
    _around(desk)
    offers.show_opened(desk)


def state_in_words(desk: Desk, zone: str | None) -> str:
    """Whether there is anything to save, and if not, when it was saved."""
    if desk.conflicts:
        places = len(desk.conflicts)
        return f"Not saved: {places} {'place' if places == 1 else 'places'} to decide"
    if desk.changed:
        kept = "no draft" if desk.unkept else "kept as a draft"
        return f"{counted(desk.base, desk.now)}, {kept}"
    return f"Saved {told(desk.saved_at, zone)}" if desk.saved_at else "Nothing to save"


def undo_name(desk: Desk) -> str:
    """What changes whenever buttons do."""
    return f"{desk.trail.undo_name} {desk.trail.redo_name}"


def _undo_and_redo(desk: Desk) -> None:
    undo, redo = desk.trail.undo_name, desk.trail.redo_name
    st.button(f"Undo: {undo}" if undo else "Undo", key="undo", disabled=not undo, type="tertiary", width="stretch",
              icon=":material/undo:", help=f"{undo} (Ctrl+Z)" if undo else None,
              on_click=lambda: void(desk.undo()))  # fmt: skip
    st.button(f"Redo: {redo}" if redo else "Redo", key="redo", disabled=not redo, type="tertiary", width="stretch",
              icon=":material/redo:", help=f"{redo} (Ctrl+Shift+Z)" if redo else None,
              on_click=lambda: void(desk.redo()))  # fmt: skip


def void(_: object) -> None:
    """Callbacks of buttons give nothing."""


def _want_save(desk: Desk) -> None:
    """Saves once everything that was entered has become an edit: Streamlit calls the callbacks in no order of time."""
    st.session_state[_WANTED] = desk.slug


def pressed(desk: Desk, key: str) -> None:
    """Does what the component with this key was told: ``save``, ``undo`` or ``redo``, as its ``pressed``."""
    state: Any = st.session_state.get(key)
    what = state.get("pressed") if hasattr(state, "get") else None
    if what == "save":
        _want_save(desk)
    else:
        {"undo": desk.undo, "redo": desk.redo}.get(str(what), lambda: False)()


def _note_tab(desk: Desk) -> None:
    context = get_script_run_ctx()
    if context is not None and runtime.exists():
        tabs.note(context.session_id, desk.session, desk.drafts)
        tabs.sweep(runtime.get_instance().is_active_session)


@st.fragment(run_every=LOOK_AROUND_S)
def _around(desk: Desk) -> None:
    """What goes on around: looked at again and again, without touching what is being typed elsewhere."""
    if not desk.may():
        # The right was withdrawn: the page says so instead.
        st.rerun()
    _note_tab(desk)
    desk.drafts.seen(desk.session)
    with st.container(key="around", gap="small"):
        for line in who_is_here(desk.drafts.others(desk.session), desk.session.editor):
            st.caption(f":material/group: {line}")
        _news(desk)
        offers.show(desk)


def who_is_here(others: tuple[str, ...], me: str) -> list[str]:
    """A sentence for all others who have the story open, and one for one's own other tabs."""
    names = list(dict.fromkeys(literally(short_name(name)) for name in others if name != me))
    lines = []
    if names:
        lines.append(f"{listed(names)} {'has' if len(names) == 1 else 'have'} this story open")
    if me in others:
        lines.append("You have this story open in another tab")
    return lines


def _news(desk: Desk) -> None:
    try:
        news = desk.news()
    except SaveError as error:
        st.error(f"{error}. Your draft is kept; you can download your version.")
        _download(desk)
        return
    if not news:
        return
    who = listed([YOU if name == desk.session.editor else short_name(name) for name in news.authors])
    said = f"{who} saved" if who else "Someone changed the files"
    with st.container(border=True, key="news"):
        # Plain text: the sentences hold titles of the story.
        st.text(f"{said}: {news.line}")
        st.caption("It comes with your next save." if desk.changed else "You do not see it here yet.")
        if st.button("Take it over now", key="take in", width="stretch"):
            desk.take_in()
            st.rerun()


def _download(desk: Desk) -> None:
    offer_download(desk.slug, desk.now, desk.drafts, desk.session.key)


def offer_download(slug: str, story: Manuscript, drafts: Drafts, key: str) -> None:
    """A button for the version of the story that a session (``key``) has at work, or left as a draft."""
    try:
        content = packed(slug, story, drafts, key)
    except (StoryError, OSError) as error:
        st.caption(f"It can not be downloaded: {error}")
        return
    st.download_button("Download your version", content, file_name=f"{slug}-draft.zip", mime="application/zip",
                       key=f"download/{key}", width="stretch", on_click="ignore")  # fmt: skip


def packed(slug: str, story: Manuscript, drafts: Drafts, key: str) -> bytes:
    """The story's files as they are at work, with what was brought in for it, as a zip. Raises `StoryError`, `OSError`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file, content in story.contents.items():
            zipped.writestr(f"{slug}/{file}", content)
        own = drafts.place / f"{key}.files"
        for path in sorted(own.rglob("*")) if own.is_dir() else ():
            inside = path.relative_to(own)
            if path.is_file() and not inside.parts[0].startswith("."):
                zipped.write(path, f"{slug}/{inside.as_posix()}")
    return out.getvalue()
