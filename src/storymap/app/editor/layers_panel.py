"""Which layers the map shows, in which order, and how each is drawn."""

from __future__ import annotations

from storymap.app.editor.desk import Desk

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the panel."""
