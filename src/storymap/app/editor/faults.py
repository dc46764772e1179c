"""What is wrong with a draft, in words for its editor, with the place where it is put right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storymap.errors import Problem
from storymap.manuscript import Data

__all__ = ["PANELS", "Fault", "faults_of"]

PANELS = ("Text", "Map view", "Layers", "Data", "Story", "Translations")
"""Where faults are put right."""

STEP_PANELS = {"view": "Map view", "move": "Map view", "tone": "Map view", "without": "Map view", "show": "Layers"}
"""Panels of a step's parts; all others are texts."""
PARTS = {
    "view": "map view", "show": "layers", "alt": "map in words", "media": "picture or sound", "quote": "quotation",
    "figure": "chart", "when": "time", "must_see": "what must be seen", "fit": "what is framed", "bounds": "frame",
    "max_zoom": "closest zoom", "source": "data", "legend": "legend text", "tooltip": "fields shown on a click",
    "label": "labels",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One sentence, and where to go: a panel of the editor, and a step."""

    text: str
    panel: str = ""
    step: str = ""


def faults_of(problems: Iterable[Problem], data: Data) -> tuple[Fault, ...]:
    """The faults of a draft whose ``story.yaml`` says ``data``."""
    return tuple(_fault(problem, data) for problem in problems)


def _fault(problem: Problem, data: Data) -> Fault:
    translated = re.fullmatch(r"story\.([A-Za-z-]+)\.yaml", problem.file)
    if translated:
        where = f"Translation '{translated[1]}', {problem.place}" if problem.place else f"Translation '{translated[1]}'"
        return Fault(_sentence(where, problem.message), "Translations")
    if problem.file != "story.yaml":
        return Fault(_sentence(problem.file, problem.message))
    kind, number, part = _taken_apart(problem.place)
    entry = _entry(data, kind, number)
    if kind == "steps" and number is not None:
        name = f"Step '{entry.get('title') or entry.get('id') or number + 1}'"
        panel = STEP_PANELS.get(part[0] if part else "", "Text")
        return Fault(_sentence(_place(name, part), problem.message), panel, str(entry.get("id") or ""))
    if kind == "layers" and number is not None:
        name = f"Layer '{entry.get('title') or entry.get('id') or number + 1}'"
        return Fault(_sentence(_place(name, part), problem.message), "Data" if part[:1] == ["source"] else "Layers")
    return Fault(_sentence(_place("Story", re.findall(r"[^.\[\]]+", problem.place)), problem.message), "Story")


def _taken_apart(place: str) -> tuple[str, int | None, list[str]]:
    """``steps[2].view.fit`` → (``steps``, 2, [``view``, ``fit``])."""
    found = re.match(r"(steps|layers)\[(\d+)\]\.?", place)
    if found is None:
        return "", None, []
    return found[1], int(found[2]), re.findall(r"[^.\[\]]+", place[found.end() :])


def _entry(data: Data, kind: str, number: int | None) -> Data:
    items = data.get(kind)
    if isinstance(items, list) and number is not None and number < len(items) and isinstance(items[number], dict):
        return dict(items[number])
    return {}


def _place(name: str, parts: Sequence[str]) -> str:
    """The innermost part that has a name among people."""
    named = [PARTS.get(part, part.replace("_", " ")) for part in parts if not part.isdigit()]
    return f"{name}, {named[-1]}" if named else name


def _sentence(where: str, message: str) -> str:
    end = "" if message.endswith((".", "?", "!")) else "."
    return f"{where}: {message}{end}"
