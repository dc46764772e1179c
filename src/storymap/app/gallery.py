"""The list of stories, as HTML for `streamlit.html`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from storymap.app.address import Wanted, reader_address
from storymap.app.compiled import About, Broken

__all__ = ["gallery"]

STYLE = Path(__file__).with_name("gallery.css").read_text(encoding="utf-8")


def gallery(stories: Mapping[str, About | Broken], asked: Wanted, notice: str = "", *, details: bool = True) -> str:
    """HTML: a card for each story with title, subtitle, description and link; for a broken one that there is no showing it
    now, with ``details`` what is wrong, which is for those who may edit.

    Every text of a story is escaped. ``notice`` is a sentence shown first, such as that an address led nowhere.
    """
    cards = "".join(
        _broken(story, details) if isinstance(story, Broken) else _card(story, asked) for story in _sorted(stories)
    )
    body = f'<ul class="stories">{cards}</ul>' if cards else _empty()
    first = f'<p role="status">{escape(notice)}</p>' if notice else ""
    return f'<style>{STYLE}</style><div class="storymap-list"><h1>Stories</h1>{first}{body}</div>'


def _sorted(stories: Mapping[str, About | Broken]) -> Iterable[About | Broken]:
    return sorted(stories.values(), key=lambda story: (isinstance(story, Broken), _name(story).casefold()))


def _name(story: About | Broken) -> str:
    return story.slug if isinstance(story, Broken) else story.title


def _card(story: About, asked: Wanted) -> str:
    link = f'<a href="{escape(reader_address(story.slug, asked))}">{escape(story.title)}</a>'
    subtitle = f'<p class="subtitle">{escape(story.subtitle)}</p>' if story.subtitle else ""
    description = f"<p>{escape(story.description)}</p>" if story.description else ""
    share = f'<p class="share" lang="en"><a href="?share={escape(story.slug)}">Share or embed</a></p>'
    return f'<li lang="{escape(story.lang)}"><h2>{link}</h2>{subtitle}{description}{share}</li>'


def _broken(story: Broken, details: bool) -> str:
    if not details:
        said = "<p>This story can not be shown at the moment.</p>"
        return f'<li class="broken"><h2>{escape(story.slug)}</h2>{said}</li>'
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in story.problems)
    words = "can not be shown yet. To put right:"
    return f'<li class="broken"><h2>{escape(story.slug)}</h2><p>This story {words}</p><ul class="problems">{problems}</ul></li>'


def _empty() -> str:
    return "<p>There are no stories yet. A story is a folder with a file named story.yaml.</p>"
