"""A story that is not yet in any folder: what its ``story.yaml`` is to say, and the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from storymap.manuscript import plain
from storymap.storyfile import STORY_FILE, dump, from_source
from storymap.yamlsource import YamlSource

__all__ = ["NewStory"]


@dataclass(frozen=True)
class NewStory:
    """A story from a template, a spreadsheet or another program."""

    data: Mapping[str, Any]
    """What ``story.yaml`` says, as plain data."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Data, media and notes by their name in the folder."""

    @property
    def title(self) -> str:
        """The story's title."""
        return str(self.data.get("title") or "")

    def write(self, folder: Path) -> None:
        """Writes all files into ``folder``, in the manner of this project, without comments.

        Raises `StoryError` when it makes no story that can be shown, `OSError`.
        """
        for name, content in self.files.items():
            path = folder / PurePosixPath(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        story = from_source(YamlSource(plain(dict(self.data))), folder)
        (folder / STORY_FILE).write_text(dump(story), encoding="utf-8")
