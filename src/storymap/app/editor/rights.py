"""Who may edit: on the machine itself everyone, elsewhere those whom the operator names. Asked on the server, at every use."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

from storymap.app.uploads import register

__all__ = ["Editor", "closed", "current_editor", "permit_uploads"]

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Editor:
    """Someone who may edit: the name that others and the history read."""

    name: str


def current_editor() -> Editor | None:
    """The editor whose browser asks; None for everyone who may only read."""
    from streamlit import config

    if str(config.get_option("server.address") or "") in LOCAL:
        return Editor(_own_name())
    return None


def permit_uploads() -> None:
    """Lets this tab upload; called where `current_editor` has just found an editor."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    if context is not None:
        register.permit(context.session_id, lambda: True)


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "editor"


def closed() -> None:
    """Says why the editor is closed, and how to open it."""
    import streamlit as st

    st.title("The editor is closed")
    st.write("It is open on the machine that the app runs on. Anywhere else, the operator first names who may edit.")
