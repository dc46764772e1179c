"""The story on paper: a PDF printed by an installed Chromium, the same bytes for the same story and browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from storymap.browser import chromium
from storymap.document import Document
from storymap.images import ADDRESS, PATIENCE_MS, NoPicture, answer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, PdfMargins

__all__ = ["handout", "printer"]

_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
_FOOT = (
    '<div style="width:100%;font:8px sans-serif;text-align:center;color:#555">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)


@contextmanager
def printer() -> Iterator[Browser]:
    """A browser to print with. Raises `storymap.browser.NoBrowser`."""
    with chromium() as browser:
        yield browser


def handout(browser: Browser, document: Document) -> bytes:
    """``document`` as a PDF on A4, with an outline and tags for screen readers. Raises `NoPicture`."""
    from playwright.sync_api import Error

    context = browser.new_context(reduced_motion="reduce", locale=document.lang, service_workers="block")
    try:
        context.route("**/*", partial(answer, document))
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(ADDRESS)
        # Pictures further down are loaded when a reader comes near them; paper has no reader yet.
        page.evaluate(
            """() => Promise.all([...document.images].map((image) => { image.loading = 'eager';
            return image.complete || new Promise((done) => { image.onload = image.onerror = done; }); }))"""
        )
        margin: PdfMargins = {"top": "14mm", "bottom": "16mm", "left": "12mm", "right": "12mm"}
        made = page.pdf(
            format="A4", print_background=True, tagged=True, outline=True, margin=margin,
            display_header_footer=True, header_template="<span></span>", footer_template=_FOOT,
        )  # fmt: skip
    except Error as error:
        raise NoPicture(f"the story could not be printed: {error.message.splitlines()[0]}") from None
    finally:
        context.close()
    return _DATES.sub(rb"/\1 (D:20000101000000", made)
