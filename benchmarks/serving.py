"""What readers cost a server: the story from the app, from a static server, and as a Streamlit session for each reader.

    python benchmarks/serving.py [--readers N] [--sessions N] [--document]

Needs the project's test environment and, for its requests in a browser, a Chromium. The static server is nginx where
one is installed (or named by STORYMAP_NGINX), else Python's own. Prints the table; with --document puts it into
docs/publishing.md.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "src"), str(ROOT / "tests")]

from chromium import installed_chromium  # noqa: E402
from playwright.async_api import Browser, Request, WebSocket, async_playwright  # noqa: E402

from loading import Spent, children, family, http_reader, memory_mb, session, spent  # noqa: E402
from plainstory import plain_story  # noqa: E402
from report import replace_between  # noqa: E402
from servers import streamlit  # noqa: E402
from staticsite import static_site  # noqa: E402

SLUG = "zhanatas"
MARKS = ("<!-- readers: made by benchmarks/serving.py -->", "<!-- end of readers -->")


@dataclass
class Measured:
    """One way to serve readers. ``page``: what a browser opens, None where that is not measured here."""

    name: str
    page: str | None
    first: Spent
    again: Spent | None = None
    held_mb: float = 0
    """Memory for a thousand readers at once, MB."""
    visit: dict[str, float] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--readers", type=int, default=2000, help="requests for each figure (default 2000)")
    parser.add_argument("--sessions", type=int, default=100, help="Streamlit sessions for each figure (default 100)")
    parser.add_argument("--document", action="store_true", help="put the table into docs/publishing.md")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as work:
        measured = asyncio.run(_measure(Path(work), options.readers, options.sessions))
    table = _table(measured, (before, os.getloadavg()[0]))
    print(table)
    if options.document:
        page = ROOT / "docs" / "publishing.md"
        page.write_text(replace_between(page.read_text("utf-8"), MARKS, table), "utf-8")


async def _measure(work: Path, readers: int, sessions: int) -> list[Measured]:
    async with AsyncExitStack() as stack:
        browser = None
        if path := installed_chromium():
            playwright = await stack.enter_async_context(async_playwright())
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            stack.push_async_callback(browser.close)
        results = []
        with _started(static_site(ROOT, work, SLUG)) as (home, pids):
            results.append(
                await _documents(f"static files, {_static_name()}", f"{home}{SLUG}/", pids, readers, browser)
            )
        with _started(_app(work / "first")) as (home, pids):
            results.append(await _documents("the app, /story/…/", f"{home}story/{SLUG}/", pids, readers, browser))
        with _started(_app(work / "second")) as (home, pids):
            page = f"{home}?story={SLUG}"
            results.append(await _sessions("the app, its Streamlit page", home, page, pids, sessions, browser))
        with _started(_folium_page(work)) as (home, pids):
            results.append(await _sessions("Streamlit and folium, as usual", home, None, pids, sessions, browser))
        return results


@contextmanager
def _started(server: Any) -> Iterator[tuple[str, set[int]]]:
    """The server's address, and its processes."""
    before = children(os.getpid())  # among them the browser's
    with server as home:
        yield home, family(children(os.getpid()) - before)


