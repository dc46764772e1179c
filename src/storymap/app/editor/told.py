"""Short lines beside a field: what is wrong with what was entered, and what it means."""

from __future__ import annotations

from contextlib import AbstractContextManager
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

__all__ = ["beside", "fault", "literally", "note", "style"]

_STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def style() -> None:
    """The look of these lines, once for each panel that has them."""
    st.html(f"<style>{_STYLE}</style>")


def beside() -> AbstractContextManager[Any]:
    """A place that is there whether or not anything stands in it.

    What comes and goes above a field without one moves the field to another place on the page: the browser then makes it
    anew, and what was just being typed in it is lost.
    """
    return st.container(gap="xsmall")


def fault(text: str) -> None:
    """What is wrong, in one line. Text of the story may be in it: it is escaped."""
    said = f"{text[:1].upper()}{text[1:]}"
    said += "" if said.endswith((".", "!", "?")) else "."
    st.html(f'<p class="told-fault" role="alert">{escape(said)}</p>')


def note(text: str) -> None:
    """What there is to know, in one quiet line."""
    st.html(f'<p class="told-note">{escape(text)}</p>')


def literally(text: str) -> str:
    """A text that Markdown shows as it is."""
    return "".join(f"\\{character}" if character in r"\`*_{}[]()#+-.!|:$~<>&" else character for character in text)
