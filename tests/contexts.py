"""Browser contexts that one test after the other uses: each finds its own as good as new, and warm.

A new context starts processes that have to read every script and font anew, which costs more than most tests. One that
was used before keeps them (Chromium runs with ``--process-per-site``, a page of ours stays open), and forgets all else:
pages, cookies, what pages stored, and the cache.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Frame, Page

__all__ = ["Contexts", "Kept", "kept_by"]

IDLE = 4
"""How many contexts wait for a test that wants their options; each holds a process or two."""
USES = 40
"""After so many tests a context is given up, whatever it may have gathered."""


@dataclass
class Kept:
    """A context in use, or waiting. ``keeper``: the page that keeps the processes of its sites alive."""

    key: str
    context: BrowserContext
    keeper: Page
    tools: CDPSession
    uses: int = 0
    origins: set[str] = field(default_factory=set)

    def opened(self, page: Page) -> None:
        """Notes where the pages of a test go, as that has to be forgotten."""
        page.on("framenavigated", self._note)

    def _note(self, frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.scheme in {"http", "https"}:
            self.origins.add(f"{parts.scheme}://{parts.netloc}")

    def forget(self) -> None:
        """Closes all pages but the keeper, and forgets what they left. Raises playwright's `Error` if it can not."""
        for page in self.context.pages:
            if page != self.keeper:
                page.close()
        self.context.clear_cookies()
        for origin in self.origins:
            self.tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.origins.clear()
        self.tools.send("Network.clearBrowserCache")


class Contexts:
    """The contexts of one browser, by their options."""

    def __init__(self, browser: Browser, home: str) -> None:
        self._browser = browser
        self._home = home
        self._idle: list[Kept] = []

    def take(self, options: dict[str, Any]) -> Kept:
        """A context with these options (as of `playwright.Browser.new_context`) that no other test has now."""
        key = json.dumps(options, sort_keys=True)
        for kept in reversed(self._idle):
            if kept.key == key:
                self._idle.remove(kept)
                return kept
        context = self._browser.new_context(**options)
        keeper = context.new_page()
        if not options.get("offline"):
            keeper.goto(self._home)
        return Kept(key, context, keeper, context.new_cdp_session(keeper))

    def give_back(self, kept: Kept) -> None:
        """After the test: for the next one with the same options."""
        kept.uses += 1
        try:
            kept.forget()
        except Error:
            # A test may have crashed its pages, or closed the context.
            kept.uses = USES
        if kept.uses >= USES:
            kept.context.close()
            return
        self._idle.append(kept)
        while len(self._idle) > IDLE:
            self._idle.pop(0).context.close()

    def close(self) -> None:
        """Gives up all contexts."""
        while self._idle:
            self._idle.pop().context.close()


class _Home(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        # The sites of the tests: pages on 127.0.0.1, and what these frame from localhost.
        port = self.server.server_address[1]
        inside = "" if self.path == "/in" else f'<iframe src="http://localhost:{port}/in"></iframe>'
        body = f"<!doctype html><title>Keeper</title>{inside}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def kept_by(browser: Browser) -> Iterator[Contexts]:
    """The contexts of a browser, and the pages that keep them warm."""
    with ExitStack() as running:
        server = running.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), _Home))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.callback(server.shutdown)
        contexts = Contexts(browser, f"http://127.0.0.1:{server.server_port}/")
        running.callback(contexts.close)
        yield contexts
