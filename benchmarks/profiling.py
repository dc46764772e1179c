"""A CPU profile of the page's main thread → where its time goes. Pure: no input or output."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

__all__ = ["by_function"]

NO_WORK = frozenset({"(idle)", "(root)"})


def by_function(profile: Mapping[str, Any], number: int = 12) -> list[tuple[str, float, float]]:
    """(function, own ms, ms with all it calls) of Chromium's ``profile``, by own time, the longest ``number``.

    ``(program)`` is the browser's own work: parsing, style, layout, drawing. A function that calls itself counts once.
    """
    nodes = {node["id"]: node for node in profile["nodes"]}
    own: dict[int, float] = defaultdict(float)
    for sample, micro in zip(profile["samples"], profile["timeDeltas"], strict=True):
        own[sample] += micro / 1000
    alone: dict[str, float] = defaultdict(float)
    whole: dict[str, float] = defaultdict(float)

    def walk(node: Mapping[str, Any], above: frozenset[str]) -> float:
        name = _name(node)
        alone[name] += own[node["id"]]
        total = own[node["id"]] + sum(walk(nodes[child], above | {name}) for child in node.get("children", ()))
        if name not in above:
            whole[name] += total
        return total

    walk(profile["nodes"][0], frozenset())
    busy = [(name, ms, whole[name]) for name, ms in alone.items() if name not in NO_WORK and ms > 0]
    return sorted(busy, key=lambda entry: -entry[1])[:number]


def _name(node: Mapping[str, Any]) -> str:
    frame = node["callFrame"]
    name = frame["functionName"] or "(anonymous)"
    return name if name.startswith("(") and frame["lineNumber"] < 0 else f"{name}:{frame['lineNumber'] + 1}"
