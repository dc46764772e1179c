"""A story as plain files, built and published as its makers would, served by nginx where there is one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["static_site"]

PATIENCE_S = 60
SERVER = """
{user}worker_processes 1; daemon off; pid {work}/pid; error_log {work}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off; sendfile on; {temporary}
  include {work}/site.conf;
}}
"""
PYTHON = """
import functools, http.server, os, sys

class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.translate_path(self.path)
        path = os.path.join(path, "index.html") if os.path.isdir(path) else path
        tag = '"%x"' % os.stat(path + ".gz").st_mtime_ns
        fresh = self.headers.get("If-None-Match") == tag
        body = b"" if fresh else open(path + ".gz", "rb").read()
        self.send_response(304 if fresh else 200)
        for name, value in (("ETag", tag), ("Content-Type", "text/html"), ("Content-Encoding", "gzip")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

handler = functools.partial(Handler, directory=sys.argv[2])
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
"""


@contextmanager
def static_site(root: Path, work: Path, slug: str) -> Iterator[str]:
    """Builds and publishes ``slug`` of the checkout ``root`` below the folder ``work``; gives the server's address."""
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    storymap = [sys.executable, "-m", "storymap"]
    for words in (
        ["build", str(root / "geodata" / slug), "-o", str(work / "dist")],
        ["publish", str(work / "dist"), str(work / "www" / slug), "--gzip", "beside"],
    ):
        subprocess.run([*storymap, *words], env=environment, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    nginx = os.environ.get("STORYMAP_NGINX") or shutil.which("nginx")
    command = _nginx(nginx, root, work, port) if nginx else [sys.executable, "-c", PYTHON, str(port), str(work / "www")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


def _nginx(nginx: str, root: Path, work: Path, port: int) -> list[str]:
    """The command that serves ``work``/www by the configuration that the documentation recommends."""
    site = (root / "docs" / "nginx.conf").read_text("utf-8")
    site = site.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/srv/stories;", f"{work}/www;")
    (work / "site.conf").write_text(site, "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {work}/{kind};" for kind in kinds)
    # Started by root, its workers would be somebody who may not look into this folder.
    user = "" if os.getuid() else "user root; "
    (work / "nginx.conf").write_text(SERVER.format(user=user, work=work, temporary=temporary), "utf-8")
    return [nginx, "-p", str(work), "-c", str(work / "nginx.conf"), "-e", str(work / "error.log")]


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the static server did not start")
