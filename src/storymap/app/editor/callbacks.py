"""What an editor enters is never answered by a page that is gone: where an entry can not be carried out, a line says so.

Streamlit runs the callbacks of widgets before the page is made, and one that fails leaves nothing of the page. It has no
hook for that, so all callbacks are led through here at the one place where it runs them. Should that place go, a failing
callback is answered as before, by a page that says sorry; a test tells.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.session_state import SessionState

from storymap.durable import SaveError
from storymap.edits import EditError
from storymap.errors import StoryError
from storymap.geocontent import GeodataError

__all__ = ["guard", "show"]

log = logging.getLogger(__name__)
_PLACE = "_run_callback_and_record_rerun"
_FAILED = "entries that could not be carried out"
_SAID = (EditError, SaveError, StoryError, GeodataError, OSError)
"""Errors whose text is written for people."""


def guard() -> None:
    """Leads the callbacks of this process through here, once; those of pages without `show` fail as ever."""
    run_one: Callable[..., None] | None = getattr(SessionState, _PLACE, None)
    if run_one is None or hasattr(run_one, "guarded"):
        return

    def guarded(state: Any, votes: Any, run: Callable[[], None]) -> None:
        def safely() -> None:
            try:
                run()
            except Exception as error:
                if _FAILED not in st.session_state:
                    raise
                log.exception("an entry could not be carried out")
                st.session_state[_FAILED] = [*st.session_state[_FAILED], _line(error)]
                context = get_script_run_ctx()
                if context is not None and context.fragment_ids_this_run:
                    # A part of the page that is made alone does not tell.
                    st.rerun()

        run_one(state, votes, safely)

    guarded.guarded = True  # type: ignore[attr-defined]
    setattr(SessionState, _PLACE, guarded)


def _line(error: Exception) -> str:
    """One line for the editor; what only a programmer understands stands in the log."""
    if isinstance(error, _SAID):
        said = str(error).splitlines() or [""]
        return f"That could not be done: {said[0].rstrip('.')}. Your draft is kept."
    return (
        f"That could not be done; the fault is ours ({type(error).__name__}, in the server's log). Your draft is kept as "
        "it was before."
    )


def show() -> None:
    """Tells what could not be done since the page was made last."""
    failed = st.session_state.get(_FAILED, ())
    st.session_state[_FAILED] = []
    for line in dict.fromkeys(failed):
        st.error(line)
