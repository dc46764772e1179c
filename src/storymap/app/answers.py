"""What the routes share: a story's page by its address, and the headers of each kind of answer."""

from __future__ import annotations

import asyncio

from anyio import to_thread
from starlette.responses import Response

from storymap.app.compiled import Page
from storymap.app.library import Library
from storymap.app.notices import NOTICE_CSP, missing_page
from storymap.app.settings import Settings

__all__ = ["COMMON", "FRESH_FOR_READERS", "missing", "story_page"]

FRESH_FOR_READERS = "public, max-age=0, s-maxage=60, must-revalidate"
"""A browser asks each time (and mostly hears 304), so a reload shows a change; a CDN may answer for a minute."""
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


async def story_page(library: Library, slug: str, lang: str | None = None) -> Page | None:
    """The story compiled, or why it is not; None when there is no such story."""
    found = await to_thread.run_sync(library.find, slug, lang)
    if found is None:
        return None
    # Shielded: a reader who leaves must not cancel a compile that others wait for.
    page: Page = await asyncio.shield(asyncio.wrap_future(found))
    return page


def missing(way_home: str, settings: Settings) -> Response:
    """404. ``way_home``: relative address of the list of stories."""
    policy = f"{NOTICE_CSP}; {settings.frame_ancestors}"
    headers = {**COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy}
    return Response(missing_page(way_home), 404, headers, media_type="text/html")
