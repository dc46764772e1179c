"""What a screencast's frames show inside the probe: a fixed rectangle of the map. Pure: no input or output."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

__all__ = ["LAND", "SEA", "Shot", "blank_ms", "change_ms", "crop", "first_map_ms", "share"]

LAND = ("#f4f1ea",)
"""The basemap's land, the same in every system."""
SEA = ("#dce7eb", "#dddddd", "#ffffff")
"""What a map without its land shows: its sea, Leaflet's own grey, an empty frame."""
TOLERANCE = 2
"""Of 255, for each of red, green and blue: what the screencast's JPEG does to an even area."""
ENOUGH_LAND = 0.05
CHANGED = 0.002
CHANGE = 12
MORE_BACKGROUND = 0.25

Pixels = np.ndarray


@dataclass(frozen=True)
class Shot:
    """One presented frame. ``time``: milliseconds since the epoch. ``jpeg``: the whole viewport."""

    time: float
    jpeg: bytes


def crop(jpeg: bytes, box: tuple[int, int, int, int]) -> Pixels:
    """Pixels (height, width, 3) of the probe ``box``: (left, top, right, bottom) in CSS pixels."""
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB").crop(box), dtype=np.int16)


def share(pixels: Pixels, colors: Sequence[str]) -> float:
    """Share of the pixels, 0 to 1, that have one of the colours (``#rrggbb``) within the tolerance."""
    hit = np.zeros(pixels.shape[:2], dtype=bool)
    for color in colors:
        wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.int16)
        hit |= (np.abs(pixels - wanted) <= TOLERANCE).all(axis=2)
    return float(hit.mean())


def first_map_ms(shots: Sequence[Shot], start: float, box: tuple[int, int, int, int]) -> float | None:
    """From ``start`` to the first frame whose probe shows land; None when none does."""
    for shot in shots:
        if share(crop(shot.jpeg, box), LAND) >= ENOUGH_LAND:
            return shot.time - start
    return None


def change_ms(shots: Sequence[Shot], start: float, box: tuple[int, int, int, int]) -> float | None:
    """From the input at ``start`` to the first frame whose probe differs from the last one before."""
    before = [shot for shot in shots if shot.time <= start]
    if not before:
        return None
    still = crop(before[-1].jpeg, box)
    for shot in shots:
        if shot.time <= start:
            continue
        moved = np.abs(crop(shot.jpeg, box) - still).max(axis=2) > CHANGE
        if moved.mean() >= CHANGED:
            return shot.time - start
    return None


def blank_ms(shots: Sequence[Shot], box: tuple[int, int, int, int]) -> float | None:
    """Time in which the probe shows background where land belongs.

    A frame counts when the background covers a quarter of the probe more than it does at either end of the move; the
    frames before the first and after the last are the ends. None when a move starts or ends over the sea, where this
    says nothing.
    """
    if len(shots) < 2:
        return 0.0
    shares = [share(crop(shot.jpeg, box), SEA) for shot in shots]
    ends = max(shares[0], shares[-1])
    if ends > 1 - 2 * MORE_BACKGROUND:
        return None
    total = 0.0
    for shot, after, background in zip(shots, shots[1:], shares, strict=False):
        if background > ends + MORE_BACKGROUND:
            total += after.time - shot.time
    return total
