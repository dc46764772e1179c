"""``embed.html``: the page beside a story that newsrooms copy its snippet from and try it in, with text around it."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

from storymap import embed
from storymap.oembed import Embeddable

__all__ = ["EMBED_PAGE_CSP", "embed_page", "embed_snippet"]

# A snippet brings styles of its own, as attributes.
EMBED_PAGE_CSP = (
    "default-src 'none'; script-src 'self'; frame-src 'self'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_STYLE = (
    ":root{color-scheme:light dark}body{margin:0;font:1.05rem/1.6 Georgia,serif}main{max-width:60rem;margin:0 auto;"
    "padding:0 1rem 4rem}h1,h2,p,pre{max-width:40rem;margin-inline:auto}pre{padding:.75rem;border:1px solid;"
    "overflow:auto;font:.8rem/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}.text{opacity:.7}"
    "figcaption{margin-top:.4em;font:.85rem/1.4 system-ui,sans-serif}"
)
_TEXT = "Here stands the text of the article, as long as it is, and the reader scrolls through it. " * 5


def embed_page(pasted: Embeddable, tried: Embeddable) -> str:
    """HTML of the page. ``pasted``: the story with the addresses of the snippet to copy, whole ones if they are known;
    ``tried``: with those of the files beside the page."""
    if urlsplit(pasted.url).scheme:
        how = "<p>Paste this into the article, as HTML:</p>\n"
        how += f'<pre tabindex="0" role="group" aria-label="Snippet">{escape(embed_snippet(pasted))}</pre>'
    else:
        how = "<p>Build the story with <code>--url</code>, the address that it will have, and the snippet stands here.</p>"
    paragraph = f'<p class="text">{_TEXT.strip()}</p>\n'
    title = escape(tried.title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(EMBED_PAGE_CSP)}">\n'
        f'<title>Embed: {title}</title>\n<link rel="icon" href="data:,">\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n'
        f"<h1>Embed: {title}</h1>\n{how}\n<h2>As readers see it</h2>\n{paragraph}{embed_snippet(tried)}\n{paragraph * 6}"
        "</main>\n</body>\n</html>\n"
    )


def embed_snippet(story: Embeddable) -> str:
    """The ladder, to be pasted into an article."""
    return embed.snippet(
        "ladder",
        url=story.url,
        title=story.title,
        script_url=story.script_url,
        picture_url=story.picture_url,
        alt=story.alt,
        picture_size=story.picture_size,
        words=story.words,
    )
