"""All stories: to be opened, begun, brought in, duplicated, renamed, put away, brought back and packed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from html import escape
from pathlib import Path

import streamlit as st

from storymap.app.compiled import About, Broken, Page
from storymap.app.editor import rights, stories_begin
from storymap.app.editor.links import reader_address, reader_link
from storymap.app.editor.rights import Editor
from storymap.app.library import Library
from storymap.app.serving import current_library
from storymap.changes import counted
from storymap.drafts import Drafts, state_folder
from storymap.durable import SaveError
from storymap.slugs import free, slug_of
from storymap.storyfolders import archive, bring_back, duplicate, follow, name_fault, rename, shelf
from storymap.storyzip import ZipRefused, pack

__all__ = ["show"]

STYLE = Path(__file__).with_name("stories.css").read_text(encoding="utf-8")
DOING = "stories doing"
"""Key of what is under way on this page: what, and with which story."""


def show(editor: Editor) -> None:
    """Shows the page."""
    library = current_library()
    st.html(f"<style>{STYLE}</style>")
    follow(library.stories, state_folder())
    _leave_desks()
    with st.container(key="stories-page"):
        _head(editor)
        # Each part has its place, whether anything stands in it or not: what goes from one leaves no shade in the next.
        with st.container(key="stories-said"):
            stories_begin.tell(_open)
        what, name = st.session_state.get(DOING, ("", ""))
        with st.container(key="stories-doing"):
            if what == "new":
                stories_begin.begin(library.stories, _finish)
            elif what == "import":
                stories_begin.bring_in(library.stories, _finish)
        shelved = shelf(library.stories)
        shown = [one.name for one in shelved if not one.archived]
        with st.container(key="stories-list"):
            for story in shown:
                _card(library, story, editor, what if name == story else "")
        if not shown:
            st.write("There are no stories yet. Begin one, or import one.")
        if put_away := [one.name for one in shelved if one.archived]:
            _archived(library, put_away)
        _await_pictures(library, shown)


def _head(editor: Editor) -> None:
    st.title("Stories", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", key="stories-head"):
        st.button("New story", type="primary", icon=":material/add:", key="new-story", on_click=_do, args=("new",))
        st.button("Import", icon=":material/upload:", key="import-story", on_click=_do, args=("import",))
        st.caption(f"You are {editor.name}.")


def _leave_desks() -> None:
    """This tab has left the stories that it had open: others may rename them. Their drafts stay."""
    for key in [key for key in st.session_state if str(key).startswith("desk of ")]:
        desk = st.session_state[key]
        desk.drafts.left(desk.session)


def _card(library: Library, name: str, editor: Editor, doing: str) -> None:
    about, page = library.about(name), library.find(name)
    with st.container(border=True, key=f"story-{name}"):
        picture, words = st.columns([1, 3], gap="medium", vertical_alignment="top")
        with picture:
            st.html(_picture(name, page))
        with words:
            st.html(_words(name, about, _state(library, name, about, editor)))
            with st.container():
                if isinstance(about, Broken):
                    with st.expander(f"What has to be put right ({len(about.problems)})"):
                        st.code("\n".join(about.problems), language=None, wrap_lines=True)
            with st.container():
                stories_begin.report(name)
            with st.container():
                if doing:
                    FORMS[doing](library, name, about)
                else:
                    _actions(library, name)


def _picture(name: str, page: Future[Page] | None) -> str:
    """The still of the first step, which the reader's page has as well."""
    if page is None or not page.done():
        return '<div class="still" aria-hidden="true"><span>Drawing …</span></div>'
    if isinstance(page.result(), Broken):
        return '<div class="still" aria-hidden="true"><span>No picture</span></div>'
    return f'<img class="still" src="{reader_address(name)}picture.svg" alt="" loading="lazy">'


def _words(name: str, about: About | Broken | None, states: list[str]) -> str:
    """HTML; every text of the story is escaped."""
    title, more = name, ""
    if isinstance(about, About):
        title = about.title
        count = len(about.steps)
        known = ", ".join(about.languages or (about.lang,))
        more = f"{count} step{'s' * (count != 1)} · {known} · "
    said = "".join(f'<span class="state">{escape(state)}</span>' for state in states)
    lang = f' lang="{escape(about.lang)}"' if isinstance(about, About) else ""
    address = reader_link(name, f"/story/{name}/")
    return f'<div class="story"><h2{lang}>{escape(title)}</h2><p class="about">{escape(more)}{address}</p><p>{said}</p></div>'


def _state(library: Library, name: str, about: About | Broken | None, editor: Editor) -> list[str]:
    states = []
    if isinstance(about, Broken):
        states.append("Can not be shown yet")
    drafts = Drafts(library.stories / name, state_folder())
    if found := drafts.found(editor.name):
        states.append(f"Unsaved draft: {counted(found[0].base, found[0].now)}")
    if at_work := dict.fromkeys(drafts.at_work()):
        states.append(f"Open: {', '.join(at_work)}")
    return states


def _actions(library: Library, name: str) -> None:
    with st.container(horizontal=True, gap="small", key=f"actions-{name}"):
        st.button("Edit", type="primary", key=f"open-{name}", on_click=_open, args=(name,))
        for what, label in (("duplicate", "Duplicate"), ("rename", "Rename"), ("archive", "Archive")):
            st.button(label, key=f"{what}-{name}", on_click=_do, args=(what, name))
        _export(library, name)


