"""Translations beside the original, in the order of the story, with what is missing or older than the original marked."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st
from babel import Locale

from storymap import edits
from storymap.app.editor.desk import Desk
from storymap.app.editor.past import of_repository, saved
from storymap.app.editor.translating import Group, Line, Place, groups, languages_of, lines, older, summary
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.story import Story
from storymap.words import language_name

__all__ = ["show"]

COMMON = (
    "ar", "az", "be", "bg", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hu", "hy", "id", "it",
    "ja", "ka", "kk", "ko", "ky", "lt", "lv", "mn", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sr", "sv", "tg", "tk", "tr",
    "ug", "uk", "ur", "uz", "vi", "zh",
)  # fmt: skip
MOST_VERSIONS = 200
TO_DO = "All that is to do"
MOST_AT_ONCE = 40
"""Texts on the page at once: with more, every change would take long."""
SHORT, LONG = 40, 160
"""Characters of an original from which its translation gets a field of several lines, and a tall one."""
MARKS = {"missing": ":orange-badge[Missing]", "older": ":orange-badge[Older than the original]"}


def show(desk: Desk) -> None:
    """Shows the panel."""
    lang = _language(desk)
    if lang is None:
        return
    try:
        story = _story(desk)
    except (StoryError, SaveError) as error:
        st.warning("The story has faults that have to be put right before it can be translated.")
        st.text(str(error).splitlines()[0])
        return
    found = lines(story, desk.now, lang, _older(desk, lang))
    st.write(f"**{summary(found)}.** What is missing is shown to readers in the story's own language.")
    _texts(desk, lang, _page(desk, lang, groups(story, found)))


def _story(desk: Desk) -> Story:
    """The story in its own language; validated once for each edit."""
    key = f"story to translate {desk.slug}"
    kept = st.session_state.get(key)
    if kept is None or kept[0] is not desk.now:
        kept = st.session_state[key] = (desk.now, desk.story())
    story: Story = kept[1]
    return story


# Languages


def _language(desk: Desk) -> str | None:
    """The language that is chosen; None when there is none yet."""
    own = str(desk.data.get("lang") or "en")
    there = [lang for lang in languages_of(desk.now) if lang != own]
    key = f"translate {desk.slug} into"
    if st.session_state.get(key) not in there:
        st.session_state[key] = there[0] if there else None
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        if there:
            st.selectbox("Language", there, key=key, format_func=_named)
        else:
            st.write("This story is in one language only.")
    with right, st.popover("Add a language", width="stretch"):
        _add(desk, own, there, key)
    chosen = st.session_state[key]
    return str(chosen) if chosen else None


def _named(lang: str) -> str:
    """The language in English, and as its own readers call it."""
    english = Locale.parse(lang, sep="-").get_display_name("en") or lang
    own = language_name(lang)
    return f"{english} ({own})" if own.lower() != english.lower() else english


def _add(desk: Desk, own: str, there: list[str], key: str) -> None:
    left = sorted((lang for lang in COMMON if lang not in there and lang != own), key=_named)
    lang = st.selectbox("Which language", left, index=None, format_func=_named, key=f"{key}/new",
                        placeholder="Type its name")  # fmt: skip
    st.button("Add", key=f"{key}/add", disabled=lang is None, on_click=_added, args=(desk, lang, key))
    st.caption("Readers are offered the language once it has a text and is saved.")


def _added(desk: Desk, lang: str, key: str) -> None:
    if desk.do(lambda story: edits.add_translation(story, lang)):
        st.session_state[key] = lang


def _older(desk: Desk, lang: str) -> set[Place]:
    known = st.session_state.setdefault(f"older texts {desk.slug}", {})
    past = saved(desk.folder)[:MOST_VERSIONS] or of_repository(desk.folder)[:MOST_VERSIONS]
    return older(desk.now, desk.base, lang, [one.files for one in past], known)


# Which texts are on the page


def _page(desk: Desk, lang: str, found: list[Group]) -> list[Group]:
    by_key = {group.key: group for group in found}
    key = f"texts {desk.slug}/{lang}"
    at_step = f"step/{desk.step}"
    # The step that is chosen at the side is the page that is wanted.
    if st.session_state.get(f"{key}/step") != at_step:
        st.session_state[f"{key}/step"] = at_step
        st.session_state[key] = at_step if at_step in by_key else next(iter(by_key))
    options = [*by_key, TO_DO]
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    st.selectbox("Texts", options, key=key, format_func=lambda one: _titled(by_key, one))
    chosen = st.session_state[key]
    if chosen == TO_DO:
        return [group for group in found if group.to_do]
    only = st.toggle("To do only", key=f"{key}/only") if by_key[chosen].to_do else False
    group = by_key[chosen]
    return [Group(group.key, group.title, tuple(line for line in group.lines if line.to_do))] if only else [group]


def _titled(by_key: dict[str, Group], key: str) -> str:
    if key == TO_DO:
        return f"{TO_DO} ({sum(group.to_do for group in by_key.values())})"
    group = by_key[key]
    return f"{group.title} ({group.to_do} to do)" if group.to_do else group.title


def _texts(desk: Desk, lang: str, page: list[Group]) -> None:
    if not any(group.lines for group in page):
        st.success("Nothing is to do here.")
    room = MOST_AT_ONCE
    every = len(page) > 1 or (bool(page) and st.session_state.get(f"texts {desk.slug}/{lang}") == TO_DO)
    for group in page:
        if every:
            st.subheader(group.title, anchor=False)
        for line in group.lines:
            if every and not line.to_do:
                continue
            if room == 0:
                st.caption("There is more: it comes when these are done.")
                return
            room -= 1
            _text(desk, lang, line)


def _text(desk: Desk, lang: str, line: Line) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        st.caption(line.what)
        # As it is, without Markdown: the translator has to see its marks.
        st.text(line.original or "(nothing in the original)")
    with right:
        label = f"{line.what}, in {_named(lang)}"
        if line.state in MARKS:
            st.markdown(MARKS[line.state])
        more: dict[str, Any] = {"label_visibility": "collapsed" if line.state in MARKS else "visible",
                                "max_chars": line.longest, **_bound(desk, lang, line)}  # fmt: skip
        if len(line.original) > SHORT:
            st.text_area(label, height=200 if len(line.original) > LONG else 90, **more)
        else:
            st.text_input(label, **more)


def _bound(desk: Desk, lang: str, line: Line) -> dict[str, Any]:
    """As `fields.bind`, for a text of a translation."""
    key = "/".join(["translation", desk.slug, lang, *line.place])
    if st.session_state.get(key) != line.translated:
        st.session_state[key] = line.translated
    return {"key": key, "on_change": partial(_entered, desk, lang, line.place, key)}


def _entered(desk: Desk, lang: str, place: Place, key: str) -> None:
    text = st.session_state[key].rstrip()
    desk.do(lambda story: edits.translate(story, lang, place, text if text.strip() else None))
