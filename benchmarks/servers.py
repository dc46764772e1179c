"""Servers of the systems compared: the app as readers get it, a Streamlit page, and static files with gzip."""

from __future__ import annotations

import http.client
import mimetypes
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli

__all__ = ["packed", "static", "streamlit"]

PATIENCE_S = 120


@contextmanager
def static(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serves ``files`` (path → content), compressed beforehand as a good host does; gives the address of the root."""
    packed = {f"/{path}": brotli.compress(content, quality=11) for path, content in files.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = packed.get(self.path.partition("?")[0])
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", mimetypes.guess_type(self.path)[0] or "text/html; charset=utf-8")
            self.send_header("Access-Control-Allow-Origin", "*")
            if body is not None:
                self.send_header("Content-Encoding", "br")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def streamlit(script: Path, environment: Mapping[str, str], ready: str, log: Path) -> Iterator[str]:
    """`streamlit run script`; gives the address of the root once the path ``ready`` answers 200."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", "--server.headless=true",
               "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=script.parent, env={**os.environ, **environment}, stdout=out, stderr=out
        )
    try:
        _wait(process, port, ready, log)
        yield f"http://localhost:{port}/"
    finally:
        process.terminate()
        process.wait(20)


def packed(url: str, wait_s: float = 30) -> bool:
    """Whether ``url`` comes in Brotli, as it does from soon after it was asked for again; waits for that."""
    until = time.monotonic() + wait_s
    while True:
        request = urllib.request.Request(url, headers={"Accept-Encoding": "br"})  # noqa: S310  # our own server
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            if answer.headers["Content-Encoding"] == "br":
                return True
        if time.monotonic() > until:
            return False
        time.sleep(0.3)


def _wait(process: subprocess.Popen[bytes], port: int, ready: str, log: Path) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection("localhost", port, timeout=PATIENCE_S)
            connection.request("GET", f"/{ready}")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{ready or 'the app'} did not answer:\n{log.read_text('utf-8', 'replace')[-2000:]}")
