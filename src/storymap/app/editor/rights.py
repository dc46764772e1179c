"""Who may edit: on the machine itself everyone, elsewhere those whom the operator names. Asked on the server, at every use."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

__all__ = ["Editor", "closed", "current_editor"]

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
