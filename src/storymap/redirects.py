"""Where stories that were renamed are now: ``redirects.yaml`` in the folder of stories, a line for each old name.

    old-name: new-name

A story that is there wins over a line with its name. Chains are collapsed when a line is added, so each old name leads
to the story in one step. Comments and lines that are not understood stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from storymap.durable import replace

__all__ = ["FILE", "add", "lead", "read", "target"]

FILE = "redirects.yaml"
HEAD = "# Old names of stories and where they are now. The app answers 308 to the old address.\n"
MOST_BYTES = 1_000_000
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_LINE = re.compile(rf"[ \t]*({_SLUG})[ \t]*:[ \t]+({_SLUG})[ \t]*(?:#.*)?")


def read(stories: Path) -> dict[str, str]:
    """Old name → name in the file. Empty when there is none, or it can not be read."""
    found: dict[str, str] = {}
    for line in _text(stories).splitlines():
        pair = _LINE.fullmatch(line)
        if pair:
            found[pair[1]] = pair[2]
    return found


def lead(name: str, table: Mapping[str, str]) -> str | None:
    """Where ``table`` leads from ``name``; None when it says nothing of it, or leads in a circle."""
    seen = {name}
    while name in table:
        name = table[name]
        if name in seen:
            return None
        seen.add(name)
    return name if len(seen) > 1 else None


def target(stories: Path, name: str) -> str | None:
    """The story that the old ``name`` leads to; None when there is a story of this name, or none to lead to."""
    if re.fullmatch(_SLUG, name) is None or _is_story(stories / name):
        return None
    table = read(stories)
    while (following := table.pop(name, None)) is not None:
        name = following
        if _is_story(stories / name):
            return name
    return None


def add(stories: Path, old: str, new: str) -> None:
    """Notes that ``old`` is called ``new``: what led to ``old`` leads to ``new``, and nothing leads away from ``new``.

    Only under the lock of the folder of stories. Raises `OSError`.
    """
    lines = []
    for line in _text(stories).splitlines():
        pair = _LINE.fullmatch(line)
        if pair is None:
            lines.append(line)
        elif pair[1] not in (old, new):
            lines.append(line if pair[2] != old else f"{pair[1]}: {new}")
    head = "" if any(line.lstrip().startswith("#") for line in lines) else HEAD
    replace(stories / FILE, (head + "".join(f"{line}\n" for line in lines) + f"{old}: {new}\n").encode())


def _text(stories: Path) -> str:
    try:
        with (stories / FILE).open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def _is_story(folder: Path) -> bool:
    return (folder / "story.yaml").is_file()
