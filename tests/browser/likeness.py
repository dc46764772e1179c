"""Pictures of the map without its lettering, and how unlike two of them are.

Fonts differ between machines: letters are left out, and what they stand in over the map gets a size of its own, so that
the camera, which gives way to it, is the same everywhere. What is left differs by the smoothing of edges alone.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageChops
from playwright.sync_api import Page

__all__ = ["BLOCK", "Data", "canvas", "shrunk", "unlettered", "unlike"]

Data = dict[str, Any]
"""What the page draws from, as it stands in the document."""

BLOCK = 32
"""Side in CSS pixels of the blocks by which pictures are compared."""
FIXED = """
.stage .map-legend, .stage .map-legend[hidden] { display: block !important; width: 272px !important; height: 110px !important;
  overflow: hidden !important; white-space: nowrap !important; }
.stage .stepper { width: 138px !important; height: 38px !important; overflow: hidden !important; }
.stage .foot { height: 22px !important; overflow: hidden !important; white-space: nowrap !important; }
.stage .explore-button { width: 150px !important; height: 38px !important; overflow: hidden !important; }
@media (max-width: 55rem) { .stage .map-legend, .stage .map-legend[hidden] { display: none !important; } }
"""
DATA = re.compile(r'(<script type="application/json" id="storymap-data">)(.*?)(</script>)', re.DOTALL)


def unlettered(html: str, change: Callable[[Data], object] = lambda data: None, css: str = "") -> str:
    """A document whose map bears no letters; ``change`` may alter what it draws from, ``css`` how the page looks."""
    found = DATA.search(html)
    assert found, "the document has no data"
    data = json.loads(found[2])
    data["labels"] = []
    for drawable in data["draw"].values():
        drawable["labels"] = []
    change(data)
    said = json.dumps(data).replace("<", "\\u003c")
    html = html[: found.start(2)] + said + html[found.end(2) :]
    assert "</head>" in html
    return html.replace("</head>", f"<style>{FIXED}{css}</style></head>", 1)


def canvas(page: Page) -> Image.Image:
    """What the live map has drawn, a pixel for each CSS pixel."""
    address = page.evaluate(
        """() => {
            const canvas = document.querySelector('.map-canvas:not(.map-ghost)');
            return canvas.toDataURL('image/png');
        }"""
    )
    return Image.open(BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")


def shrunk(picture: Image.Image, by: int) -> Image.Image:
    """Each pixel the mean of ``by`` x ``by``; a rest at the right and the bottom is cut off."""
    width, height = picture.width // by * by, picture.height // by * by
    return picture.crop((0, 0, width, height)).reduce(by)


def unlike(one: Image.Image, other: Image.Image, by: int) -> tuple[float, tuple[int, int]]:
    """How unlike two shrunk pictures are where they are most unlike, and the place of that in CSS pixels.

    The mean difference of a block's pixels, in the channel that differs most, 0 to 255. Blocks overlap by half, so that
    what lies across the border of two counts in full.
    """
    if one.size != other.size:
        return 255.0, (0, 0)
    red, green, blue = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    side = BLOCK // by
    # Sums of all that lies above and left of a corner give the sum of any block.
    sums = np.pad(np.asarray(most, dtype=np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    y = np.arange(0, max(1, most.height - side + 1), side // 2)[:, None]
    x = np.arange(0, max(1, most.width - side + 1), side // 2)[None, :]
    low, right = np.minimum(y + side, most.height), np.minimum(x + side, most.width)
    blocks = (sums[low, right] - sums[y, right] - sums[low, x] + sums[y, x]) / side**2
    at = np.unravel_index(int(blocks.argmax()), blocks.shape)
    return float(blocks[at]), (int(x[0, at[1]]) * by, int(y[at[0], 0]) * by)
