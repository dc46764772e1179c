"""The texts beside the map of a preview: a version that differs in nothing else is put into the document that stands.

A document of its own takes most of a second until its map stands, and most edits are edits of a text.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["StepText", "Texts", "texts_of"]

_WORDS = re.compile(r'(?<=<div class="words">)(.*?)(?=</div>\n</div>\n</section>)', re.DOTALL)
_STEP = re.compile(r'<section class="step" id="([^"]+)"')
_LISTED = re.compile(r'(?<=<li>)(<a href="#[^"]+">)(.*?)(?=</a></li>)')
_DATA = re.compile(r'(<script type="application/json" id="storymap-data">)(.*?)(?=</script>)', re.DOTALL)
_LIST = re.compile(r'<details class="contents">.*?</details>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class StepText:
    """What is written of a step beside its map."""

    id: str
    title: str
    """As the page says it aloud."""
    listed: str
    """As it stands in the list of steps."""
    words: str
    """HTML of the text with all that belongs to it."""


@dataclass(frozen=True, slots=True)
class Texts:
    """``rest``: digest of all of the document but the texts: two documents with the same one differ in texts only."""

    rest: str
    steps: tuple[StepText, ...]


def texts_of(document: str) -> Texts:
    """The texts of a document that `document.compile_story` has made."""
    found = _DATA.search(document)
    contents = _LIST.search(document)
    words = _WORDS.findall(document)
    ids = _STEP.findall(document)
    listed = [html.unescape(title) for _, title in _LISTED.findall(contents[0])] if contents else []
    data = json.loads(found[2]) if found else {"steps": []}
    titles = [str(step.pop("title")) for step in data["steps"]]
    if not len(ids) == len(words) == len(listed) == len(titles):
        # Not as the template writes it: nothing is taken for a text, and each version is a document of its own.
        return Texts(hashlib.sha256(document.encode()).hexdigest()[:32], ())
    rest = "\n".join(_without_texts(document, json.dumps(data, sort_keys=True)))
    steps = map(StepText, ids, titles, listed, words)
    return Texts(hashlib.sha256(rest.encode()).hexdigest()[:32], tuple(steps))


def _without_texts(document: str, data: str) -> Iterator[str]:
    bare = _WORDS.sub("", _DATA.sub(r"\1", document))
    yield _LIST.sub(lambda found: _LISTED.sub(r"\1", found[0]), bare)
    yield data
