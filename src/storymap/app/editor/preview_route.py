"""``/preview/<token>/``: a draft, for the tab that it is made in. Every other address there tells nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import wraps

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from storymap.app.address import LANG
from storymap.app.answers import COMMON, missing
from storymap.app.editor.previews import Page, Preview, Previews, Seen
from storymap.app.negotiation import accepts_gzip
from storymap.app.settings import Settings

__all__ = ["preview_routes"]

SANDBOX = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox"
SECRET = {
    **COMMON,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the key
    "X-Robots-Tag": "noindex, nofollow",
}

Answer = Callable[[Request, Preview], Awaitable[Response | None]]


def preview_routes(previews: Previews, settings: Settings) -> list[Route]:
    """Routes for `story_routes`. Whatever is wrong with an address, the answer is the same 404."""

    def guarded(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        @wraps(answer)
        async def answered(request: Request) -> Response:
            preview = previews.find(request.path_params.get("token", ""))
            found = None if preview is None else await answer(request, preview)
            if found is not None:
                return found
            depth = request.path_params.get("token", "") + "/" + request.path_params.get("rest", "")
            return missing("../" * (depth.count("/") + 1), settings)

        return answered

    return [
        Route("/preview/{token}/", guarded(_document)),
        Route("/preview/{token}/state", guarded(_state)),
        Route("/preview/{token}/media/{name}", guarded(_media)),
        Route("/preview", guarded(_nothing)),
        Route("/preview/{rest:path}", guarded(_nothing)),
    ]


async def _document(request: Request, preview: Preview) -> Response | None:
    seen = await _seen(request, preview)
    return None if seen.page is None else _sent(seen.page, request)


async def _state(request: Request, preview: Preview) -> Response:
    """What came of a version of the draft (``v``), once it is compiled. ``rest``, ``texts``: see `retexting`;
    ``frame``: see `remapping`."""
    seen = await _seen(request, preview)
    page = seen.page
    told = {
        "version": seen.version,
        "made": page.made if page is not None else 0,
        "faults": [asdict(fault) for fault in seen.faults],
        "rest": page.texts.rest if page is not None else "",
        "frame": page.frame if page is not None else "",
        "texts": [asdict(step) for step in page.texts.steps] if page is not None else [],
    }
    return JSONResponse(told, headers=SECRET)


async def _media(request: Request, preview: Preview) -> Response | None:
    path = preview.asset(f"media/{request.path_params['name']}")
    if path is None or not path.is_file():
        return None
    return FileResponse(path, headers={**SECRET, "Content-Security-Policy": "default-src 'none'; sandbox"})


async def _nothing(_: Request, __: Preview) -> Response | None:
    return None


async def _seen(request: Request, preview: Preview) -> Seen:
    lang, version = request.query_params.get("lang", ""), request.query_params.get("v", "")
    asked = lang if re.fullmatch(LANG, lang) else None
    number = int(version) if re.fullmatch(r"[0-9]{1,9}", version) else 0
    # Shielded: a frame that is taken away must not cancel what another waits for.
    return await asyncio.shield(asyncio.wrap_future(preview.look(max(1, number), asked)))


def _sent(page: Page, request: Request) -> Response:
    gzipped = accepts_gzip(request.headers.get("accept-encoding", ""))
    policy = "; ".join([page.csp, "frame-ancestors 'self'", SANDBOX])
    headers = {**SECRET, "Content-Security-Policy": policy, "Vary": "Accept-Encoding"}
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return Response(page.gzipped if gzipped else page.plain, headers=headers, media_type="text/html")
