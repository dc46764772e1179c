"""CPU profiles of the document on a slow device: one of its loading, one of its step changes."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Playwright

from chrome import Device, cold_reader
from profiling import by_function

__all__ = ["profile_page"]

SAMPLE_US = 200
LOAD_S = 6
STEPS = range(1, 9)
STEP_S = 3.5


async def profile_page(playwright: Playwright, path: str, url: str, device: Device) -> dict[str, Any]:
    """{title: [(function, own ms, ms with all it calls)]} for loading and for eight step changes."""
    async with cold_reader(playwright, path, device) as reader:
        await reader.cdp.send("Profiler.enable")
        await reader.cdp.send("Profiler.setSamplingInterval", {"interval": SAMPLE_US})
        await reader.cdp.send("Profiler.start")
        await reader.page.goto(url)
        await asyncio.sleep(LOAD_S)
        load = (await reader.cdp.send("Profiler.stop"))["profile"]
        await reader.cdp.send("Profiler.start")
        for step in STEPS:
            await reader.page.evaluate("step => storymap.go(step)", step)
            await asyncio.sleep(STEP_S)
        steps = (await reader.cdp.send("Profiler.stop"))["profile"]
    return {f"loading, {device.name}": by_function(load), f"eight step changes, {device.name}": by_function(steps)}
