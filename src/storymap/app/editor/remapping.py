"""The maps of a preview: a version that differs in nothing but them, and the texts, is drawn in the document that stands.

A document of its own has to be read, laid out and its scripts started anew, in each screen that is shown; the one that
stands only takes what it draws from (page/js/desk.js, ``redraw``).
"""

from __future__ import annotations

import hashlib
import json
import re

__all__ = ["frame_of"]

_PARTS = (
    re.compile(r'(?<=<meta http-equiv="Content-Security-Policy" content=")[^"]*'),
    re.compile(r'(?<=<div class="stage" data-tone=")[^"]*'),
    re.compile(r'(?<=<div class="hero">).*?(?=</div>\n<div class="map")', re.DOTALL),
    re.compile(r'(?<=role="img" aria-label=")[^"]*(?="></div>\n<div class="corner")'),
    re.compile(r'(?<=<p class="map-credits">).*?(?=</p>)'),
    re.compile(r'(?<=<figure class="key")[^>]*>.*?(?=</figure>)', re.DOTALL),
    re.compile(r'(?<=<div class="words">).*?(?=</div>\n</div>\n</section>)', re.DOTALL),
    re.compile(r'(?<=<details class="contents">).*?(?=</details>)', re.DOTALL),
    re.compile(r'(?<=<footer class="about">).*?(?=</footer>)', re.DOTALL),
    re.compile(
        r'(?<=<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>).*?(?=</defs>)'
    ),
    # Where the camera begins, which a story that has begun no longer asks.
    re.compile(r"(?<=<script>)\s*var map_\w+ = L\.map\(.*?(?=</script>)", re.DOTALL),
)
_SECTION = re.compile(r'(<section class="step" id="[^"]+") data-tone="[^"]*" data-credits="[^"]*"')
_DATA = re.compile(r'(?<=<script type="application/json" id="storymap-data">).*?(?=</script>)', re.DOTALL)
_DRAWN = ("paths", "levels", "labels", "draw")


def frame_of(document: str) -> str:
    """Digest of all that the page of a document does not draw anew in place: two documents with the same one have the
    same steps, in the same order, and differ in their maps and texts only."""
    bare = document
    for part in _PARTS:
        bare = part.sub("", bare)
    bare = _DATA.sub(lambda found: _rest(found[0]), _SECTION.sub(r"\1", bare))
    return hashlib.sha256(bare.encode()).hexdigest()[:32]


def _rest(data: str) -> str:
    told = json.loads(data)
    for name in _DRAWN:
        told.pop(name)
    told["steps"] = [step["id"] for step in told["steps"]]
    return json.dumps(told, sort_keys=True)
