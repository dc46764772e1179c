"""What the routes share: a story's page by its address, and the headers of each kind of answer."""

from __future__ import annotations

import asyncio

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from storymap.app.compiled import Broken, Page
from storymap.app.library import Library
from storymap.app.notices import NOTICE_CSP, archived_page, missing_page
from storymap.app.settings import Settings

__all__ = ["COMMON", "FRESH_FOR_READERS", "elsewhere", "missing", "story_page"]

FRESH_FOR_READERS = "public, max-age=0, s-maxage=60, must-revalidate"
"""A browser asks each time (and mostly hears 304), so a reload shows a change; a CDN may answer for a minute."""
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


async def story_page(library: Library, slug: str, lang: str | None = None, *, good: bool = True) -> Page | None:
    """The story compiled, or why it is not; None when there is no such story. ``good``: the last version that could be
    shown, where that of the files can not."""
    found = await to_thread.run_sync(library.find, slug, lang)
    if found is None:
        return None
    # Shielded: a reader who leaves must not cancel a compile that others wait for.
    page: Page = await asyncio.shield(asyncio.wrap_future(found))
    kept = await to_thread.run_sync(library.last_good, slug, lang) if good and isinstance(page, Broken) else None
    return kept or page


async def elsewhere(library: Library, request: Request, way_home: str, settings: Settings) -> Response:
    """The answer at ``/story/<slug>…`` when there is no such story: 308 when it was renamed, 410 when it was put away, else
    404. ``way_home``: relative address of the list of stories."""
    slug = request.path_params["slug"]
    moved = await to_thread.run_sync(library.moved, slug)
    if moved is not None:
        rest = request.scope["path"].partition(f"/story/{slug}")[2]
        query = f"?{request.url.query}" if request.url.query else ""
        # Relative, so that it holds behind a proxy that puts the app under a path of its own. Not for good in any cache: a
        # new story may take the old name.
        address = f"{'../' * rest.count('/')}{moved}{rest or '/'}{query}"
        return Response(
            status_code=308, headers={**COMMON, "Location": address, "Cache-Control": "public, max-age=300"}
        )
    if await to_thread.run_sync(library.archived, slug):
        return _notice(archived_page(way_home), 410, settings)
    return missing(way_home, settings)


def missing(way_home: str, settings: Settings) -> Response:
    """404. ``way_home``: relative address of the list of stories."""
    return _notice(missing_page(way_home), 404, settings)


def _notice(html: str, status: int, settings: Settings) -> Response:
    policy = f"{NOTICE_CSP}; {settings.frame_ancestors}"
    headers = {**COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy}
    return Response(html, status, headers, media_type="text/html")
