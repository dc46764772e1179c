"""Geographic story maps: a folder of plain files becomes one document that every shell shows.

``load(folder)`` reads a story, ``render(story)`` gives its document as HTML, ``build(story, out)`` makes a site of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

# First of all: limits GDAL to a named list of drivers before anything can import it.
from storymap import gdal_guard as _gdal_guard  # noqa: F401 - imported for what it does
from storymap.errors import Problem, StoryError
from storymap.story import Story
from storymap.storyfile import load

__all__ = ["Problem", "Story", "StoryError", "build", "load", "render"]

if TYPE_CHECKING:
    from storymap.sitebuild import Built


def render(story: Story) -> str:
    """The document of ``story`` as HTML. Raises `StoryError` with every problem found in its data."""
    # Imported on use: reading a story file needs no map libraries, which take a second to load.
    from storymap.document import render as render_document

    return render_document(story)


def build(story: Story, out: Path | str, *, url: str | None = None, single_file: bool = False) -> Built:
    """Builds ``story``, in all its languages, into the folder ``out``: plain files for any web host.

    ``url``: address that the folder will have, by default the story's own; ``single_file`` adds ``offline.html``.
    Raises `StoryError`, `storymap.sitebuild.BuildRefused`, `OSError`.
    """
    from storymap.sitebuild import build_site

    return build_site(story, Path(out), url=url, single_file=single_file)
