"""Geographic story maps: a folder of plain files becomes one document that every shell shows.

``load(folder)`` reads a story, ``render(story)`` gives its document as HTML.
"""

from __future__ import annotations

# First of all: limits GDAL to a named list of drivers before anything can import it.
from storymap import gdal_guard as _gdal_guard  # noqa: F401 - imported for what it does
from storymap.errors import Problem, StoryError
from storymap.story import Story
from storymap.storyfile import load

__all__ = ["Problem", "Story", "StoryError", "load", "render"]


def render(story: Story) -> str:
    """The document of ``story`` as HTML. Raises `StoryError` with every problem found in its data."""
    # Imported on use: reading a story file needs no map libraries, which take a second to load.
    from storymap.document import render as render_document

    return render_document(story)
