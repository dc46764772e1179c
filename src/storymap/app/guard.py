"""Stands before everything that the server answers: what it refuses, and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storymap.app import uploads
from storymap.app.settings import BASE_PATH, Settings, read_settings

__all__ = ["Guard"]

OWN_PATHS = ("/story", "/healthz", "/embed.js", "/oembed", "/robots.txt", "/preview", "/editor")
OWN_SHELL = "frame-ancestors 'self'"
"""No other site; 'self' since some hosts of Streamlit apps show them in a frame of the app's own address."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def _option(name: str) -> str:
    """A Streamlit setting, read when it is needed: they are not known yet while the app is put together."""
    from streamlit import config

    value = config.get_option(name)
    return ",".join(value) if isinstance(value, list) else str(value or "")


class Guard:
    """ASGI middleware. ``option`` reads a Streamlit setting by name; ``settings``: None for those of the environment.

    ``may_upload``: whether a file may be sent to a path; None for those whom `uploads.register` knows.
    """

    def __init__(
        self,
        app: ASGIApp,
        option: Callable[[str], str] = _option,
        settings: Settings | None = None,
        may_upload: Callable[[str], bool] | None = None,
    ) -> None:
        self._app = app
        self._option = option
        self._may_upload = may_upload or uploads.register.permits
        self._framed = (settings or read_settings()).frame_ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_refused(scope["path"], scope["method"]):
            refusal = PlainTextResponse("Only editors upload files.\n", 405, {"Allow": "GET, HEAD, OPTIONS"})
            await refusal(scope, receive, send)
            return
        base = self._option("server.baseUrlPath").strip("/")
        framing = self._framed if _may_be_framed(base, scope) else OWN_SHELL
        await self._app(_without(base, scope), receive, _with_headers(send, framing))

    def _is_refused(self, path: str, method: str) -> bool:
        harmless = method in ("GET", "HEAD", "OPTIONS") or uploads.PATH not in path
        return not harmless and not (method in ("PUT", "DELETE") and self._may_upload(path))

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Streamlit would ask an outside service for this machine's address before it refuses a strange origin.
        if self._is_stranger(Headers(scope=scope)):
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "origin"})
            return
        await self._app(scope, receive, send)

    def _is_stranger(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return False
        try:
            parts = urlsplit(origin)
        except ValueError:
            return True
        named = {self._option("browser.serverAddress"), *_hosts(self._option("server.corsAllowedOrigins"))}
        return parts.netloc != headers.get("host") and parts.hostname not in LOCAL | named


def _hosts(origins: str) -> set[str]:
    return {urlsplit(origin.strip()).hostname or "" for origin in origins.split(",")}


def _without(base: str, scope: Scope) -> Scope:
    """Our routes sit at the root, Streamlit's below ``server.baseUrlPath``: lead requests for ours there."""
    path: str = scope["path"]
    rest = path.removeprefix(f"/{base}") if base else path
    ours = any(rest == own or rest.startswith(f"{own}/") for own in OWN_PATHS)
    return {**scope, "path": rest, BASE_PATH: f"/{base}/"} if rest != path and ours else scope


def _may_be_framed(base: str, scope: Scope) -> bool:
    """Only the reader page, and only with ``?embed=true``; other pages of the app can never be framed elsewhere."""
    root = scope.get("root_path", "")
    at_reader = scope["path"].strip("/") in {base, root.strip("/"), ""}
    embed = parse_qs(scope["query_string"].decode("latin-1")).get("embed", [])
    return at_reader and [value.lower() for value in embed] == ["true"]


def _with_headers(send: Send, framing: str) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
            if headers.get("content-type", "").startswith("text/html"):
                headers.setdefault("Content-Security-Policy", framing)
        await send(message)

    return send_on
