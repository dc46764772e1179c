"""What can be wrong with a story, said in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = ["Problem", "StoryError", "nearest", "place_name"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: file (relative to the story folder), line (1-based, None when unknown), place, and the reason."""

    file: str
    line: int | None
    place: str
    message: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.place}: {self.message}" if self.place else f"{where}: {self.message}"


class StoryError(ValueError):
    """A story that can not be shown. ``problems`` holds every fault found; ``str()`` is one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def place_name(place: Sequence[str | int]) -> str:
    """``("steps", 2, "view", "fit")`` → ``steps[2].view.fit``."""
    name = ""
    for part in place:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def nearest(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'deposits'?"`` for the closest known name, or the whole list when it is short, or ``""``."""
    names = sorted(set(known))
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 12 else ""
