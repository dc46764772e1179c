"""Plain pages that stand in for a story: there is none at this address, or it has errors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path

from storymap.app.compiled import Broken

__all__ = ["NOTICE_CSP", "archived_page", "away_page", "broken_page", "missing_page"]

STYLE = Path(__file__).with_name("notice.css").read_text(encoding="utf-8")

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
NOTICE_CSP = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def missing_page(way_home: str) -> str:
    """HTML for an address without a story. ``way_home`` is the relative address of the list of stories."""
    link = f'<p><a href="{escape(way_home)}" target="_top">See the stories that there are</a></p>'
    return _page("There is no story here", "<p>It may have been moved, or the address has a slip in it.</p>" + link)


def archived_page(way_home: str) -> str:
    """HTML for the address of a story that was put away. ``way_home`` as for `missing_page`."""
    link = f'<p><a href="{escape(way_home)}" target="_top">See the stories that there are</a></p>'
    return _page("This story is no longer shown", "<p>Its editors have put it away.</p>" + link)


def away_page(way_home: str, slug: str) -> str:
    """HTML for readers of a story that can not be shown now. ``way_home`` as for `missing_page`."""
    home = escape(way_home)
    return _page(
        "This story can not be shown at the moment",
        "<p>Something in it has to be put right first. Please come back a little later.</p>"
        f'<p><a href="{home}" target="_top">See the other stories</a></p>'
        f'<p>If you edit this story: <a href="{home}edit?story={escape(slug)}" target="_top">the editor</a> says what is '
        "wrong.</p>",
    )


def broken_page(page: Broken) -> str:
    """HTML that lists what has to be put right in a story before it can be shown, for those who may edit it."""
    return _page("This story can not be shown yet", _counted(page.problems) + _list(page.problems))


def _counted(problems: Sequence[str]) -> str:
    count = "One thing has" if len(problems) == 1 else f"{len(problems)} things have"
    return f"<p>{count} to be put right first. Correct the files and reload this page.</p>"


def _list(problems: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(problem)}</li>" for problem in problems) + "</ul>"


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )
