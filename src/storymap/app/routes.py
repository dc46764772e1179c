"""What the server answers besides the Streamlit page: ``/story/<slug>/``, ``/story/<slug>/?lang=ru``, ``/healthz``, what
`embedding` adds, and an editor's drafts (`preview_route`)."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from storymap.app.address import wanted
from storymap.app.answers import COMMON, FRESH_FOR_READERS, elsewhere, missing, story_page
from storymap.app.assets import asset_routes
from storymap.app.compiled import About, Broken, Compiled, Page
from storymap.app.editor import rights
from storymap.app.editor.preview_route import preview_routes
from storymap.app.editor.previews import current_previews
from storymap.app.embedding import discovery, embed_routes
from storymap.app.library import Library
from storymap.app.negotiation import coding, matches
from storymap.app.notices import NOTICE_CSP, away_page, broken_page
from storymap.app.settings import Settings, read_settings

__all__ = ["story_routes"]

SANDBOX = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
"""Streamlit's frames give their content the app's own origin; with this the story runs in an origin of its own."""
RETRY_S = "120"
"""Seconds after which it is worth asking again for a story that is broken."""
MEDIA = {
    "Cache-Control": "public, max-age=31536000, immutable",  # the address holds a hash of the content
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def story_routes(library: Library, settings: Settings | None = None) -> list[Route]:
    """Routes for `streamlit.App`; they come before Streamlit's own, which answer 200 to every path.

    ``settings``: None for those of the environment. Raises `SettingError`.
    """
    settings = settings or read_settings()

    async def story(request: Request) -> Response:
        lang = wanted(request.query_params).lang
        slug = request.path_params["slug"]
        page = await story_page(library, slug, lang, good=False)
        if page is None:
            return await elsewhere(library, request, "../../", settings)
        if isinstance(page, Broken):
            if await to_thread.run_sync(_may_edit, request):
                return _broken(broken_page(page), request, settings)
            good = await to_thread.run_sync(library.last_good, slug, lang)
            if good is None:
                return _broken(away_page("../../", slug), request, settings)
            page = good
        # An address names a language only where it changes something: what a reader's asks for may be any word.
        own = await to_thread.run_sync(partial(library.about, slug, good=True)) if lang else page.about
        spoken = page.about.lang if isinstance(own, About) and own.lang != page.about.lang else None
        return _document(discovery(page, settings.base(request), spoken), request, settings)

    async def media(request: Request) -> Response:
        page = await story_page(library, request.path_params["slug"])
        path = page.assets.get(f"media/{request.path_params['name']}") if isinstance(page, Compiled) else None
        # Files of the last version that could be shown may be gone.
        if path is None or not path.is_file():
            return await elsewhere(library, request, "../../../", settings)
        return FileResponse(path, headers={**COMMON, **MEDIA})

    async def without_slash(request: Request) -> Response:
        slug = request.path_params["slug"]
        if await to_thread.run_sync(library.find, slug) is None:
            return await elsewhere(library, request, "../", settings)
        query = f"?{request.url.query}" if request.url.query else ""
        # Relative, so that it holds behind a proxy that puts the app under a path of its own.
        return Response(status_code=308, headers={**COMMON, "Location": f"{slug}/{query}"})

    async def nothing(request: Request) -> Response:
        return missing("../" * (request.path_params.get("rest", "").count("/") + 1), settings)

    async def health(_: Request) -> Response:
        return JSONResponse(await to_thread.run_sync(_health, library), headers={"Cache-Control": "no-store"})

    return [
        Route("/healthz", health),
        *asset_routes(library.stories / "basemap"),
        *embed_routes(library, settings),
        *preview_routes(current_previews(), settings),
        Route("/story", nothing),
        Route("/story/{slug}/", story),
        Route("/story/{slug}/media/{name}", media),
        Route("/story/{slug}", without_slash),
        Route("/story/{rest:path}", nothing),
    ]


def _document(page: Compiled, request: Request, settings: Settings) -> Response:
    accepted = request.headers.get("accept-encoding", "")
    headers = {
        **COMMON,
        "Cache-Control": FRESH_FOR_READERS,
        "Content-Security-Policy": _policy(page.csp, request, settings),
        "Vary": "Accept-Encoding",
    }
    # Whoever has the page in a coding that it takes has the page, also when there is a smaller one by now.
    for had in (*(name for name in ("br", "gzip") if coding(accepted, (name,))), ""):
        if matches(request.headers.get("if-none-match", ""), _tag(page, had)):
            return Response(status_code=304, headers={**headers, "ETag": _tag(page, had)})
    chosen, body = page.content.answer(accepted)
    headers |= {"ETag": _tag(page, chosen), "Content-Language": page.about.lang}
    if chosen:
        headers["Content-Encoding"] = chosen
    return Response(body, headers=headers, media_type="text/html")


def _tag(page: Compiled, chosen: str) -> str:
    return f'"{page.tag}-{chosen}"' if chosen else f'"{page.tag}"'


def _may_edit(request: Request) -> bool:
    """Whether whoever asks may edit here, as far as a plain request tells: at the machine itself, where nobody signs in."""
    peer = request.client.host if request.client else None
    return rights.reads_here(dict(request.headers), peer)


def _broken(html: str, request: Request, settings: Settings) -> Response:
    # 503, not 4xx: the request is right and the fault is on this side, for a while, so that caches keep what they had,
    # search engines come back, and a monitor rings.
    policy = _policy(NOTICE_CSP, request, settings)
    headers = {**COMMON, "Cache-Control": "no-store", "Content-Security-Policy": policy, "Retry-After": RETRY_S}
    return Response(html, 503, headers, media_type="text/html")


def _policy(own: str, request: Request, settings: Settings) -> str:
    shown_in_app = request.query_params.get("shell") == "app"
    return "; ".join([own, settings.frame_ancestors, *([SANDBOX] if shown_in_app else [])])


def _health(library: Library) -> dict[str, object]:
    """Never waits: a story that still compiles is named as such."""
    stories = {
        name: _state(future.result() if future.done() else None, library.last_good(name))
        for name, future in library.all().items()
    }
    return {"status": "ok", "stories": stories}


def _state(page: Page | None, good: Compiled | None) -> dict[str, object]:
    if page is None:
        return {"state": "compiling"}
    if isinstance(page, Broken):
        shown = {"shown": "last good", "etag": good.tag} if good else {"shown": "notice"}
        return {"state": "errors", "errors": len(page.problems), **shown}
    return {"state": "ok", "etag": page.tag}