def _export(library: Library, name: str) -> None:
    may = rights.lasting()

    def packed() -> bytes:
        # Made when the button is pressed, on a thread of the server that no page belongs to.
        if not may():
            raise PermissionError
        return pack(library.stories / name)

    st.download_button(
        "Export", packed, f"{name}.zip", "application/zip", key=f"export-{name}", on_click="ignore",
        help="The story's folder as a zip. It can be imported again, here or elsewhere.",
    )  # fmt: skip


def _duplicate_form(library: Library, name: str, about: About | Broken | None) -> None:
    title = about.title if isinstance(about, About) else ""
    known = {one.name for one in shelf(library.stories)}
    with st.form(f"form-duplicate-{name}", border=False):
        new_title = st.text_input("Title", f"{title} (copy)" if title else "", disabled=not title)
        new = st.text_input("Name in addresses", free(f"{name}-copy"[:60], known))
        _form_buttons("Duplicate", name, lambda: _attempt(
            lambda: duplicate(library.stories, name, new.strip(), new_title.strip() or None), f"'{name}' was duplicated.",
            story=new.strip(),
        ))  # fmt: skip


def _rename_form(library: Library, name: str, _: About | Broken | None) -> None:
    with st.form(f"form-rename-{name}", border=False):
        new = st.text_input("Name in addresses", name, help="a-z, 0-9 and hyphens")
        st.caption("Readers who come by the old address are led on to the new one. The title stays as it is.")
        _form_buttons("Rename", name, lambda: _renamed(library, name, new.strip()))


def _renamed(library: Library, name: str, new: str) -> bool:
    if slug_of(new) != new and name_fault(library.stories, new):
        st.error(f"{name_fault(library.stories, new)}; '{slug_of(new, 'story')}' would do")
        return False
    st.session_state.pop(f"desk of {name}", None)
    return _attempt(
        lambda: rename(library.stories, name, new, state=state_folder()),
        f"'{name}' is now '{new}'; its old address leads there.",
    )


def _archive_form(library: Library, name: str, _: About | Broken | None) -> None:
    with st.form(f"form-archive-{name}", border=False):
        st.write(
            "Readers will be told that this story is no longer shown. Nothing is deleted, and you can bring it back."
        )
        _form_buttons("Archive", name, lambda: _attempt(
            lambda: archive(library.stories, name, _editor()), f"'{name}' was archived."
        ))  # fmt: skip


FORMS: dict[str, Callable[[Library, str, About | Broken | None], None]] = {
    "duplicate": _duplicate_form, "rename": _rename_form, "archive": _archive_form,
}  # fmt: skip


def _form_buttons(label: str, name: str, work: Callable[[], bool]) -> None:
    with st.container(horizontal=True, gap="small"):
        go = st.form_submit_button(label, type="primary", key=f"go-{label.lower()}-{name}")
        away = st.form_submit_button("Cancel", key=f"cancel-{name}")
    if away or (go and work()):
        _finish()


def _archived(library: Library, names: list[str]) -> None:
    st.header("Archived", anchor=False)
    st.caption("Readers are told that these stories are no longer shown.")
    for name in names:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"archived-{name}"):
            st.html(f'<div class="story"><h3>{escape(name)}</h3></div>', width="stretch")
            st.button("Bring back", key=f"back-{name}", on_click=_bring_back, args=(library, name))
            st.button("Edit", key=f"open-{name}", on_click=_open, args=(name,))
            _export(library, name)


def _bring_back(library: Library, name: str) -> None:
    stories_begin.hush()
    _attempt(lambda: bring_back(library.stories, name), f"'{name}' is back.", here=False)


def _attempt(work: Callable[[], object], done: str, *, here: bool = True, story: str = "") -> bool:
    """Does something that changes the folder of stories, for those who may. What goes wrong is told, ``here`` or above;
    ``story``: the one that comes of it."""
    try:
        _editor()
        work()
    except (SaveError, ZipRefused) as error:
        if here:
            st.error(str(error))
        else:
            stories_begin.say(str(error), "error")
        return False
    stories_begin.say(done, story=story)
    return True


def _editor() -> str:
    """The editor's name; asked anew, since a right may end while a page is open. Raises `SaveError`."""
    editor = rights.current_editor()
    if editor is None:
        raise SaveError("you may not edit any more: sign in again")
    return editor.name


def _do(what: str, name: str = "") -> None:
    stories_begin.hush()
    st.session_state[DOING] = (what, name)


def _open(name: str) -> None:
    stories_begin.hush()
    st.session_state.pop(DOING, None)
    st.query_params["story"] = name


def _finish() -> None:
    st.session_state.pop(DOING, None)
    st.rerun()


def _await_pictures(library: Library, names: list[str]) -> None:
    """Shows the page again when a picture that was missing is there."""

    def drawn() -> int:
        pages = (library.find(name) for name in names)
        return sum(page is not None and page.done() for page in pages)

    before = drawn()
    if before == len(names):
        return

    @st.fragment(run_every=2.0)
    def look() -> None:
        if drawn() > before:
            st.rerun()

    look()
