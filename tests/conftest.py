"""Fixtures that all tests share: no network, a real Chromium, servers on loopback.

``new_page(**options)`` opens a page in a browser context of its own (options as of `playwright.Browser.new_context`);
``complaints`` collects what those pages complain about; ``serve(files)`` puts files on a loopback address;
``run_app(stories)`` starts the real app.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from chromium import installed_chromium
from contexts import Contexts, kept_by
from layerplaces import write_layers
from offline import SAID, refuse_network
from storyfolder import write_story

refuse_network()
# Machines are busy: a generated case that takes its time is no failure.
hypothesis.settings.register_profile("storymap", deadline=None)
hypothesis.settings.load_profile("storymap")

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",  # drawing by an imitated one takes twice the time
    "--process-per-site",  # pages of one context share a process, which has read their scripts and fonts before
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
PATIENCE_S = 60
"""How long anything may take on a busy machine before a test gives up; nothing is ever measured by it."""
expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture(scope="session", autouse=True)
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Prepared geodata is kept for all tests of this run, and never in the folder of whoever runs them."""
    folder = tmp_path_factory.getbasetemp() / "geocache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYMAP_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that knows no host but this machine."""
    path = installed_chromium()
    assert path, "the tests need a Chromium: install one, or set STORYMAP_BROWSER to its path"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Contexts]:
    """The browser's contexts, used by one test after the other."""
    with kept_by(browser) as contexts:
        yield contexts


@pytest.fixture
def layered_stories(tmp_path: Path) -> Path:
    """A folder of stories with that of `layerplaces`, to be edited."""
    write_layers(tmp_path / "stories")
    return tmp_path / "stories"


@pytest.fixture(scope="module")
def edited_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of stories with the small one, for the tests of a module, and a folder for drafts beside it."""
    folder = tmp_path_factory.mktemp("edited")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYMAP_STATE", str(folder / "state"))
        write_story(folder / "stories")
        yield folder / "stories"


@pytest.fixture
def complaints() -> list[str]:
    """Console errors, uncaught errors, failed requests, and requests to other machines, of all pages of this test."""
    return []


@pytest.fixture
def new_page(contexts: Contexts, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a page in a context of its own, as good as new; everything is closed after the test."""
    with contextlib.ExitStack() as opened:

        def open_page(**options: Any) -> Page:
            kept = contexts.take(options)
            opened.callback(contexts.give_back, kept)
            context = kept.context
            context.set_default_timeout(PATIENCE_S * 1000)
            page = context.new_page()
            kept.opened(page)
            # What asks for another machine fails, as the browser knows none (CHROMIUM_FLAGS). A route that refuses it
            # would take every request through this process, and switch the browser's cache off.
            failed = partial(_failed, complaints)
            context.on("requestfailed", failed)
            opened.callback(context.remove_listener, "requestfailed", failed)
            page.on("console", partial(_complained, complaints))
            page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
            return page

        yield open_page


def _complained(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type == "error":
        complaints.append(f"{message.text} ({message.location['url']})")


def _failed(complaints: list[str], request: Request) -> None:
    # "Aborted" is what the browser calls a request that it drops itself, because the page is left.
    if request.failure != "net::ERR_ABORTED":
        complaints.append(f"failed: {request.url} {request.failure}")


class _Handler(SimpleHTTPRequestHandler):
    extra: Mapping[str, str] = {}

    def end_headers(self) -> None:
        for name, value in self.extra.items():
            self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            # Browsers ask for one by themselves; no test is about it.
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """``serve(folder)`` or ``serve({"index.html": html})``, with ``headers`` for every answer: address with a slash."""
    with contextlib.ExitStack() as running:

        def start(files: Path | Mapping[str, str | bytes], headers: Mapping[str, str] | None = None) -> str:
            folder = files if isinstance(files, Path) else _written(files, tmp_path_factory.mktemp("served"))
            handler = type("Handler", (_Handler,), {"extra": headers or {}})
            server = running.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)))
            threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True).start()
            running.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/"

        yield start


def _written(files: Mapping[str, str | bytes], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it came over the wire, header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    """One HTTP request; no redirect is followed and nothing is unpacked."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    with contextlib.closing(connection):
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=dict(headers or {}))
        answer = connection.getresponse()
        names = [name.lower() for name, _ in answer.getheaders()]
        assert len(names) == len(set(names)), f"a header twice: {names}"
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.fixture(name="ask", scope="session")
def _ask() -> Callable[..., Answer]:
    """``ask(url, method, headers)``: see `ask`."""
    return ask


@dataclass(frozen=True)
class RunningApp:
    """The app in a process of its own. ``log()`` is all that it has printed."""

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def left_machine(self) -> list[str]:
        """Attempts of the server to reach another machine."""
        return [line for line in self.log().splitlines() if SAID in line]


@pytest.fixture(scope="module")
def run_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., RunningApp]]:
    """``run_app(stories, "--server.baseUrlPath=maps")``: `streamlit run streamlit_app.py` on a free port."""
    with contextlib.ExitStack() as running:

        def start(stories: Path, *flags: str, server: str = "streamlit") -> RunningApp:
            port = _free_port()
            command = [sys.executable, str(ROOT / "tests/offline.py"), *_command(server, port), *flags]
            log_file = tmp_path_factory.mktemp("app") / "log"
            environment = {
                **os.environ,
                "PYTHONPATH": str(ROOT / "src"),
                "STORYMAP_STATE": str(tmp_path_factory.getbasetemp() / "state"),
                "STORYMAP_STORIES": str(stories),
            }
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log_file.open("wb"), stderr=subprocess.STDOUT
            )
            running.callback(_stop, process)
            app = RunningApp(f"http://localhost:{port}/", process, log_file)
            _wait_for(app)
            return app

        yield start


def _command(server: str, port: int) -> list[str]:
    if server == "uvicorn":
        return ["-m", "uvicorn", "streamlit_app:app", "--port", str(port), "--host", "localhost"]
    return ["-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}", "--server.headless=true"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(app: RunningApp) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        assert app.process.poll() is None, f"the app ended:\n{app.log()}"
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(f"{app.url}healthz").status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"the app did not answer:\n{app.log()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
