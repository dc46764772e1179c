"""What articles of other sites need of the app: ``/embed.js``, ``/oembed``, a picture of each step, and an article to try
a snippet in."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from functools import cache, partial
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from storymap import embed, oembed, words
from storymap.app.address import wanted
from storymap.app.answers import COMMON, FRESH_FOR_READERS, elsewhere, story_page
from storymap.app.compiled import About, Broken, Compiled
from storymap.app.library import Library
from storymap.app.negotiation import accepts_gzip, matches
from storymap.app.settings import Settings
from storymap.app.trial import TRIAL_CSP, asked_for, trial_article
from storymap.illustration import PICTURE

__all__ = ["discovery", "embed_routes", "embeddable"]

SCRIPT = {**COMMON, "Cache-Control": "public, max-age=300, stale-while-revalidate=86400", "Vary": "Accept-Encoding"}
SCRIPT |= {"Access-Control-Allow-Origin": "*"}
ROBOTS = "User-agent: *\nDisallow: /edit\nDisallow: /preview/\n"
"""Without an answer of our own, Streamlit's page would be sent to who asks for it."""
PICTURE_CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def embed_routes(library: Library, settings: Settings) -> list[Route]:
    """Routes that come before those of the stories themselves."""

    async def script(request: Request) -> Response:
        return _script(request)

    async def answer(request: Request) -> Response:
        return await _oembed(library, settings, request)

    async def picture(request: Request) -> Response:
        asked = wanted(request.query_params)
        page = await story_page(library, request.path_params["slug"], asked.lang)
        steps = page.about.steps if isinstance(page, Compiled) else ()
        step = asked.step or (steps[0][0] if steps else "")
        if not isinstance(page, Compiled) or step not in [item[0] for item in steps]:
            return await elsewhere(library, request, "../../", settings)
        svg = await to_thread.run_sync(page.picture, step)
        headers = {**COMMON, "Cache-Control": FRESH_FOR_READERS, "Content-Security-Policy": PICTURE_CSP}
        return Response(svg, headers=headers, media_type="image/svg+xml")

    async def trial(request: Request) -> Response:
        slug = request.path_params["slug"]
        about = await to_thread.run_sync(partial(library.about, slug, wanted(request.query_params).lang, good=True))
        try:
            kind, options = asked_for(request.query_params)
            # Relative addresses: the trial article stands beside the story.
            html = None if not isinstance(about, About) else trial_article(embeddable(about, "../../"), kind, options)
        except embed.EmbedError as error:
            return PlainTextResponse(f"{error}\n", 400, COMMON)
        if html is None:
            return await elsewhere(library, request, "../../", settings)
        headers = {**COMMON, "Cache-Control": "no-store", "Content-Security-Policy": TRIAL_CSP}
        return Response(html, headers=headers, media_type="text/html")

    async def robots(_: Request) -> Response:
        return PlainTextResponse(ROBOTS, headers={**COMMON, "Cache-Control": FRESH_FOR_READERS})

    return [
        Route("/robots.txt", robots),
        Route("/embed.js", script),
        Route("/oembed", answer),
        Route("/story/{slug}/picture.svg", picture),
        Route("/story/{slug}/article", trial),
    ]


def embeddable(about: About, base: str, *, step: str | None = None, lang: str | None = None) -> oembed.Embeddable:
    """A story with its addresses below ``base``, the address of the app; its picture is that of ``step``."""
    found = next((item for item in about.steps if item[0] == step), about.steps[0] if about.steps else ("", "", ""))
    asked = urlencode({key: value for key, value in {"step": found[0], "lang": lang}.items() if value})
    return oembed.Embeddable(
        title=about.title,
        url=f"{base}story/{about.slug}/" + (f"?lang={lang}" if lang else ""),
        script_url=f"{base}embed.js",
        picture_url=f"{base}story/{about.slug}/picture.svg?{asked}",
        alt=found[2],
        author=about.author or None,
        picture_size=PICTURE,
        provider="storymap",
        provider_url=base,
        words=words.page_words(about.lang),
    )


