"""What an embedded story costs the article: its main thread, its layout, its bytes; beside what else one would paste.

    python benchmarks/embedding.py [--runs N] [--document]

The story stands on ``localhost``, the article on ``127.0.0.1``: for the browser these are different sites, so the frame
has a process of its own, and what is counted is the article's. Needs the test environment, a Chromium, and npm for the
two peers (pym.js, and iframe-resizer 4, the last one under the MIT licence). Prints the table; with --document puts it
into docs/performance.md.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "src"), str(ROOT / "tests")]

from chromium import installed_chromium  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from storymap import embed, load, words  # noqa: E402
from storymap.document import compile_story  # noqa: E402

from chrome import DEVICES, FLAGS, INIT, Device  # noqa: E402
from npmfiles import npm_file  # noqa: E402
from report import replace_between  # noqa: E402

SLUG = "zhanatas"
MARKS = ("<!-- embed: made by benchmarks/embedding.py -->", "<!-- end of embed -->")
PARAGRAPH = "<p>" + "The mine was there before the town, and the line of supply before the mine. " * 8 + "</p>"
TICK = 100
FIGURES = {
    "script_kb": "script, kB gzipped",
    "blocking_ms": "blocking time, ms",
    "longest_ms": "longest task, ms",
    "loading_ms": "main thread until loaded, ms",
    "reading_ms": "main thread for each 1000 px of reading, ms",
    "shift": "layout shift of the article",
}


@dataclass(frozen=True)
class Pasted:
    """One thing to paste into an article: its HTML, and the script that it loads."""

    name: str
    html: str
    script: bytes = b""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    parser.add_argument("--document", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    path = installed_chromium()
    if path is None:
        sys.exit("embedding.py: needs a Chromium or Chrome; install one, or set STORYMAP_BROWSER to its path")
    with tempfile.TemporaryDirectory() as work, ExitStack() as running:
        story = running.enter_context(_serving(_story_files(Path(work)), "localhost"))
        pasted = list(_pasted(story))
        articles = {f"{number}/index.html": _article(one.html) for number, one in enumerate(pasted)}
        address = running.enter_context(_serving(_written(articles, Path(work) / "articles"), "127.0.0.1"))
        playwright = running.enter_context(sync_playwright())
        table = _table(_measured(playwright, path, pasted, address, options.runs), options.runs)
    print(table)
    if options.document:
        page = ROOT / "docs" / "performance.md"
        page.write_text(replace_between(page.read_text("utf-8"), MARKS, table), "utf-8")


def _measured(
    playwright: Any, path: str, pasted: list[Pasted], address: str, runs: int
) -> dict[tuple[str, str], list[dict[str, float]]]:
    """All runs by (device, what was pasted), in turns, so that a noisy minute meets them all."""
    seen: dict[tuple[str, str], list[dict[str, float]]] = {}
    for _ in range(runs):
        for device in DEVICES.values():
            for number, one in enumerate(pasted):
                browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, "--site-per-process"])
                try:
                    figures = _read(browser, device, f"{address}{number}/")
                finally:
                    browser.close()
                figures["script_kb"] = len(gzip.compress(one.script, 9)) / 1000 if one.script else 0.0
                seen.setdefault((device.name, one.name), []).append(figures)
                print(device.name, one.name, {key: round(value, 2) for key, value in figures.items()}, file=sys.stderr)
    return seen


def _read(browser: Browser, device: Device, address: str) -> dict[str, float]:
    """Opens an article and scrolls from its first line to its last, a wheel's tick at a time."""
    page = browser.new_page(
        viewport={"width": device.width, "height": device.height}, is_mobile=device.phone, has_touch=device.phone
    )
    page.add_init_script(INIT)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "timeTicks"})
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": device.cpu})

    def task_ms() -> float:
        metrics = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(metrics["TaskDuration"])

    page.goto(address, wait_until="load")
    page.wait_for_timeout(1500)
    loaded = task_ms()
    length = 0
    while not page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 2") and length < 60_000:
        page.evaluate("y => new Promise((done) => { scrollBy(0, y); requestAnimationFrame(() => done()); })", TICK)
        length += TICK
    page.wait_for_timeout(500)
    tasks = [duration for _, duration in page.evaluate("__bench.tasks")]
    return {
        "blocking_ms": sum(max(0.0, duration - 50) for duration in tasks),
        "longest_ms": max(tasks, default=0.0),
        "loading_ms": loaded,
        "reading_ms": (task_ms() - loaded) / length * 1000,
        "shift": float(page.evaluate("__bench.shift")),
    }


