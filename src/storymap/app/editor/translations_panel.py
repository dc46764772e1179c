"""Translations beside the original."""

from __future__ import annotations

from storymap.app.editor.desk import Desk

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the panel."""
