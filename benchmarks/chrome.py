"""A cold Chromium for one run: its own profile, a device, a link, and what the page and the network report."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, Playwright

from looking import Shot

__all__ = ["DEVICES", "FLAGS", "Device", "Reader", "cold_reader"]

FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-domain-reliability", "--no-first-run")  # fmt: skip


@dataclass(frozen=True)
class Device:
    """``probe``: rectangle of the map that every system shows at the start, ``moving``: while reading; CSS pixels."""

    name: str
    width: int
    height: int
    cpu: float
    kbit_s: float | None
    latency_ms: float
    probe: tuple[int, int, int, int]
    moving: tuple[int, int, int, int]

    @property
    def phone(self) -> bool:
        """Whether it is held in a hand: touch, a mobile viewport."""
        return self.width < 700


DEVICES = {
    "desktop": Device("desktop", 1280, 800, 1, None, 0, (560, 150, 1240, 640), (560, 150, 1240, 640)),
    "slow phone": Device("slow phone", 390, 844, 4, 1600, 150, (16, 330, 374, 560), (16, 60, 374, 320)),
}

INIT = """
if (window === top) {
  const b = window.__bench = {lcp: 0, fcp: 0, shift: 0, shifted: {}, tasks: [], frames: [], on: false};
  const watch = (type, each) => {
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({type, buffered: true});
  };
  watch('largest-contentful-paint', (e) => { b.lcp = e.startTime; });
  watch('paint', (e) => { if (e.name === 'first-contentful-paint') b.fcp = e.startTime; });
  watch('layout-shift', (e) => {
    if (e.hadRecentInput) return;
    b.shift += e.value;
    for (const {node} of e.sources) {
      const name = node?.className || node?.nodeName || 'gone';
      b.shifted[name] = (b.shifted[name] || 0) + e.value;
    }
  });
  watch('longtask', (e) => b.tasks.push([e.startTime, e.duration]));
  const tick = (now) => {
    if (!b.on) return;
    b.frames.push(now);
    requestAnimationFrame(tick);
  };
  b.watchFrames = () => {
    b.on = true;
    requestAnimationFrame(tick);
  };
}
"""


@dataclass
class Reader:
    """One browser with one page, and what was seen so far. Times are milliseconds since the epoch."""

    browser: Browser
    page: Page
    cdp: CDPSession
    machine: CDPSession
    device: Device
    bytes: list[tuple[float, int]] = field(default_factory=list)
    """(when, bytes over the wire) of each piece."""
    requests: int = 0
    shots: list[Shot] = field(default_factory=list)

    async def cpu_ms(self) -> float:
        """CPU time that all processes of the browser have used."""
        info = await self.machine.send("SystemInfo.getProcessInfo")
        return 1000 * sum(process["cpuTime"] for process in info["processInfo"])

    async def heap_mb(self) -> float:
        """JavaScript heap in use after a collection."""
        await self.cdp.send("HeapProfiler.enable")
        await self.cdp.send("HeapProfiler.collectGarbage")
        await self.cdp.send("HeapProfiler.disable")
        return float((await self.cdp.send("Runtime.getHeapUsage"))["usedSize"]) / 1e6

    async def look(self) -> None:
        """Starts the screencast; every presented frame is kept."""
        self.shots.clear()
        size = {"maxWidth": self.device.width, "maxHeight": self.device.height}
        await self.cdp.send("Page.startScreencast", {"format": "jpeg", "quality": 90, "everyNthFrame": 1, **size})

    async def look_away(self) -> list[Shot]:
        """Stops the screencast; gives its frames in the order of time."""
        await self.cdp.send("Page.stopScreencast")
        return sorted(self.shots, key=lambda shot: shot.time)

    def listen(self) -> None:
        """Hears what the network and the screencast report from now on."""

        def frame(event: dict[str, Any]) -> None:
            self.shots.append(Shot(1000 * event["metadata"]["timestamp"], base64.b64decode(event["data"])))
            self._later(self.cdp.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]}))

        def socket(event: dict[str, Any]) -> None:
            data = event["response"]["payloadData"]
            size = len(data) * 3 // 4 if event["response"]["opcode"] == 2 else len(data.encode())
            self.bytes.append((event["timestamp"], size + 4))

        def start(event: dict[str, Any]) -> None:
            self.requests += not event["request"]["url"].startswith(("data:", "blob:"))

        self.cdp.on("Page.screencastFrame", frame)
        self.cdp.on("Network.webSocketFrameReceived", socket)
        self.cdp.on("Network.webSocketFrameSent", socket)
        self.cdp.on("Network.webSocketCreated", lambda _: setattr(self, "requests", self.requests + 1))
        self.cdp.on("Network.requestWillBeSent", start)
        self.cdp.on("Network.dataReceived", lambda e: self.bytes.append((e["timestamp"], e["encodedDataLength"])))
        # Headers and what dataReceived did not say in time come with the end of a request.
        self.cdp.on("Network.loadingFinished", self._finished)
        self.cdp.on("Network.dataReceived", self._piece)

    def _piece(self, event: dict[str, Any]) -> None:
        self._parts[event["requestId"]] = self._parts.get(event["requestId"], 0) + event["encodedDataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        known = self._parts.pop(event["requestId"], 0)
        self.bytes.append((event["timestamp"], int(event["encodedDataLength"]) - known))

    _parts: dict[str, int] = field(default_factory=dict)
    _tasks: set[Any] = field(default_factory=set)

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)

        def done(_: Any) -> None:
            self._tasks.discard(task)
            if not task.cancelled():
                task.exception()  # the page may be gone before an acknowledgement arrives

        task.add_done_callback(done)


@asynccontextmanager
async def cold_reader(playwright: Playwright, path: str, device: Device) -> AsyncIterator[Reader]:
    """A new browser at an empty page, slowed down as ``device`` says."""
    browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    try:
        context = await browser.new_context(
            viewport={"width": device.width, "height": device.height}, is_mobile=device.phone, has_touch=device.phone
        )
        await context.add_init_script(INIT)
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        reader = Reader(browser, page, cdp, await browser.new_browser_cdp_session(), device)
        reader.listen()
        await cdp.send("Network.enable")
        await cdp.send("Network.setCacheDisabled", {"cacheDisabled": False})
        if device.kbit_s:
            speed = device.kbit_s * 1000 / 8
            link = {
                "offline": False,
                "latency": device.latency_ms,
                "downloadThroughput": speed,
                "uploadThroughput": speed,
            }
            await cdp.send("Network.emulateNetworkConditions", link)
        if device.cpu > 1:
            await cdp.send("Emulation.setCPUThrottlingRate", {"rate": device.cpu})
        yield reader
    finally:
        await browser.close()
