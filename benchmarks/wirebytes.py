"""Where a document's bytes go: its parts in order, each with what it adds to the compressed stream. Pure."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator

import brotli

__all__ = ["breakdown", "first_scene"]

PARTS = (
    ("styles", re.compile(r"<style>.*?</style>", re.DOTALL)),
    ("first stills (hero)", re.compile(r'<div class="hero">.*?</div>\s*<div class="map"', re.DOTALL)),
    ("legends", re.compile(r"<figcaption><ul class=\"legend.*?</ul>", re.DOTALL)),
    ("stills", re.compile(r'<div class="still".*?</svg></div>', re.DOTALL)),
    ("figures", re.compile(r'<figure class="(?!key|media).*?</figure>', re.DOTALL)),
    ("sources", re.compile(r'<details class="sources">.*?</details>', re.DOTALL)),
    ("geometry", re.compile(r'<svg class="defs".*?</svg>', re.DOTALL)),
    ("data for the script", re.compile(r'<script type="application/json".*?</script>', re.DOTALL)),
    ("Leaflet's styles", re.compile(r'<script type="text/css".*?</script>', re.DOTALL)),
    ("Leaflet", re.compile(r"<script>/\* @preserve.*?</script>", re.DOTALL)),
    ("page script", re.compile(r"<script>\(function\(\)\{.*?</script>", re.DOTALL)),
    ("map script (folium)", re.compile(r"<script>(?![(/]).*?</script>", re.DOTALL)),
)
REST = "text and markup"


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    """(name, text) in order; nothing is left out and nothing comes twice."""
    found = sorted((match.start(), -match.end(), name) for name, pattern in PARTS for match in pattern.finditer(html))
    at = 0
    for start, end, name in found:
        if start < at:  # inside a part that began before
            continue
        if start > at:
            yield REST, html[at:start]
        yield name, html[start:-end]
        at = -end
    yield REST, html[at:]


def breakdown(html: str) -> dict[str, tuple[int, int]]:
    """(plain bytes, bytes in the gzip stream) of each part, largest first.

    Parts are compressed one after the other in one stream, as they are sent; the marks between them cost a few bytes.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, text in _pieces(html):
        content = text.encode()
        out[name][0] += len(content)
        out[name][1] += len(packer.compress(content)) + len(packer.flush(zlib.Z_SYNC_FLUSH))
    return dict(
        sorted(((name, (plain, packed)) for name, (plain, packed) in out.items()), key=lambda item: -item[1][1])
    )


def first_scene(html: str, end: str) -> int:
    """Bytes in Brotli that a reader needs up to and with the first ``end``. Raises `ValueError` without one."""
    packer = brotli.Compressor(quality=11)
    upto = html[: html.index(end) + len(end)].encode()
    return len(packer.process(upto)) + len(packer.flush())
