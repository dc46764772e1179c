"""What is measured, in which unit, and what has to be reached; medians, ratios and verdicts. Pure: no input or output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

__all__ = ["FIGURES", "LIGHTHOUSE", "TARGETS", "Figure", "Target", "Verdict", "judge", "middle", "quantile"]


@dataclass(frozen=True)
class Figure:
    """One measured number. ``digits``: decimals that its noise leaves meaningful."""

    title: str
    unit: str
    digits: int = 0


FIGURES: Mapping[str, Figure] = {
    "first_map_ms": Figure("first map seen", "ms"),
    "lcp_ms": Figure("largest contentful paint", "ms"),
    "blocking_ms": Figure("total blocking time", "ms"),
    "load_task_ms": Figure("longest task while loading", "ms", 1),
    "first_scene_kb": Figure("document up to the end of the first step", "kB", 1),
    "bytes_kb": Figure("moved by the end of the story", "kB", 1),
    "requests": Figure("requests", ""),
    "change_ms": Figure("step: input to first changed frame", "ms"),
    "blank_p95_ms": Figure("step: blank map, p95", "ms"),
    "step_task_ms": Figure("longest task at a step change", "ms", 1),
    "frame_p50_ms": Figure("frames, p50", "ms", 1),
    "frame_p95_ms": Figure("frames, p95", "ms", 1),
    "frame_max_ms": Figure("frames, longest", "ms", 1),
    "dropped_pct": Figure("frames dropped", "%", 1),
    "cpu_step_ms": Figure("browser CPU for a step, jumped to", "ms"),
    "cpu_scroll_ms": Figure("browser CPU for a step, scrolled to", "ms"),
    "heap_mb": Figure("JS heap after the story", "MB", 2),
    "shift": Figure("layout shift", "", 3),
}


@dataclass(frozen=True)
class Target:
    """``figure`` of ``system`` on ``device`` has to be at most ``limit``, or ``limit`` times that of ``against``."""

    figure: str
    device: str
    system: str
    limit: float
    against: str | None = None

    def said(self) -> str:
        """The target as a reader sees it: ``≤ 0.3 × minimal``."""
        number = f"{self.limit:g}"
        if self.against:
            return f"≤ {number} × {self.against}"
        return f"≤ {number} {FIGURES[self.figure].unit}".rstrip()


TARGETS: Sequence[Target] = (
    Target("bytes_kb", "desktop", "story", 250),
    Target("first_scene_kb", "desktop", "story", 130),
    Target("requests", "desktop", "story", 1),
    Target("first_map_ms", "desktop", "story", 0.3, "minimal"),
    Target("first_map_ms", "desktop", "story", 0.1, "st_folium"),
    Target("first_map_ms", "slow phone", "story", 0.3, "minimal"),
    Target("first_map_ms", "slow phone", "story", 0.1, "st_folium"),
    Target("frame_p95_ms", "desktop", "story", 16.8),
    Target("dropped_pct", "desktop", "story", 1),
    Target("blank_p95_ms", "desktop", "story", 0),
    Target("blank_p95_ms", "slow phone", "story", 0),
    Target("cpu_step_ms", "desktop", "story, follow", 0.25, "minimal"),
    Target("cpu_step_ms", "desktop", "story, fly", 0.8, "minimal"),
    Target("step_task_ms", "desktop", "story", 16),
    Target("step_task_ms", "desktop", "story, follow", 16),
    Target("step_task_ms", "desktop", "story, fly", 16),
    Target("step_task_ms", "slow phone", "story", 50),
    Target("heap_mb", "desktop", "story", 5),
    Target("heap_mb", "slow phone", "story", 5),
    Target("shift", "desktop", "story", 0),
    Target("shift", "slow phone", "story", 0),
)
# One frame of a 60 Hz screen is 16.67 ms; browsers round it up to 16.8.

LIGHTHOUSE: Mapping[str, float] = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
"""Lowest score wanted in each category."""


@dataclass(frozen=True)
class Verdict:
    """How a target stands. ``bound`` is the number that ``value`` may reach; both None when not measured."""

    target: Target
    value: float | None
    bound: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None when that was not measured."""
        if self.value is None or self.bound is None:
            return None
        # Compared as printed: a shift of 0.0004 is no shift.
        digits = FIGURES[self.target.figure].digits
        return round(self.value, digits) <= round(self.bound, digits)

    @property
    def ratio(self) -> float | None:
        """Value over the figure compared with; None for absolute targets."""
        if self.target.against is None or self.value is None or not self.bound:
            return None
        return self.value / (self.bound / self.target.limit)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed. Raises `ValueError` when there is none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def middle(runs: Mapping[str, Sequence[float | None]]) -> dict[str, float]:
    """Median over the runs of each figure; figures that were never measured are left out."""
    known = {name: [value for value in values if value is not None] for name, values in runs.items()}
    return {name: float(median(values)) for name, values in known.items() if values}


def judge(results: Mapping[str, Any]) -> list[Verdict]:
    """One verdict for each target. ``results["devices"][device][system][figure]`` holds a number for each run."""
    medians = {
        device: {name: middle(figures) for name, figures in systems.items()}
        for device, systems in results["devices"].items()
    }

    def of(device: str, system: str, figure: str) -> float | None:
        return medians.get(device, {}).get(system, {}).get(figure)

    verdicts = []
    for target in TARGETS:
        value = of(target.device, target.system, target.figure)
        other = of(target.device, target.against, target.figure) if target.against else 1.0
        verdicts.append(Verdict(target, value, None if other is None else other * target.limit))
    return verdicts