def _pasted(story: str) -> Iterator[Pasted]:
    """Nothing; our snippet with and without its script; and the two scripts that newsrooms use to fit a frame's height."""
    told: dict[str, Any] = {
        "url": f"{story}story/",
        "title": "The town that phosphate built",
        "script_url": f"{story}embed.js",
        "picture_url": f"{story}picture.svg",
        "alt": "Kazakhstan",
        "picture_size": (900, 600),
        "steps": tuple(step.id for step in load(ROOT / "geodata" / SLUG).steps),
        "words": words.page_words("en"),
        "options": embed.EmbedOptions(),
    }
    yield Pasted("no embed", "")
    yield Pasted("storymap, frame only", embed.snippet("iframe", **told))
    yield Pasted("storymap, embed.js", embed.snippet("ladder", **told), embed.script())
    cache = ROOT / "benchmarks" / ".npm"
    pym = npm_file(cache, "pym.js@1.3.2", "dist/pym.v1.min.js")
    yield Pasted(
        "pym.js",
        f'<div id="pym"></div><script src="{story}pym.js"></script>'
        f"<script>new pym.Parent('pym', '{story}pym/', {{}})</script>",
        pym,
    )
    resizer = npm_file(cache, "iframe-resizer@4.4.5", "js/iframeResizer.min.js")
    yield Pasted(
        "iframe-resizer 4",
        f'<iframe id="ir" title="Story" style="width:1px;min-width:100%" src="{story}resizer/"></iframe>'
        f'<script src="{story}resizer.js"></script><script>iFrameResize({{checkOrigin: false}}, "#ir")</script>',
        resizer,
    )


def _story_files(work: Path) -> Path:
    """What the story's host serves: the story, its script, and the peers' scripts with a plain page as long as the story."""
    document = compile_story(load(ROOT / "geodata" / SLUG))
    cache = ROOT / "benchmarks" / ".npm"
    child = '<!DOCTYPE html><html lang="en"><title>Story</title><body style="margin:0">' + PARAGRAPH * 60
    content = npm_file(cache, "iframe-resizer@4.4.5", "js/iframeResizer.contentWindow.min.js")
    return _written(
        {
            "story/index.html": document.html,
            "embed.js": embed.script(),
            "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"/>',
            "pym.js": npm_file(cache, "pym.js@1.3.2", "dist/pym.v1.min.js"),
            "pym/index.html": f'{child}<script src="../pym.js"></script><script>new pym.Child()</script>',
            "resizer.js": npm_file(cache, "iframe-resizer@4.4.5", "js/iframeResizer.min.js"),
            "content.js": content,
            "resizer/index.html": f'{child}<script src="../content.js"></script>',
        },
        work / "story",
    )


def _written(files: Mapping[str, str | bytes], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def _serving(folder: Path, host: str) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_port}/"
        server.shutdown()


def _article(pasted: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Article</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        "<style>body{margin:0;font:18px/1.6 serif}main{max-width:680px;margin:0 auto;padding:0 16px}</style></head>"
        f"<body><main><h1>Article</h1>{PARAGRAPH * 3}{pasted}{PARAGRAPH * 24}</main></body></html>"
    )


def _table(seen: Mapping[tuple[str, str], list[dict[str, float]]], runs: int) -> str:
    lines = [f"Medians of {runs} runs.", ""]
    for device in DEVICES.values():
        lines += [f"| {device.name} | {' | '.join(FIGURES.values())} |", "|---|" + "---:|" * len(FIGURES)]
        for (where, name), runs_of in seen.items():
            if where == device.name:
                middle = {key: statistics.median(run[key] for run in runs_of) for key in FIGURES}
                shown = (f"{value:.3f}" if key == "shift" else f"{value:.1f}" for key, value in middle.items())
                lines.append(f"| {name} | {' | '.join(shown)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
