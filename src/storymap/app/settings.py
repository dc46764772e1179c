"""What the operator of the app sets in its environment, and where the app stands on the web."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from storymap.app.address import PATH

__all__ = ["BASE_PATH", "SettingError", "Settings", "read_settings"]

BASE_PATH = "storymap.base"
"""Key of an ASGI scope: the path under which `Guard` found the app (``server.baseUrlPath``), ``/maps/``."""
SOURCE = r"\*|'self'|'none'|[a-z][a-z0-9+.-]*:|(?:https?://)?(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::(?:\d{1,5}|\*))?"
HOST = r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?"


class SettingError(ValueError):
    """A setting that can not be used; says which, and why, in one line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``url``: public address of the app, with a slash at its end; None: as each request has it. ``framed_by``: who may
    show a story in a frame, as sources of ``frame-ancestors``."""

    url: str | None = None
    # Newsrooms show a story in a frame of their own article, and look at the article from a file first.
    framed_by: tuple[str, ...] = ("*", "file:")

    @property
    def frame_ancestors(self) -> str:
        """Directive for the documents of stories. The app itself shows them in a frame, too."""
        named = [source for source in self.framed_by if source not in ("'none'", "'self'")]
        return " ".join(["frame-ancestors", *([] if "*" in named else ["'self'"]), *named])

    def base(self, request: Request) -> str:
        """Public address of the app: as set, or as the browser sees it according to the request."""
        if self.url:
            return self.url
        # Of what a proxy may say in headers only the scheme is believed: whoever could name the host in an answer that
        # is kept for others could put a script of his own into articles.
        said = request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
        scheme = said if said in ("http", "https") else request.url.scheme
        host = request.headers.get("host", "").lower()
        path = request.scope.get(BASE_PATH) or "/"
        return f"{scheme}://{host if re.fullmatch(HOST, host) else 'localhost'}{path}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from STORYMAP_URL and STORYMAP_FRAME_ANCESTORS. Raises `SettingError`."""
    environment = os.environ if environment is None else environment
    url = environment.get("STORYMAP_URL", "").strip()
    framed = environment.get("STORYMAP_FRAME_ANCESTORS", "").strip()
    found = Settings(url=_public(url) if url else None)
    return Settings(found.url, _sources(framed)) if framed else found


def _public(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    path = f"/{path}" if path == "" or path.endswith("/") else f"/{path}/"
    if scheme not in ("http", "https") or not re.fullmatch(HOST, host.lower()) or not re.fullmatch(PATH, path):
        raise SettingError(f"STORYMAP_URL: '{url}' is no address of an app; write it as https://maps.example.org/news/")
    return f"{scheme}://{host.lower()}{path}"


def _sources(text: str) -> tuple[str, ...]:
    sources = tuple(text.lower().split())
    for source in sources:
        if re.fullmatch(SOURCE, source) is None:
            raise SettingError(
                f"STORYMAP_FRAME_ANCESTORS: '{source}' is no host; write hosts with spaces between them, as in "
                "https://news.example *.example.org"
            )
    return sources
