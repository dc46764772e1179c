"""Chromium's trace events → the main thread's tasks. Pure: no input or output."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CATEGORIES", "Task", "blocking_ms", "frame_figures", "main_tasks"]

CATEGORIES = (
    "-*",
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "toplevel",
    "__metadata",
    "blink.user_timing",
)
TASKS = frozenset({"ThreadControllerImpl::RunTask", "RunTask", "ThreadPool_RunTask"})
FRAME_MS = 1000 / 60
FEW = 5


@dataclass(frozen=True)
class Task:
    """A task of the main thread. ``start``: trace clock, ms. ``cpu``, ``wall``: ms. ``parts``: (what, CPU ms), longest first."""

    start: float
    cpu: float
    wall: float
    parts: tuple[tuple[str, float], ...] = ()


def main_tasks(events: Sequence[Mapping[str, Any]], shortest: float = 4.0) -> list[Task]:
    """Tasks of at least ``shortest`` ms CPU on the main thread of the renderer that did most, in order of time."""
    threads = _renderer_threads(events)
    by_thread: dict[tuple[int, int], list[Mapping[str, Any]]] = defaultdict(list)
    for event in events:
        if event.get("ph") == "X" and (event["pid"], event["tid"]) in threads:
            by_thread[event["pid"], event["tid"]].append(event)
    if not by_thread:
        return []
    busiest = max(by_thread.values(), key=lambda own: sum(e.get("tdur", 0) for e in own if e["name"] in TASKS))
    tops = _outermost([e for e in busiest if e["name"] in TASKS and e.get("tdur", 0) / 1000 >= shortest])
    inner = [e for e in busiest if e["name"] not in TASKS]
    return sorted((_task(event, inner) for event in tops), key=lambda task: task.start)


def _renderer_threads(events: Iterable[Mapping[str, Any]]) -> set[tuple[int, int]]:
    return {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }


def _outermost(tasks: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Without tasks inside others: Chromium reports one task under two names."""
    out: list[Mapping[str, Any]] = []
    for task in sorted(tasks, key=lambda task: (task["ts"], -task["dur"])):
        if not out or task["ts"] >= out[-1]["ts"] + out[-1]["dur"]:
            out.append(task)
    return out


def _task(event: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> Task:
    start, end = event["ts"], event["ts"] + event["dur"]
    parts: dict[str, float] = defaultdict(float)
    for other in others:
        if start <= other["ts"] and other["ts"] + other.get("dur", 0) <= end:
            parts[_name(other)] += other.get("tdur", 0) / 1000
    longest = sorted(parts.items(), key=lambda part: -part[1])[:FEW]
    return Task(
        start / 1000,
        event["tdur"] / 1000,
        event["dur"] / 1000,
        tuple((n, round(ms, 1)) for n, ms in longest if ms >= 1),
    )


def _name(event: Mapping[str, Any]) -> str:
    data = event.get("args", {}).get("data", {}) or {}
    function = data.get("functionName") if isinstance(data, Mapping) else None
    return f"{event['name']} {function}".strip() if function else str(event["name"])


def blocking_ms(durations: Iterable[float]) -> float:
    """Total blocking time of long tasks: what each has over 50 ms."""
    return sum(max(0.0, duration - 50) for duration in durations)


def frame_figures(moments: Sequence[float]) -> dict[str, float]:
    """p50, p95, longest and share dropped (in %) of the intervals between ``moments``, ms at which frames began.

    An interval of n frames' length has dropped n - 1.
    """
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    if not gaps:
        return {}
    ordered = sorted(gaps)
    dropped = sum(max(0, round(gap / FRAME_MS) - 1) for gap in gaps)

    def at(part: float) -> float:
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    return {
        "frame_p50_ms": at(0.5),
        "frame_p95_ms": at(0.95),
        "frame_max_ms": ordered[-1],
        "dropped_pct": 100 * dropped / (dropped + len(gaps)),
    }
