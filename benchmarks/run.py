"""Measures the story beside what one writes without this project, and writes benchmarks/results/<date>.json.

    python benchmarks/run.py [--quick] [--runs N] [--only NAME] [--device NAME] [--no-lighthouse] [--document]

Needs the project's test environment, a Chromium, and npm. Everything else is made in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "src"), str(ROOT / "tests")]

from chromium import installed_chromium  # noqa: E402
from playwright.async_api import async_playwright  # noqa: E402

import report  # noqa: E402
from chrome import DEVICES, Device  # noqa: E402
from lighthouse import audit  # noqa: E402
from profilepage import profile_page  # noqa: E402
from reading import read_once  # noqa: E402
from systems import NAMES, System, served  # noqa: E402
from targets import FIGURES  # noqa: E402
from wirebytes import breakdown, first_scene  # noqa: E402

ON_PHONE = ("story", "minimal", "st_folium", "empty")
NOTES = {"load_tasks", "step_tasks", "shifted"}
CALM = 1.5
CALM_WAIT_S = 600
REST_S = 8
"""Between two readers: the server of st_folium works on after its reader has gone."""


def main() -> None:
    options = _options()
    chromium = installed_chromium()
    if chromium is None:
        sys.exit("no Chromium or Chrome found")
    names = tuple(name for name in NAMES if not options.only or name in options.only)
    npm = Path(os.environ.get("STORYMAP_BENCH_CACHE") or Path(tempfile.gettempdir()) / "storymap-bench-npm")
    before = _wait_for_calm(0 if options.quick else CALM_WAIT_S)
    with tempfile.TemporaryDirectory() as work, served(ROOT, Path(work), npm, names) as systems:
        results = asyncio.run(_measure(systems, options, chromium))
        ours = next((system for system in systems if system.name == "story"), None)
        if ours and not options.no_lighthouse:
            results["lighthouse"] = audit(ours.url, npm, chromium, 1 if options.quick else 5)
        if ours:
            results["document"] = _document(ours.url)
            for systems_of_device in results["devices"].values():
                systems_of_device["story"]["first_scene_kb"] = [results["document"]["first_step"] / 1000]
    results["machine"]["load"] = [round(before, 1), round(os.getloadavg()[1], 1)]
    print(report.tables(results))
    if options.only or options.device:
        _say("only a part was measured: nothing is written")
    else:
        _write(results, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="two runs, and no waiting for a calm machine")
    parser.add_argument("--runs", type=int, help="runs of each system (default 6)")
    parser.add_argument("--only", action="append", choices=NAMES, help="this system only; may be given again")
    parser.add_argument("--device", choices=DEVICES, help="this device only")
    parser.add_argument("--no-lighthouse", action="store_true")
    parser.add_argument("--document", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    options.runs = options.runs or (2 if options.quick else 6)
    return options


def _wait_for_calm(patience: float) -> float:
    """Load average, once it is low or ``patience`` seconds are over."""
    give_up = time.monotonic() + patience
    while os.getloadavg()[0] >= CALM and time.monotonic() < give_up:
        time.sleep(5)
    return os.getloadavg()[0]


async def _measure(systems: list[System], options: argparse.Namespace, chromium: str) -> dict[str, Any]:
    """All runs, one system after the other in each round, so that a noisy minute meets them all."""
    devices = [device for name, device in DEVICES.items() if options.device in (None, name)]
    figures: dict[str, dict[str, dict[str, list[Any]]]] = {
        device.name: {s.name: defaultdict(list) for s in systems if _meant(s, device)} for device in devices
    }
    notes: dict[str, Any] = {}
    profile: dict[str, Any] = {}
    async with async_playwright() as playwright:
        for turn, device, system in itertools.product(range(options.runs), devices, systems):
            if not _meant(system, device):
                continue
            await asyncio.sleep(REST_S)
            seen = await read_once(playwright, chromium, system, device, _passes(system, device, turn, options.runs))
            own = figures[device.name][system.name]
            for name in FIGURES.keys() & seen.keys():
                own[name].append(None if seen[name] is None else round(seen[name], 3))
            told = {name: own[name][-1] for name in FIGURES if name in seen}
            _say(f"{turn + 1}/{options.runs} {device.name}, {system.name}: load {os.getloadavg()[0]:.1f}, {told}")
            for name in NOTES & seen.keys():
                notes[f"{device.name}, {system.name}: {name}"] = seen[name]
        for system in systems:
            if system.name == "story":
                profile = await profile_page(playwright, chromium, system.url, DEVICES["slow phone"])
    machine = {"cores": os.cpu_count(), "browser": _version(chromium)}
    return {"date": dt.datetime.now(dt.UTC).date().isoformat(), "runs": options.runs, "commit": _commit(),
            "machine": machine, "devices": figures, "notes": notes, "profile": profile}  # fmt: skip


def _passes(system: System, device: Device, turn: int, runs: int) -> tuple[str, ...]:
    """CPU time and frames in turns, as each pass takes a minute; on the phone frames only.

    The Streamlit page moves megabytes on a slow link and takes minutes to read: on the phone its load has to do.
    """
    if system.kind == "empty":
        return ()
    if device.phone:
        return () if system.kind == "st_folium" else ("frames",)
    cpu = ("jump",) if system.kind == "st_folium" else ("scroll", "jump")
    return (*cpu, "frames") if runs == 1 else ("frames",) if turn % 2 else cpu


def _say(text: str) -> None:
    print(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def _meant(system: System, device: Device) -> bool:
    return not device.phone or system.name in ON_PHONE


def _document(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - this machine
        html = answer.read().decode()
    return {"parts": breakdown(html), "first_picture": first_scene(html, '<div class="map"'),
            "first_step": first_scene(html, "</section>")}  # fmt: skip


def _version(chromium: str) -> str:
    return (
        subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True)
        .stdout.split(" built")[0]
        .strip()
    )


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _write(results: dict[str, Any], options: argparse.Namespace) -> None:
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{results['date']}.json"
    path.write_text(json.dumps(results, ensure_ascii=False, separators=(",", ":"), sort_keys=False) + "\n", "utf-8")
    if options.document:
        page = ROOT / "docs" / "performance.md"
        page.write_text(report.replace_between(page.read_text("utf-8"), report.MARKS, report.tables(results)), "utf-8")


if __name__ == "__main__":
    main()
