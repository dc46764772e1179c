"""What the server answers besides the Streamlit page: ``/story/<slug>/``, ``/story/<slug>/?lang=ru`` and ``/healthz``."""

from __future__ import annotations

import asyncio

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from storymap.app.address import wanted
from storymap.app.compiled import Broken, Compiled, Page
from storymap.app.guard import ANYWHERE
from storymap.app.library import Library
from storymap.app.negotiation import accepts_gzip, matches
from storymap.app.notices import NOTICE_CSP, broken_page, missing_page

__all__ = ["story_routes"]

SANDBOX = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
"""Streamlit's frames give their content the app's own origin; with this the story runs in an origin of its own."""
FRESH_FOR_READERS = "public, max-age=0, s-maxage=60, must-revalidate"
"""A browser asks each time (and mostly hears 304), so a reload shows a change; a CDN may answer for a minute."""
MEDIA = {
    "Cache-Control": "public, max-age=31536000, immutable",  # the address holds a hash of the content
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def story_routes(library: Library) -> list[Route]:
    """Routes for `streamlit.App`; they come before Streamlit's own, which answer 200 to every path."""

    async def story(request: Request) -> Response:
        lang = wanted(request.query_params).lang
        page = await _page(library, request.path_params["slug"], lang)
        if page is None:
            return _missing("../../")
        return _broken(page, request) if isinstance(page, Broken) else _document(page, request)

    async def media(request: Request) -> Response:
        page = await _page(library, request.path_params["slug"])
        path = page.assets.get(f"media/{request.path_params['name']}") if isinstance(page, Compiled) else None
        return _missing("../../../") if path is None else FileResponse(path, headers={**COMMON, **MEDIA})

    async def without_slash(request: Request) -> Response:
        slug = request.path_params["slug"]
        if await to_thread.run_sync(library.find, slug) is None:
            return _missing("../")
        query = f"?{request.url.query}" if request.url.query else ""
        # Relative, so that it holds behind a proxy that puts the app under a path of its own.
        return Response(status_code=308, headers={**COMMON, "Location": f"{slug}/{query}"})

    async def nothing(request: Request) -> Response:
        return _missing("../" * (request.path_params.get("rest", "").count("/") + 1))

    async def health(_: Request) -> Response:
        return JSONResponse(await to_thread.run_sync(_health, library), headers={"Cache-Control": "no-store"})

    return [
        Route("/healthz", health),
        Route("/story", nothing),
        Route("/story/{slug}/", story),
        Route("/story/{slug}/media/{name}", media),
        Route("/story/{slug}", without_slash),
        Route("/story/{rest:path}", nothing),
    ]


async def _page(library: Library, slug: str, lang: str | None = None) -> Page | None:
    found = await to_thread.run_sync(library.find, slug, lang)
    if found is None:
        return None
    # Shielded: a reader who leaves must not cancel a compile that others wait for.
    page: Page = await asyncio.shield(asyncio.wrap_future(found))
    return page


def _document(page: Compiled, request: Request) -> Response:
    gzipped = accepts_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{page.tag}{"-gzip" if gzipped else ""}"'
    headers = {
        **COMMON,
        "Cache-Control": FRESH_FOR_READERS,
        "Content-Security-Policy": _policy(page.csp, request),
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Language"] = page.about.lang
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return Response(page.gzipped if gzipped else page.plain, headers=headers, media_type="text/html")


def _broken(page: Broken, request: Request) -> Response:
    # 500, not 4xx: the request is right and the fault is on this side, so that caches keep what they had, search
    # engines come back, and a monitor rings.
    policy = _policy(NOTICE_CSP, request)
    headers = {**COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy}
    return Response(broken_page(page), 500, headers, media_type="text/html")


def _missing(way_home: str) -> Response:
    policy = f"{NOTICE_CSP}; {ANYWHERE}"
    headers = {**COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy}
    return Response(missing_page(way_home), 404, headers, media_type="text/html")


def _policy(own: str, request: Request) -> str:
    shown_in_app = request.query_params.get("shell") == "app"
    return "; ".join([own, ANYWHERE, *([SANDBOX] if shown_in_app else [])])


def _health(library: Library) -> dict[str, object]:
    """Never waits: a story that still compiles is named as such."""
    stories = {name: _state(future.result() if future.done() else None) for name, future in library.all().items()}
    return {"status": "ok", "stories": stories}


def _state(page: Page | None) -> dict[str, object]:
    if page is None:
        return {"state": "compiling"}
    if isinstance(page, Broken):
        return {"state": "errors", "errors": len(page.problems)}
    return {"state": "ok", "etag": page.tag}
