"""The draft as readers will see it, on a phone and on a desk, at the step at work."""

from __future__ import annotations

from storymap.app.editor.desk import Desk

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the preview."""
