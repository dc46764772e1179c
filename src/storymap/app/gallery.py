"""The list of stories, as HTML for `streamlit.html`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from storymap.app.address import Wanted, reader_address
from storymap.app.compiled import Broken, Compiled, Page

__all__ = ["gallery"]

STYLE = Path(__file__).with_name("gallery.css").read_text(encoding="utf-8")


def gallery(pages: Mapping[str, Page], asked: Wanted, notice: str = "") -> str:
    """HTML: a card for each story with title, subtitle, description and link; for a broken one, what is wrong.

    Every text of a story is escaped. ``notice`` is a sentence shown first, such as that an address led nowhere.
    """
    cards = "".join(_broken(page) if isinstance(page, Broken) else _card(page, asked) for page in _sorted(pages))
    body = f'<ul class="stories">{cards}</ul>' if cards else _empty()
    first = f'<p role="status">{escape(notice)}</p>' if notice else ""
    return f'<style>{STYLE}</style><main class="storymap-list"><h1>Stories</h1>{first}{body}</main>'


def _sorted(pages: Mapping[str, Page]) -> Iterable[Page]:
    return sorted(pages.values(), key=lambda page: (isinstance(page, Broken), _name(page).casefold()))


def _name(page: Page) -> str:
    return page.slug if isinstance(page, Broken) else page.title


def _card(page: Compiled, asked: Wanted) -> str:
    link = f'<a href="{escape(reader_address(page.slug, asked))}">{escape(page.title)}</a>'
    subtitle = f'<p class="subtitle">{escape(page.subtitle)}</p>' if page.subtitle else ""
    description = f"<p>{escape(page.description)}</p>" if page.description else ""
    return f'<li lang="{escape(page.lang)}"><h2>{link}</h2>{subtitle}{description}</li>'


def _broken(page: Broken) -> str:
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in page.problems)
    words = "can not be shown yet. To put right:"
    return f'<li class="broken"><h2>{escape(page.slug)}</h2><p>This story {words}</p><ul class="problems">{problems}</ul></li>'


def _empty() -> str:
    return "<p>There are no stories yet. A story is a folder with a file named story.yaml.</p>"
