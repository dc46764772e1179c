"""Two versions of a story as readers would see them, in frames beside each other."""

from __future__ import annotations

from storymap.app.editor.desk import Desk
from storymap.manuscript import Manuscript

__all__ = ["side_by_side"]


def side_by_side(desk: Desk, versions: tuple[Manuscript, Manuscript], names: tuple[str, str], step: str) -> None:
    """Shows both at the step."""
