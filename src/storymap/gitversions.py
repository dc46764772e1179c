"""Versions of a story that a git checkout already has: the commits that touched its YAML files."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from storymap.errors import Problem, StoryError
from storymap.storyfile import STORY_FILE
from storymap.yamlsource import MAX_BYTES

__all__ = ["Commit", "commit_files", "commits"]

_FILE = re.compile(r"story(?:\.[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)?\.yaml")
_PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit that changed the story."""

    name: str
    """Its hash."""
    author: str
    time: dt.datetime
    """In UTC."""
    subject: str
    """The first line of what its author wrote about it."""


def commits(folder: Path, most: int = 200) -> tuple[Commit, ...]:
    """The newest commits that changed the story in ``folder``, newest first; none outside a git checkout, or without git."""
    said = _git(
        folder, "log", f"-{most}", "--no-show-signature", "--format=%H%x00%an%x00%ct%x00%s", "--", "story*.yaml"
    )
    found = []
    for line in (said or b"").decode("utf-8", "replace").splitlines():
        name, author, seconds, subject = line.split("\0")
        found.append(Commit(name, author, dt.datetime.fromtimestamp(int(seconds), dt.UTC), subject))
    return tuple(found)


def commit_files(folder: Path, commit: Commit) -> dict[str, bytes]:
    """The YAML files of the story as they were in ``commit``, by name. Raises `StoryError` when it had none then."""
    names = _git(folder, "ls-tree", "--name-only", "-z", commit.name, "./") if _is_name(commit.name) else None
    files: dict[str, bytes] = {}
    for name in (names or b"").decode("utf-8", "replace").split("\0"):
        content = _git(folder, "cat-file", "blob", f"{commit.name}:./{name}") if _FILE.fullmatch(name) else None
        if content is not None and len(content) <= MAX_BYTES:
            files[name] = content
    if STORY_FILE not in files:
        raise StoryError([Problem(STORY_FILE, None, "", f"commit {commit.name[:8]} holds no such story")])
    return files


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40,64}", name) is not None


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git says; None when it says no. Nothing that a repository configures is run, and nothing is written."""
    command = ["git", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-C", str(folder), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, names as arguments
            command, env=environment, capture_output=True, timeout=_PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
