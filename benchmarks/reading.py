"""One run of one system: load it cold, read it to the end, and look closely at a few step changes."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import Any

from playwright.async_api import Playwright

from chrome import Device, Reader, cold_reader
from looking import blank_ms, change_ms, first_map_ms
from systems import System
from targets import quantile
from tracing import CATEGORIES, Task, blocking_ms, frame_figures, main_tasks

__all__ = ["read_once"]

QUIET_MS = 300
"""A move is over when nothing changed for this long."""
LONGEST_MOVE_S = 5.0
LONGEST_LOAD_S = 60.0
AFTER_LOAD_S = 1.5
SCROLL_MS = 600
"""How long a reader's scroll from one step to the next takes."""
NUDGE = 60
LOOKS = (1, 4, 5, 9)
"""Changes to these steps are looked at frame by frame: far and near ones, all over land at both ends or excluded."""

PLACES = """() => {
  const stage = document.querySelector('.stage'), wide = innerWidth >= 896;
  const map = wide ? 0 : stage.offsetHeight;
  const line = Math.round(wide ? innerHeight * 0.6 : map + (innerHeight - map) * 0.35);
  return [...document.querySelectorAll('.step')].map((step) => {
    const card = step.querySelector('.card').getBoundingClientRect(), top = step.getBoundingClientRect().top + scrollY;
    const rest = card.top + scrollY - (wide ? Math.max(24, (innerHeight - card.height) / 2) : map + 12);
    const low = top - line + 2;
    return {rest: Math.round(Math.max(rest, low)), trigger: Math.round(top - line)};
  });
}"""
STATE = {
    # An expression that changes as long as something moves; cheap, since it is asked while CPU time is counted.
    "story": "document.querySelector('.map-canvas:not(.map-ghost)').dataset.drawn",
    "minimal": "map.getZoom() + '/' + map.getCenter()",
    "st_folium": "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState",
    "empty": "0",
}
READY = {
    "story": "document.documentElement.classList.contains('ready')",
    "minimal": "typeof map === 'object'",
    "empty": "true",
    "st_folium": "[...document.querySelectorAll('button')].some((b) => b.textContent.trim() === 'Next')",
}
REST_OF_STREAMLIT_MS = 600
"""After Streamlit's script has ended, its frame still draws."""


async def read_once(
    playwright: Playwright, path: str, system: System, device: Device, passes: tuple[str, ...]
) -> dict[str, Any]:
    """Figures of one cold run by the names of `targets.FIGURES`, and its longest tasks with their parts.

    ``passes``: how the story is read, each time to its end: 'scroll' and 'jump' count CPU time while nothing else is
    measured, 'frames' traces tasks and frames, which costs CPU time of its own. Without any, only the load is measured.
    """
    async with cold_reader(playwright, path, device) as reader:
        out = await _load(reader, system)
        if not passes:
            return out
        for number, name in enumerate(passes):
            if number:
                await _to_start(reader, system)
            out |= await PASSES[name](reader, system)
            if not number:
                out |= await _total(reader)
        await _to_start(reader, system)
        return out | await _look_closely(reader, system)


async def _total(reader: Reader) -> dict[str, Any]:
    """What the story has cost by its end."""
    shift, shifted = await reader.page.evaluate("[__bench.shift, __bench.shifted]")
    return {
        "bytes_kb": sum(size for _, size in reader.bytes) / 1000,
        "requests": reader.requests,
        "shift": shift,
        "shifted": shifted,
        "heap_mb": await reader.heap_mb(),
    }


async def _load(reader: Reader, system: System) -> dict[str, Any]:
    await reader.browser.start_tracing(categories=list(CATEGORIES))
    await reader.look()
    await reader.page.goto(system.url, wait_until="commit", timeout=60_000)
    start = await reader.page.evaluate("performance.timeOrigin")
    seen = None
    checked = 0
    give_up = time.monotonic() + LONGEST_LOAD_S
    while seen is None and time.monotonic() < give_up:
        await asyncio.sleep(0.25)
        shots, checked = reader.shots[checked:], len(reader.shots)
        seen = await asyncio.to_thread(first_map_ms, shots, start, reader.device.probe)
    await reader.page.wait_for_load_state("networkidle", timeout=60_000)
    await _ready(reader, system)
    await asyncio.sleep(AFTER_LOAD_S * (2 if reader.device.phone else 1))
    await reader.look_away()
    bench = await reader.page.evaluate("({lcp: __bench.lcp, fcp: __bench.fcp, tasks: __bench.tasks})")
    tasks = _tasks(await reader.browser.stop_tracing())
    return {
        "first_map_ms": seen,
        "lcp_ms": bench["lcp"],
        "blocking_ms": blocking_ms(ms for at, ms in bench["tasks"] if at + ms > bench["fcp"]),
        "load_task_ms": max((task.cpu for task in tasks), default=0.0),
        "load_tasks": _longest(tasks),
    }


def _tasks(trace: bytes) -> list[Task]:
    return main_tasks(json.loads(trace)["traceEvents"])


def _longest(tasks: list[Task], number: int = 6) -> list[Any]:
    return [[round(task.cpu, 1), task.parts] for task in sorted(tasks, key=lambda task: -task.cpu)[:number]]


