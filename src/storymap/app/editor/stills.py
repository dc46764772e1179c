"""Small pictures of steps for the list at the side: drawn one after the other beside the page, and kept."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from storymap.manuscript import Data
from storymap.raster import png
from storymap.yamlmatch import identity

__all__ = ["Stills", "picture_key", "small"]

WIDE, HIGH = 162, 108
"""Pixels of a picture, for 54 x 36 of the page on a fine screen."""
_OF_A_MAP = ("view", "tone", "without", "show")


def picture_key(data: Data, step: Data) -> str:
    """Names what the picture of a step is made of, so that an edit of words draws nothing anew."""
    shown = {identity(one) for one in step.get("show") or []}
    view = step.get("view")
    fit = view.get("fit") if isinstance(view, dict) else None
    framed = {str(ref).split("/")[0] for ref in ([fit] if isinstance(fit, str) else fit or [])}
    layers = [one for one in data.get("layers") or [] if isinstance(one, dict) and one.get("id") in shown | framed]
    said = [
        {key: step.get(key) for key in _OF_A_MAP}, layers, data.get("theme"), data.get("basemap"), data.get("lang"),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def small(svg: str) -> str:
    """A still as a ``data:`` address of some kilobytes. Raises `ValueError`."""
    with Image.open(io.BytesIO(png(svg, zoom=0.25))) as picture:
        flat = picture.convert("RGB")
    width = min(flat.width, round(flat.height * WIDE / HIGH))
    left = (flat.width - width) // 2
    cut = flat.crop((left, 0, left + width, flat.height)).resize((WIDE, HIGH), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    cut.save(out, "WEBP", quality=72)
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"


class Stills:
    """Pictures by `picture_key`. For all threads."""

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._made: OrderedDict[str, str] = OrderedDict()
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        # One: the page that is edited goes first.
        self._hands = ThreadPoolExecutor(1, "stills")

    def get(self, key: str, draw: Callable[[], str] | None) -> str | None:
        """The picture; None until ``draw``, which gives the still as SVG, was called beside the page. "" for none."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
            if draw is None or key in self._waiting:
                return None
            self._waiting.add(key)
        self._hands.submit(self._make, key, draw)
        return None

    @property
    def busy(self) -> bool:
        """Whether pictures are on their way."""
        with self._lock:
            return bool(self._waiting)

    def _make(self, key: str, draw: Callable[[], str]) -> None:
        try:
            picture = small(draw())
        except Exception:  # noqa: BLE001 - a list without a picture still lists
            picture = ""
        with self._lock:
            self._made[key] = picture
            self._waiting.discard(key)
            while len(self._made) > self._most:
                self._made.popitem(last=False)
