"""``_headers``: what Netlify, Cloudflare Pages and their like send with each file of a site.

One header stands in one rule only, since hosts join the values of all rules that match a path. They take some 100 rules
at most, of lines of 2,000 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from storymap.manifest import CACHE_CONTROL, Entry

__all__ = ["COMMON", "FRAMED_BY", "FRAMED_BY_NONE", "MEDIA_CSP", "headers_file"]

COMMON: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
FRAMED_BY = "frame-ancestors * file:"
"""Newsrooms show a story in a frame of their own article, and look at the article from a file first."""
FRAMED_BY_NONE = "frame-ancestors 'none'"
MEDIA_CSP = "default-src 'none'; sandbox"
FOLDERS = ("data", "images", "media")
"""Folders of a site, or of one of its languages, whose files share one rule."""


def headers_file(files: Iterable[Entry], policies: Mapping[str, str], root: str = "/") -> str:
    """The text of ``_headers``. ``policies``: path of a page → its content security policy, with ``frame-ancestors``;
    ``root``: path of the site's folder on its host, from ``/`` to ``/``."""
    rules: list[tuple[str, list[str]]] = [(f"{root}*", [f"{name}: {value}" for name, value in COMMON.items()])]
    folders: dict[str, set[str]] = {}
    for item in files:
        lines = [f"Cache-Control: {CACHE_CONTROL[item.cache]}"]
        if item.path in policies:
            lines.append(f"Content-Security-Policy: {policies[item.path]}")
        elif item.path == "embed.js" or item.path.endswith(".json"):
            # An article of another origin may ask for these with crossorigin, or from its own script.
            lines.append("Access-Control-Allow-Origin: *")
        elif (folder := item.path.rpartition("/")[0]).rpartition("/")[2] in FOLDERS:
            folders.setdefault(folder, set()).add(lines[0])
            continue
        else:
            continue  # hosts have such files asked for anew each time by themselves, and they count the rules
        rules.append((f"{root}{item.path}", lines))
        if item.path.endswith("index.html"):
            rules.append((f"{root}{item.path.removesuffix('index.html')}", lines))
    for folder, caching in sorted(folders.items()):
        more = ["Access-Control-Allow-Origin: *"] if folder == "data" else []
        (line,) = caching
        rules.append((f"{root}{folder}/*", [line, f"Content-Security-Policy: {MEDIA_CSP}", *more]))
    return "".join(f"{path}\n" + "".join(f"  {line}\n" for line in lines) for path, lines in rules)
