"""How colours look to readers who do not see all of them, and how far apart two colours are.

What a reader without one kind of cone sees is simulated after Machado, Oliveira and Fernandes (2009), "A
physiologically-based model for simulation of color vision deficiency", with their matrices for severity 1 in linear
RGB. Distances are CIEDE2000, under D65.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

__all__ = ["ALIKE", "VISIONS", "Vision", "blended", "difference", "nearest_pair", "simulate", "six_digits"]

Vision = Literal["full", "protan", "deutan", "tritan"]
VISIONS: tuple[Vision, ...] = ("full", "protan", "deutan", "tritan")
"""Full colour vision; without the cones for red (1 man in 100), for green (1 in 100), for blue (1 in 10 000)."""

ALIKE = 9.0
"""Two colours closer than this (CIEDE2000) are hard to tell apart where they do not touch. The colours that this
project deals out by itself are further apart for every vision."""

_Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
_MACHADO: Mapping[Vision, _Matrix] = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
_TO_XYZ: _Matrix = (
    (0.4123907993, 0.3575843394, 0.1804807884),
    (0.2126390059, 0.7151686788, 0.0721923154),
    (0.0193308187, 0.1191947798, 0.9505321522),
)
_WHITE = (0.9504559271, 1.0, 1.0890577508)


def six_digits(color: str) -> str:
    """``#rgb`` or ``#rrggbb`` as ``#rrggbb``, in small letters."""
    digits = color.lstrip("#").lower()
    return "#" + ("".join(2 * digit for digit in digits) if len(digits) == 3 else digits)


def simulate(color: str, vision: Vision) -> str:
    """``#rrggbb`` as it looks to a reader with this vision, ``#rrggbb``."""
    if vision == "full":
        return color
    linear = _times(_MACHADO[vision], _linear(color))
    return _hex(min(1.0, max(0.0, part)) for part in linear)


def blended(color: str, ground: str, opacity: float) -> str:
    """``color`` as seen on ``ground`` when it covers it by ``opacity`` (0 to 1); mixed as browsers mix."""
    over, under = _bytes(color), _bytes(ground)
    mixed = (round(b + (a - b) * opacity) for a, b in zip(over, under, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


@lru_cache(maxsize=4096)
def difference(one: str, other: str) -> float:
    """How far two colours ``#rrggbb`` are apart (CIEDE2000): 0 equal, 1 just seen side by side, 100 black and white."""
    return _ciede2000(_lab(one), _lab(other))


def nearest_pair(colors: Sequence[str], vision: Vision) -> float:
    """Distance of the two of ``colors`` that look most alike to this vision; infinite for fewer than two."""
    cast = [simulate(color, vision) for color in colors]
    return min((difference(one, other) for one, other in itertools.combinations(cast, 2)), default=math.inf)


def _bytes(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _linear(color: str) -> tuple[float, float, float]:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (byte / 255 for byte in _bytes(color))
    )
    return red, green, blue


def _hex(linear: Iterable[float]) -> str:
    parts = (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in linear)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _times(matrix: _Matrix, vector: tuple[float, float, float]) -> tuple[float, float, float]:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def _lab(color: str) -> tuple[float, float, float]:
    def f(t: float) -> float:
        return t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116

    x, y, z = (f(part / white) for part, white in zip(_times(_TO_XYZ, _linear(color)), _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _ciede2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Sharma, Wu and Dalal (2005), "The CIEDE2000 color-difference formula"."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - math.sqrt(mean7 / (mean7 + 25**7)))
    c1, c2 = math.hypot(a1 * stretch, b1), math.hypot(a2 * stretch, b2)
    h1, h2 = _hue(a1 * stretch, b1), _hue(a2 * stretch, b2)
    turn = _turn(h1, h2) if c1 * c2 else 0.0
    lightness, chroma = l2 - l1, c2 - c1
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    l_mean, c_mean = (l1 + l2) / 2, (c1 + c2) / 2
    h_mean = h1 + turn / 2 if c1 * c2 else h1 + h2
    t = (
        1
        - 0.17 * math.cos(math.radians(h_mean - 30))
        + 0.24 * math.cos(math.radians(2 * h_mean))
        + 0.32 * math.cos(math.radians(3 * h_mean + 6))
        - 0.20 * math.cos(math.radians(4 * h_mean - 63))
    )
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / math.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t
    around = math.exp(-((((h_mean % 360) - 275) / 25) ** 2))
    rotate = -2 * math.sqrt(c_mean**7 / (c_mean**7 + 25**7)) * math.sin(math.radians(60 * around))
    l_, c_, h_ = lightness / s_l, chroma / s_c, hue / s_h
    return math.sqrt(max(0.0, l_ * l_ + c_ * c_ + h_ * h_ + rotate * c_ * h_))


def _hue(a: float, b: float) -> float:
    return math.degrees(math.atan2(b, a)) % 360 if a or b else 0.0


def _turn(one: float, other: float) -> float:
    """From one hue to another the shorter way, -180 to 180 degrees."""
    turn = other - one
    return turn - 360 if turn > 180 else turn + 360 if turn < -180 else turn