@contextmanager
def _app(work: Path) -> Iterator[str]:
    stories = Path(shutil.copytree(ROOT / "geodata", work / "stories"))
    environment = {
        "STORYMAP_STORIES": str(stories),
        "STORYMAP_CACHE": str(work / "cache"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    with streamlit(ROOT / "streamlit_app.py", environment, f"story/{SLUG}/", work / "app.log") as home:
        yield home


@contextmanager
def _folium_page(work: Path) -> Iterator[str]:
    folder = work / "folium"
    folder.mkdir()
    (folder / "story.json").write_text(
        json.dumps(plain_story(ROOT / "geodata" / SLUG, ROOT / "geodata" / "basemap")), "utf-8"
    )
    script = Path(shutil.copy(ROOT / "benchmarks" / "streamlitpage.py", folder))
    environment = {"STORYMAP_ASSETS": "http://localhost/", "STORYMAP_BENCH": str(folder)}
    with streamlit(script, environment, "_stcore/health", folder / "log") as home:
        yield home


async def _documents(name: str, url: str, pids: set[int], readers: int, browser: Browser | None) -> Measured:
    async with http_reader(url) as answer:
        tag = answer.tag
        assert answer.status == 200 and tag, f"{url}: {answer}"

    async def first() -> int:
        async with http_reader(url) as answer:
            assert answer.status == 200
            return answer.size

    async def again() -> int:
        async with http_reader(url, tag) as answer:
            assert answer.status == 304
            return answer.size

    await spent(pids, readers // 10, 16, first)
    # Memory first: later the server has room that earlier readers left.
    held_mb = await _held(pids, 500, lambda: http_reader(url))
    result = Measured(name, url, await spent(pids, readers, 16, first), await spent(pids, readers, 16, again), held_mb)
    result.visit = await _visits(browser, url, pids)
    return result


async def _sessions(
    name: str, home: str, page: str | None, pids: set[int], count: int, browser: Browser | None
) -> Measured:
    query = page.partition("?")[2] if page else ""

    async def first() -> int:
        async with session(home, query) as size:
            return size

    await spent(pids, 4, 2, first)
    held_mb = await _held(pids, count, lambda: session(home, query))
    result = Measured(name, page, await spent(pids, count, 8, first), held_mb=held_mb)
    result.visit = await _visits(browser, page, pids) if page else {}
    return result


async def _held(pids: set[int], count: int, reader: Callable[[], Any]) -> float:
    """Memory that a thousand readers at once add, MB, from ``count`` of them."""
    before = memory_mb(pids)
    async with AsyncExitStack() as stack:
        for start in range(0, count, 10):
            await asyncio.gather(*(stack.enter_async_context(reader()) for _ in range(start, min(start + 10, count))))
        return (memory_mb(pids) - before) / count * 1000


async def _visits(browser: Browser | None, url: str, pids: set[int], count: int = 8) -> dict[str, float]:
    """Requests, kB and the server's CPU time for a first visit in a real browser."""
    if browser is None:
        return {}
    requests = size = 0

    async def visit() -> int:
        nonlocal requests, size
        context = await browser.new_context()
        page = await context.new_page()
        finished: list[Request] = []

        def keep(request: Request) -> None:  # playwright takes no method of a list
            finished.append(request)

        frames: list[int] = []

        def listen(socket: WebSocket) -> None:
            socket.on("framereceived", lambda data: frames.append(len(data)))

        page.on("requestfinished", keep)
        page.on("websocket", listen)
        await page.goto(url, wait_until="networkidle")
        sizes = [await one.sizes() for one in finished]
        requests += len(finished)
        size += sum(frames) + sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
        await context.close()
        return 0

    result = await spent(pids, count, 1, visit)
    return {"requests": requests / count, "kb": size / count / 1000, "cpu_ms": result.cpu_s / count * 1000}


def _static_name() -> str:
    return "nginx" if os.environ.get("STORYMAP_NGINX") or shutil.which("nginx") else "Python's server"


def _table(measured: list[Measured], load: tuple[float, float]) -> str:
    rows: list[tuple[str, Callable[[Measured], str]]] = [
        ("first-time readers in a second, seen", lambda one: f"{one.first.readers / one.first.seconds:,.0f}"),
        ("first-time readers in a second, one core's worth", lambda one: _per_core(one.first)),
        ("readers who come back, in a second, one core's worth", lambda one: _per_core(one.again)),
        ("CPU for a thousand first-time readers, s", lambda one: f"{_cpu_ms(one.first):,.2f}"),
        ("memory for a thousand readers at once, MB", lambda one: f"{max(0, one.held_mb):,.0f}"),
        ("bytes for each, kB", lambda one: f"{one.first.bytes / one.first.readers / 1000:,.1f}"),
        ("in a browser: requests of a first visit", lambda one: _seen(one, "requests", 0)),
        ("in a browser: kB of a first visit", lambda one: _seen(one, "kb", 0)),
        ("in a browser: server CPU of a first visit, ms", lambda one: _seen(one, "cpu_ms", 0)),
    ]
    lines = [["", *(one.name for one in measured)], ["---", *["---:"] * len(measured)]]
    lines += [[title, *(value(one) for one in measured)] for title, value in rows]
    date = dt.datetime.now(dt.UTC).date().isoformat()
    return (
        f"Measured on {date}, {os.cpu_count()} cores shared with the readers, one process of the app, "
        f"load average {load[0]:.1f} before and {load[1]:.1f} after.\n\n"
        + "\n".join("| " + " | ".join(line) + " |" for line in lines)
        + "\n"
    )


def _cpu_ms(one: Spent) -> float:
    """For one reader; the same number is s for a thousand."""
    return one.cpu_s / one.readers * 1000


def _per_core(one: Spent | None) -> str:
    # A clock that ticks a hundred times a second sees nothing of very short work.
    return "–" if one is None or one.cpu_s < 0.05 else f"{one.readers / one.cpu_s:,.0f}"


def _seen(one: Measured, figure: str, digits: int) -> str:
    return f"{one.visit[figure]:,.{digits}f}" if one.visit else "–"


if __name__ == "__main__":
    main()