def discovery(page: Compiled, base: str, lang: str | None = None) -> Compiled:
    """The page with its address, those of its other languages, and links to its oEmbed answers, by which a CMS knows that
    it can show the story. Search engines ask for whole addresses, which only an answer knows."""
    if page.addressed is None:
        return page
    home = f"{base}story/{page.about.slug}/"
    url = home + (f"?lang={lang}" if lang else "")
    links = [f'<link rel="canonical" href="{escape(url)}">']
    if len(page.about.languages) > 1:
        links += [
            f'<link rel="alternate" hreflang="{escape(code)}" href="{escape(f"{home}?lang={code}" if number else home)}">'
            for number, code in enumerate(page.about.languages)
        ]
        links.append(f'<link rel="alternate" hreflang="x-default" href="{escape(home)}">')
    return page.addressed("".join(links) + oembed.discovery_links(f"{base}oembed", url, page.about.title))


@cache
def _script_bytes() -> tuple[bytes, bytes, str]:
    plain = embed.script()
    return plain, gzip.compress(plain, compresslevel=9, mtime=0), hashlib.sha256(plain).hexdigest()[:32]


def _script(request: Request) -> Response:
    plain, packed, digest = _script_bytes()
    zipped = accepts_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{digest}{"-gzip" if zipped else ""}"'
    headers = {**SCRIPT, "ETag": tag, **({"Content-Encoding": "gzip"} if zipped else {})}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(packed if zipped else plain, headers=headers, media_type="text/javascript")


async def _oembed(library: Library, settings: Settings, request: Request) -> Response:
    query = request.query_params
    kind = query.get("format", "json")
    if kind not in ("json", "xml"):
        return PlainTextResponse(f"format: '{kind[:20]}' is neither json nor xml\n", 501, COMMON)
    try:
        widest, highest = _pixels(query.get("maxwidth")), _pixels(query.get("maxheight"))
    except ValueError:
        return PlainTextResponse("maxwidth, maxheight: whole numbers of pixels\n", 400, COMMON)
    base = settings.base(request)
    names = await to_thread.run_sync(library.names)
    asked = await to_thread.run_sync(_story_at, query.get("url", ""), base, names, library.moved)
    if asked is None:
        return PlainTextResponse("url: not the address of a story of this app\n", 404, COMMON)
    slug, step, lang = asked
    about = await to_thread.run_sync(partial(library.about, slug, lang, good=True))
    if about is None or isinstance(about, Broken):
        return PlainTextResponse("url: the story can not be shown\n", 404, COMMON)
    step = step if step in [item[0] for item in about.steps] else None
    options = embed.EmbedOptions(step=step)
    found = oembed.oembed(
        embeddable(about, base, step=step, lang=lang), options=options, max_width=widest, max_height=highest
    )
    headers = {**COMMON, "Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    headers["Vary"] = "X-Forwarded-Proto"
    text, mime = (oembed.as_json(found), "application/json") if kind == "json" else (oembed.as_xml(found), "text/xml")
    return Response(text, headers=headers, media_type=mime)


def _pixels(text: str | None) -> int | None:
    if text is None or text == "":
        return None
    if re.fullmatch(r"\d{1,6}", text) is None:
        raise ValueError(text)
    return int(text)


def _story_at(
    url: str, base: str, names: tuple[str, ...], moved: Callable[[str], str | None]
) -> tuple[str, str | None, str | None] | None:
    """Story, step and language that an address below ``base`` means: that of the document, or that of the app's page.
    None when it is neither."""
    try:
        parts, own = urlsplit(url), urlsplit(base)
        same = parts.scheme in ("http", "https") and parts.netloc.lower() == own.netloc
    except ValueError:
        return None
    if not same or not f"{parts.path}/".startswith(own.path):
        return None
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    asked = wanted({"step": parts.fragment, **query})
    rest = parts.path[len(own.path) :]
    slug = rest.removeprefix("story/").removesuffix("/") if rest.startswith("story/") else None
    if rest == "":
        slug = asked.story or (names[0] if len(names) == 1 and "story" not in query else None)
    slug = slug if slug in names else moved(slug or "")
    return (slug, asked.step, asked.lang) if slug in names else None
