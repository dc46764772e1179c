"""The words of the step at work: title, date, text, quotation, picture, figure, sources."""

from __future__ import annotations

from storymap.app.editor import fields
from storymap.app.editor.desk import Desk

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the panel."""
    at = ("steps", desk.step)
    fields.text(desk, (*at, "title"), "Title")
    fields.text(desk, (*at, "when"), "Time, as readers see it")
    fields.area(desk, (*at, "text"), "Text", height=260)
    fields.area(desk, (*at, "alt"), "What the map shows, in words")
