"""Results → tables, for the terminal and for docs/performance.md. Pure: no input or output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from targets import FIGURES, LIGHTHOUSE, Verdict, judge, middle

__all__ = ["MARKS", "replace_between", "tables"]

WORDS = {True: "met", False: "**missed**", None: "not measured"}
MARKS = ("<!-- results: made by benchmarks/run.py -->", "<!-- end of results -->")


def tables(results: Mapping[str, Any]) -> str:
    """All tables as Markdown."""
    parts = [_setting(results)]
    for device, systems in results["devices"].items():
        parts += [f"### {device.capitalize()}", _figures(systems)]
    parts += ["### Targets", _targets(judge(results))]
    if results.get("lighthouse"):
        parts += ["### Lighthouse (mobile)", _lighthouse(results["lighthouse"])]
    if results.get("document"):
        parts += ["### Bytes of the document", _bytes(results["document"])]
    if results.get("profile"):
        parts += ["### Main thread", _profile(results["profile"])]
    return "\n\n".join(parts) + "\n"


def replace_between(text: str, marks: tuple[str, str], fresh: str) -> str:
    """``text`` with ``fresh`` between the two marks, which stay. Raises `ValueError` when a mark is missing."""
    start, end = text.index(marks[0]) + len(marks[0]), text.index(marks[1])
    return f"{text[:start]}\n{fresh}{text[end:]}"


def _setting(results: Mapping[str, Any]) -> str:
    machine = results["machine"]
    load = " to ".join(f"{value:.1f}" for value in machine["load"])
    return (
        f"Measured on {results['date']}: {results['runs']} runs of each system, interleaved, on {machine['cores']} cores "
        f"without a GPU, {machine['browser']}, load average {load} while measuring; medians."
    )


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(map(_row, [head, ruler, *rows]))


def number(figure: str, value: float | None) -> str:
    """``value`` with the figure's decimals, an en dash for what was not measured."""
    return "–" if value is None else f"{value:,.{FIGURES[figure].digits}f}"


def _figures(systems: Mapping[str, Mapping[str, Sequence[float | None]]]) -> str:
    medians = {name: middle(figures) for name, figures in systems.items()}
    rows = [
        [f"{shape.title}, {shape.unit}".rstrip(", "), *(number(figure, own.get(figure)) for own in medians.values())]
        for figure, shape in FIGURES.items()
        if any(figure in own for own in medians.values())
    ]
    return _table(["", *medians], rows)


def _targets(verdicts: Sequence[Verdict]) -> str:
    rows = []
    for verdict in verdicts:
        target = verdict.target
        value = number(target.figure, verdict.value)
        if verdict.ratio is not None:
            value += f" ({verdict.ratio:.2f} ×)"
        what = f"{FIGURES[target.figure].title}: {target.system}, {target.device}"
        rows.append([what, value, target.said(), WORDS[verdict.met]])
    return _table(["", "measured", "target", ""], rows)


def _lighthouse(scores: Mapping[str, Any]) -> str:
    rows = []
    for name, value in scores["scores"].items():
        wanted = LIGHTHOUSE[name]
        rows.append([name, f"{value:g}", f"≥ {wanted:g}", WORDS[value >= wanted]])
    rows += [[name, value, "", ""] for name, value in scores.get("audits", {}).items()]
    text = _table(["", "median", "target", ""], rows)
    failed = ", ".join(f"`{name}`" for name in scores.get("failed", ()))
    return f"{text}\n\nAudits below 0.9: {failed}." if failed else text


def _bytes(document: Mapping[str, Any]) -> str:
    rows = [[name, f"{plain:,}", f"{packed:,}"] for name, (plain, packed) in document["parts"].items()]
    rows.append(["up to the first picture, in Brotli", "", f"{document['first_picture']:,}"])
    rows.append(["up to the end of the first step, in Brotli", "", f"{document['first_step']:,}"])
    return _table(["part", "bytes", "in the gzip stream"], rows)


def _profile(profile: Mapping[str, Any]) -> str:
    out = []
    for title, entries in profile.items():
        rows = [[f"`{name}`", f"{own:,.1f}", f"{whole:,.1f}"] for name, own, whole in entries]
        out.append(_table([title, "own ms", "with all it calls, ms"], rows))
    return "\n\n".join(out)
