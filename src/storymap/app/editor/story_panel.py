"""What belongs to the whole story: title, credits, colours, sources, corrections."""

from __future__ import annotations

from storymap.app.editor.desk import Desk

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the panel."""
