"""A story whose file can not be read any more: what is wrong and where, what is kept of one's work, and ways back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from storymap.app.editor import rights
from storymap.app.editor.access import short_name
from storymap.app.editor.clock import dated, told
from storymap.app.editor.links import stories_link
from storymap.app.editor.past import Past, of_repository, saved
from storymap.app.editor.saving_bar import offer_download
from storymap.app.editor.tabs import tabs
from storymap.changes import counted
from storymap.drafts import Draft, Drafts, state_folder
from storymap.durable import SaveError
from storymap.errors import Problem, StoryError
from storymap.saving import open_story, restore

__all__ = ["said", "show"]

AROUND = 2
"""Lines of the file that are shown before and after the one that is wrong."""
MOST = 20
LOOK_AGAIN_S = 5
SAID = "what a rescue did"
FAILED = "why a rescue failed"


def show(folder: Path, editor: str, error: StoryError) -> None:
    """Shows the page in place of the editor's."""
    stories_link()
    st.title(f"“{folder.name}” can not be opened", anchor=False)
    st.write("A file of this story was changed outside the editor, and can not be read as it is now:")
    for problem in error.problems:
        _problem(folder, problem)
    st.write(
        "Correct that line in a text editor and save the file: this page then opens the story by itself. Or bring back an "
        "earlier version below."
    )
    if why := st.session_state.pop(FAILED, ""):
        st.error(why)
    _drafts(folder, editor)
    _versions(folder, editor)


def said() -> str:
    """What was brought back, to be told once the story is open again."""
    return str(st.session_state.pop(SAID, ""))


def _problem(folder: Path, problem: Problem) -> None:
    where = problem.file if problem.line is None else f"{problem.file}, line {problem.line}"
    with st.container(border=True):
        # Plain text: what the file says is not this app's words.
        st.text(f"{where}: {problem.message}")
        if problem.line is not None and (lines := _lines(folder / problem.file, problem.line)):
            st.code(lines, language=None)


def _lines(path: Path, line: int) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    shown = range(max(line - AROUND, 1), min(line + AROUND, len(text)) + 1)
    return "\n".join(f"{'→' if number == line else ' '} {number:>4}  {text[number - 1][:200]}" for number in shown)


@st.fragment(run_every=LOOK_AGAIN_S)
def _drafts(folder: Path, editor: str) -> None:
    """Unsaved work of this editor; looked for again, since a tab that was just closed still holds its own for a moment."""
    context = get_script_run_ctx()
    # The page as a whole has just looked.
    if context and context.fragment_ids_this_run and (not rights.is_still(editor) or _can_be_opened(folder)):
        st.rerun()
    if runtime.exists():
        tabs.sweep(runtime.get_instance().is_active_session)
    drafts = Drafts(folder, state_folder())
    for draft in drafts.found(editor):
        with st.container(border=True, key=f"kept/{draft.key}"):
            when = told(draft.time, st.context.timezone)
            st.write(f"**Your draft is kept** ({when}, {counted(draft.base, draft.now)})")
            st.caption("It is offered to you as soon as the story can be opened again.")
            with st.container(horizontal=True, gap="small"):
                offer_download(folder.name, draft.now, drafts, draft.key)
                st.button("Bring back the story that it began with", key=f"rescue/{draft.key}", on_click=_bring_back,
                          args=(folder, editor, _beginning(draft), "Restore the story that a draft began with"))  # fmt: skip


def _can_be_opened(folder: Path) -> bool:
    try:
        open_story(folder)
    except StoryError:
        return False
    return True


def _beginning(draft: Draft) -> Past:
    return Past(draft.key, draft.editor, draft.time, (), lambda: draft.base.contents)


def _versions(folder: Path, editor: str) -> None:
    st.header("Earlier versions", anchor=False)
    past = sorted([*saved(folder), *of_repository(folder)], key=lambda one: one.time, reverse=True)
    if not past:
        st.write("There is none: the first is kept when the story is saved in the editor.")
        return
    st.caption(
        "The story becomes what it was then, for readers as well. The file as it is now goes to the history first."
    )
    for one in past[:MOST]:
        with st.container(border=True, key=f"version/{one.key}", gap="small"):
            st.text(f"{told(one.time, st.context.timezone)} · {short_name(one.author)}")
            st.text("\n".join(f"• {sentence}" for sentence in one.sentences[:4]) or "• As it was found")
            sentence = f"Restore {one.name} of {dated(one.time, st.context.timezone)}"
            st.button(f"Restore {one.name}", key=f"restore/{one.key}",
                      on_click=partial(_bring_back, folder, editor, one, sentence))  # fmt: skip


def _bring_back(folder: Path, editor: str, one: Past, sentence: str) -> None:
    if not rights.is_still(editor):
        st.session_state[FAILED] = "Nothing was written: you may not edit here any more."
        return
    try:
        restore(folder, one.files(), editor, sentence)
    except StoryError as error:
        st.session_state[FAILED] = (
            f"Not restored, since that version could not be shown now: {str(error).splitlines()[0]}"
        )
    except SaveError as error:
        st.session_state[FAILED] = f"Not restored: {error}"
    else:
        st.session_state[SAID] = "Restored. The file that could not be read is in the history."