async def _ready(reader: Reader, system: System) -> None:
    give_up = time.monotonic() + LONGEST_LOAD_S
    while time.monotonic() < give_up and not await reader.page.evaluate(READY[system.kind]):
        await asyncio.sleep(0.1)
    await _still(reader, system)


async def _still(reader: Reader, system: System) -> None:
    """Waits until nothing moves any more."""
    before, since = None, time.monotonic()
    give_up = since + (LONGEST_LOAD_S if system.kind == "st_folium" else LONGEST_MOVE_S)
    while time.monotonic() < give_up:
        state = await reader.page.evaluate(STATE[system.kind])
        if state != before or state == "running":
            before, since = state, time.monotonic()
        elif time.monotonic() - since > QUIET_MS / 1000:
            break
        await asyncio.sleep(0.1)
    if system.kind == "st_folium":
        await asyncio.sleep(REST_OF_STREAMLIT_MS / 1000)


async def _places(reader: Reader) -> list[dict[str, float]]:
    return await reader.page.evaluate(PLACES)


async def _to_start(reader: Reader, system: System) -> None:
    if system.kind == "st_folium":
        await reader.page.goto(system.url)
        await _ready(reader, system)
        return
    await reader.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    await _still(reader, system)


async def _step(reader: Reader, system: System, places: list[dict[str, float]], index: int, *, at_once: bool) -> None:
    """Goes on to step ``index`` as a reader does, or ``at_once`` as a link does; waits until the map stands still."""
    if system.kind == "st_folium":
        await reader.page.get_by_role("button", name="Next").click()
    elif at_once:
        await reader.page.evaluate("top => scrollTo({top, behavior: 'instant'})", places[index]["rest"])
    else:
        way = places[index]["rest"] - await reader.page.evaluate("scrollY")
        device = reader.device
        gesture = {
            "x": device.width // 6, "y": int(device.height * 0.8), "yDistance": -way,
            "speed": max(50, int(abs(way) * 1000 / SCROLL_MS)), "preventFling": True,
            "gestureSourceType": "touch" if device.phone else "mouse",
        }  # fmt: skip
        await reader.cdp.send("Input.synthesizeScrollGesture", gesture)
    await _still(reader, system)


async def _through(reader: Reader, system: System, *, at_once: bool = False) -> None:
    places = await _places(reader) if system.kind != "st_folium" else []
    if places:
        await _step(reader, system, places, 0, at_once=at_once)
    for index in range(1, system.steps):
        await _step(reader, system, places, index, at_once=at_once)


async def _cpu(
    reader: Reader, system: System, figure: str = "cpu_step_ms", *, at_once: bool = True
) -> dict[str, float]:
    """CPU time for a step, with nothing else running: no tracing, no screencast, no frame counter."""
    before = await reader.cpu_ms()
    await _through(reader, system, at_once=at_once)
    return {figure: (await reader.cpu_ms() - before) / (system.steps - 1)}


async def _smoothness(reader: Reader, system: System) -> dict[str, Any]:
    await reader.browser.start_tracing(categories=list(CATEGORIES))
    await reader.page.evaluate("__bench.watchFrames()")
    await _through(reader, system)
    moments = await reader.page.evaluate("(__bench.on = false, __bench.frames)")
    tasks = _tasks(await reader.browser.stop_tracing())
    longest = max((task.cpu for task in tasks), default=0.0)
    return {**frame_figures(moments), "step_task_ms": longest, "step_tasks": _longest(tasks)}


async def _look_closely(reader: Reader, system: System) -> dict[str, float | None]:
    """Delay and blank time of some step changes, from what was presented."""
    changes, blanks = [], []
    places = await _places(reader) if system.kind != "st_folium" else []
    for index in LOOKS if places else range(1, len(LOOKS) + 1):
        if places:
            # Just before the line at which the step changes, at rest.
            top = places[index]["trigger"] - NUDGE // 2
            await reader.page.evaluate("top => scrollTo({top, behavior: 'instant'})", top)
            await _still(reader, system)
        await reader.look()
        await asyncio.sleep(0.3)
        act = f"scrollBy({{top: {NUDGE}, behavior: 'instant'}})" if places else NEXT
        now = "performance.timeOrigin + performance.now()"
        start = await reader.page.evaluate(f"(() => {{ const start = {now}; {act}; return start; }})()")
        await asyncio.sleep(0.3)
        await _still(reader, system)
        shots = await reader.look_away()
        box = reader.device.moving
        changes.append(await asyncio.to_thread(change_ms, shots, start, box))
        blanks.append(await asyncio.to_thread(blank_ms, shots, box))
    delays = sorted(ms for ms in changes if ms is not None)
    empty = [ms for ms in blanks if ms is not None]
    return {
        "change_ms": delays[len(delays) // 2] if delays else None,
        "blank_p95_ms": quantile(empty, 0.95) if empty else None,
    }


NEXT = "[...document.querySelectorAll('button')].find((b) => b.textContent.trim() === 'Next').click()"

PASSES = {
    "scroll": partial(_cpu, figure="cpu_scroll_ms", at_once=False),
    "jump": _cpu,
    "frames": _smoothness,
}
