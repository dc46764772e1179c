"""Numbers in classes: where the limits lie, which colours they take, and how the limits are written.

Schemes are mapclassify's. Ramps are Cynthia Brewer's (ColorBrewer) and matplotlib's viridis family, read from the
table that branca ships; the file is read without importing branca, which only `webmap` may do.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from storymap.errors import nearest
from storymap.values import number

__all__ = [
    "DEFAULT_CMAP",
    "ClassError",
    "Classes",
    "Scheme",
    "classify",
    "is_qualitative",
    "ramp",
    "ramps",
    "round_sizes",
]

Scheme = Literal["quantiles", "equal_interval", "natural_breaks", "fisher_jenks", "user_defined", "pretty_breaks"]

DEFAULT_CMAP = "YlGnBu"
"""Sequential, told apart by every kind of colour vision and in grey."""
DEFAULT_K = 5
_ENOUGH = 400
"""Jenks' optimum costs the square of the values; of more than this many, as many evenly spaced ranks stand for all."""
_QUALITATIVE = ("Accent", "Dark2", "Paired", "Pastel1", "Pastel2", "Set1", "Set2", "Set3")


class ClassError(ValueError):
    """A rule that makes no classes; ``key`` is the style key at fault (``k``, ``breaks``, ``cmap``)."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of numbers: the first from ``low`` to ``upper[0]``, each later one above the limit before it."""

    low: float
    upper: tuple[float, ...]
    whole: bool
    """Whether data and limits are whole numbers, so that a class can be written ``11–20``."""

    def __len__(self) -> int:
        return len(self.upper)

    def index(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """Class of each value; values above the last limit belong to the last class."""
        return np.minimum(np.searchsorted(np.array(self.upper), values, side="left"), len(self.upper) - 1)

    def texts(self, lang: str) -> tuple[str, ...]:
        """The classes in words and in order, numbers as ``lang`` writes them: ``0–10``, ``11–20``."""
        texts = []
        before = self.low
        for place, limit in enumerate(self.upper):
            low = before + 1 if self.whole and place else before
            texts.append(_span(low, limit, lang))
            before = limit
        return tuple(texts)


def _span(low: float, high: float, lang: str) -> str:
    first, last = number(low, lang, exact=True), number(high, lang, exact=True)
    if low >= high:
        return last
    return f"{first} – {last}" if "−" in first + last else f"{first}–{last}"


def classify(
    values: Sequence[float] | NDArray[np.float64],
    *,
    scheme: Scheme = "fisher_jenks",
    k: int | None = None,
    breaks: Sequence[float] | None = None,
) -> Classes:
    """Classes for finite ``values`` (at least one) by a mapclassify scheme, ``k`` of them or fewer.

    ``breaks``: upper limits for ``user_defined``; a class is added when the data goes beyond them. Limits of the
    other schemes are rounded as far as no value changes its class, so what the legend says is true.
    ``natural_breaks`` is Jenks' optimum like ``fisher_jenks``: mapclassify's own is k-means with a random start, and a
    story compiles to the same bytes each time. Raises `ClassError`.
    """
    data = np.sort(np.asarray(values, dtype=np.float64))
    low, high = float(data[0]), float(data[-1])
    distinct = np.unique(data)
    wanted = k or DEFAULT_K
    if scheme == "user_defined":
        limits = _own_limits(breaks, high)
    elif len(distinct) <= (wanted if scheme != "pretty_breaks" else 1):
        limits = [float(value) for value in distinct]
    else:
        limits = _tidy(_scheme_limits(data, distinct, scheme, wanted), distinct)
    if scheme != "user_defined":
        low = _round_out(low, distinct, up=False)
    whole = bool(np.all(data == np.rint(data))) and all(float(limit).is_integer() for limit in (low, *limits))
    return Classes(min(low, limits[0]), tuple(limits), whole)


def _own_limits(breaks: Sequence[float] | None, high: float) -> list[float]:
    if not breaks:
        raise ClassError("breaks", "scheme user_defined needs 'breaks', the upper limits of its classes")
    limits = [float(limit) for limit in breaks]
    if any(second <= first for first, second in itertools.pairwise(limits)):
        raise ClassError("breaks", "breaks must rise: write them from the smallest to the largest, each once")
    return [*limits, high] if high > limits[-1] else limits


def _scheme_limits(data: NDArray[np.float64], distinct: NDArray[np.float64], scheme: Scheme, k: int) -> list[float]:
    # mapclassify brings scipy and scikit-learn: seconds that a story without classes need not wait.
    import mapclassify

    makers: dict[str, Any] = {
        "quantiles": mapclassify.Quantiles,
        "equal_interval": mapclassify.EqualInterval,
        "pretty_breaks": mapclassify.PrettyBreaks,
        "natural_breaks": mapclassify.FisherJenks,
        "fisher_jenks": mapclassify.FisherJenks,
    }
    if scheme in {"natural_breaks", "fisher_jenks"} and len(data) > _ENOUGH:
        ranks = np.linspace(0, len(data) - 1, _ENOUGH).round().astype(int)
        data = data[ranks] if len(np.unique(data[ranks])) >= k else distinct
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = makers[scheme](data, k=k)
    return [float(limit) for limit in made.bins]


def _tidy(limits: Sequence[float], distinct: NDArray[np.float64]) -> list[float]:
    """Limits as round as they can be with every value in its class; classes without values at the ends are dropped."""
    bottom, top = float(distinct[0]), float(distinct[-1])
    inner = [limit for limit in sorted(set(limits)) if bottom <= limit < top]
    last = min((limit for limit in limits if limit >= top), default=top)
    tidy: list[float] = []
    for before, limit, after in zip([bottom, *inner], inner, [*inner[1:], last], strict=False):
        place = int(np.searchsorted(distinct, limit, side="right"))
        room = 0.15 * min(limit - before or after - limit, after - limit)
        low = max(float(distinct[place - 1]), limit - room)
        tidy.append(_roundest(limit, low, min(float(distinct[place]), limit + room)))
    return [*tidy, _round_out(last, distinct, up=True)]


def _roundest(limit: float, low: float, high: float) -> float:
    """The number of fewest digits near ``limit`` that is at least ``low`` and below ``high``."""
    largest = math.floor(math.log10(max(abs(low), abs(high)))) + 1
    for power in range(largest, largest - 16, -1):
        for step in (10.0**power, 5 * 10.0 ** (power - 1)):
            near = sorted((math.floor(limit / step), math.ceil(limit / step)), key=lambda n: abs(n * step - limit))
            for rounded in (float(f"{n * step:.12g}") for n in near):
                if low <= rounded < high:
                    return rounded
    return limit


def _round_out(value: float, distinct: NDArray[np.float64], *, up: bool) -> float:
    """An end of the data, rounded outwards by less than a hundredth of its range; whole numbers stay as they are."""
    spread = float(distinct[-1] - distinct[0])
    if spread == 0 or value.is_integer():
        return value
    step = 10.0 ** math.floor(math.log10(spread / 100))
    rounded = float(f"{(math.ceil if up else math.floor)(value / step) * step:.12g}")
    return rounded if (rounded >= value) == up else value


@cache
def _ramps() -> dict[str, dict[int, tuple[str, ...]]]:
    """Name → number of colours → colours from low to high."""
    spec = importlib.util.find_spec("branca")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("branca, which holds the colour ramps, is not installed")
    table = json.loads((Path(spec.submodule_search_locations[0]) / "_schemes.json").read_text(encoding="utf-8"))
    ramps: dict[str, dict[int, tuple[str, ...]]] = {}
    for full, colors in table.items():
        name = re.sub(r"_\d+$", "", full)
        ramps.setdefault(name, {})[len(colors)] = tuple(color.lower() for color in colors)
    return ramps


def ramps() -> dict[str, Literal["sequential", "diverging", "qualitative"]]:
    """The names of all ramps, each with what it is for: less to more, two ways from a middle, or categories."""
    return {
        name: "qualitative" if is_qualitative(name) else "diverging" if max(sizes) == 11 else "sequential"
        for name, sizes in sorted(_ramps().items())
    }


def is_qualitative(cmap: str) -> bool:
    """Whether a ramp is a set of unrelated colours (`Set2`), for categories."""
    return re.sub(r"_\d+$", "", cmap) in _QUALITATIVE


def ramp(cmap: str, k: int, *, skip_light: bool = False) -> tuple[str, ...]:
    """``k`` colours from low to high of a ColorBrewer ramp (``YlGnBu``, ``YlGnBu_05``) or of viridis and its kin.

    Brewer's own selection for ``k`` where there is one; else evenly from the longest. ``skip_light`` leaves out the
    lightest three colours of sequential ramps, which vanish as thin lines and small symbols. Raises `ClassError` for an
    unknown name.
    """
    name, _, size = cmap.partition("_")
    sizes = _ramps().get(name)
    if sizes is None or (size and int(size) not in sizes):
        known = _ramps() if sizes is None else [f"{name}_{n:02d}" for n in sizes]
        raise ClassError("cmap", f"no colour ramp '{cmap}'{nearest(cmap, known)}")
    # ColorBrewer's sequential ramps have nine steps and run from light to dark.
    if skip_light and max(sizes) == 9 and not is_qualitative(name) and not size:
        return _evenly(sizes[9][max(0, min(3, 9 - k)) :], k)
    colors = sizes[int(size)] if size else sizes.get(k) or sizes[max(sizes) if k > 3 else min(sizes)]
    return _evenly(colors, k)


def _evenly(colors: tuple[str, ...], k: int) -> tuple[str, ...]:
    if k == 1:
        return (colors[len(colors) // 2],)
    return tuple(colors[round(n * (len(colors) - 1) / (k - 1))] for n in range(k))


def round_sizes(largest: float) -> tuple[float, ...]:
    """Two or three round numbers (1, 2, 5 and their tens) up to ``largest``, from large to small, for a legend of sizes.

    Each is at most two fifths of the one before, so that their circles can be told apart.
    """
    power = 10.0 ** math.floor(math.log10(largest))
    steps = [float(f"{factor * power / scale:.12g}") for scale in (1, 10, 100) for factor in (5, 2, 1)]
    kept: list[float] = []
    for step in steps:
        if step <= largest * (1 + 1e-12) and (not kept or step <= kept[-1] * 0.4):
            kept.append(step)
    return tuple(kept[:3])
