"""Beginning a story: from a template, or from files that come from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from storymap.app.editor import rights
from storymap.app.editor.desk import Notice
from storymap.app.editor.languages import LANGS
from storymap.app.editor.table_questions import ask
from storymap.countries import Country, basemap_beside, city_names, countries
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.incoming.carry import Refused
from storymap.incoming.compose import compose
from storymap.incoming.receive import KINDS, Received, receive
from storymap.incoming.stops import Trip
from storymap.incoming.tongue import guess_lang
from storymap.slugs import free, slug_of
from storymap.storyfolders import create, shelf
from storymap.storyzip import ZipRefused, unpack_story
from storymap.storyzip import bring_in as bring_in_zip
from storymap.templates import TEMPLATES, from_template

__all__ = ["begin", "bring_in", "say", "tell"]

SAID = "stories said"
REPORT = "stories report"
SOURCES = ["zip", "json", "js", "csv", "tsv", "xlsx", "geojson", "jpg", "jpeg", "png", "webp", "avif", "gif", "mp3", "ogg", "wav",
           "mp4", "webm"]  # fmt: skip


def say(text: str, kind: Literal["done", "warning", "error"] = "done") -> None:
    """Something to be said at the next look at the page."""
    st.session_state.setdefault(SAID, []).append(Notice(text, kind))


def tell() -> None:
    """Says it, and what became of the last import until another one begins."""
    for notice in st.session_state.pop(SAID, []):
        {"done": st.success, "warning": st.warning, "error": st.error}[notice.kind](notice.text)
    if report := st.session_state.get(REPORT):
        name, ask_for, lost = report
        with st.container(border=True, key="stories-report"):
            st.write(f"What became of the import is kept in the story's folder, in IMPORT.md ({name}).")
            for heading, lines in (("To be checked", ask_for), ("Not carried over", lost)):
                if lines:
                    with st.expander(f"{heading} ({len(lines)})", expanded=True):
                        st.text("\n".join(f"– {line}" for line in lines))
            st.button("Close", key="close-report", on_click=lambda: st.session_state.pop(REPORT, None))


def begin(stories: Path, finish: Callable[[], None]) -> None:
    """The form for a new story from a template."""
    with st.container(border=True, key="begin"):
        st.header("New story", anchor=False)
        kind = st.radio(
            "Begin with", list(TEMPLATES), format_func=lambda one: TEMPLATES[one].name, key="begin-kind", horizontal=True,
            captions=[one.about for one in TEMPLATES.values()],
        )  # fmt: skip
        title = st.text_input("Title", key="begin-title")
        left, right = st.columns(2)
        guess = guess_lang(title)
        lang = left.selectbox(
            "Language of the texts", list(LANGS), index=None, format_func=LANGS.__getitem__, key="begin-lang",
            placeholder=LANGS[guess], help="Left empty: the one that the title is written in.",
        ) or guess  # fmt: skip
        country = _country(stories, right, lang)
        name = _name(stories, title)
        st.caption("For a story from a spreadsheet, use Import.")
        if _go("Make the story", finish) and country is not None:
            names = city_names(basemap_beside(stories), lang)
            made = from_template(kind, country, title=title.strip(), lang=lang, names=names)
            if _made(lambda: create(stories, name, made.write)):
                _open(name)


def bring_in(stories: Path, finish: Callable[[], None]) -> None:
    """The form for files that come from elsewhere."""
    with st.container(border=True, key="bring-in"):
        st.header("Import", anchor=False)
        st.caption(
            "A story exported here (.zip), an export of StoryMapJS (.json), the config.js of Mapbox' storytelling template, "
            "the sheets of Leaflet Storymaps, or a spreadsheet with a row for each step. Add the pictures that it names, as "
            "files or in a zip. Nothing is fetched from the web."
        )
        uploads = st.file_uploader("Files", SOURCES, accept_multiple_files=True, key="bring-in-files")
        received = _received(uploads) if uploads else None
        if received is None:
            if st.button("Cancel", key="bring-in-cancel"):
                finish()
            return
        st.write(f"This is {KINDS[received.kind]}.")
        if received.kind == "story":
            _zip(stories, received, finish)
        else:
            _trip(stories, received, finish)


def _received(uploads: list[UploadedFile]) -> Received | None:
    """What the files are; read once, however often the page is run."""
    key = tuple(upload.file_id for upload in uploads)
    kept = st.session_state.get("stories received")
    if kept is None or kept[0] != key:
        try:
            found: Received | str = receive([(upload.name, upload.getvalue()) for upload in uploads])
        except Refused as error:
            found = str(error)
        kept = st.session_state["stories received"] = (key, found)
    if isinstance(kept[1], str):
        st.error(kept[1])
        return None
    return cast("Received", kept[1])


def _zip(stories: Path, received: Received, finish: Callable[[], None]) -> None:
    content = received.zipped or b""
    try:
        inside = unpack_story(content).name or Path(received.name).stem
    except ZipRefused as error:
        st.error(str(error))
        return
    name = _name(stories, inside, keep=True)
    said: list[str] = []

    def work() -> None:
        said.extend(bring_in_zip(stories, content, name)[1])

    if _go("Import", finish) and _made(work):
        say(f"'{name}' was imported.")
        for line in said:
            say(line, "warning")
        finish()


def _trip(stories: Path, received: Received, finish: Callable[[], None]) -> None:
    trip = received.trip or ask(received)
    if trip is None:
        if st.button("Cancel", key="bring-in-cancel"):
            finish()
        return
    title = st.text_input("Title", trip.title or Path(received.name).stem, key=f"bring-in-title-{received.name}")
    name = _name(stories, title)
    count = len(trip.stops)
    st.write(f"{count} step{'s' * (count != 1)}.")
    if lost := list(trip.report.lines()):
        with st.expander(f"Not carried over ({len(lost)})"):
            st.text("\n".join(f"– {line}" for line in lost))
    if not _go("Import", finish):
        return
    # The report grows while the story is put together: that of the page stays as it is.
    whole = replace(trip, title=title.strip(), report=replace(trip.report, lost=[*trip.report.lost], ask=[*trip.report.ask]),
                    stops=[replace(stop) for stop in trip.stops])  # fmt: skip
    made = compose(whole)
    if _made(lambda: create(stories, name, made.write)):
        say(f"'{name}' was imported.")
        _keep_report(name, whole)
        finish()


def _keep_report(name: str, trip: Trip) -> None:
    st.session_state[REPORT] = (name, trip.report.ask, list(trip.report.lines()))
    st.session_state.pop("stories received", None)


def _country(stories: Path, column: object, lang: str) -> Country | None:
    try:
        known = countries(basemap_beside(stories))
    except StoryError as error:
        st.error(str(error))
        return None
    names = {one.code: one.name(lang) for one in known}
    codes = sorted(names, key=lambda code: names[code])
    box = cast("st.delta_generator.DeltaGenerator", column)
    code = box.selectbox("Country", codes, index=codes.index("KAZ") if "KAZ" in codes else 0, key="begin-country",
                         format_func=lambda code: names.get(code, code))  # fmt: skip
    return next((one for one in known if one.code == code), None)


def _name(stories: Path, title: str, *, keep: bool = False) -> str:
    """The field for the story's name; made of its title until the editor writes another one."""
    taken = {one.name for one in shelf(stories)}
    made = slug_of(title, "story")
    suggested = free(made, taken)
    entered = st.text_input(
        "Name in addresses",
        key="begin-name",
        placeholder=suggested,
        help="a-z, 0-9 and hyphens. Left empty: made of the title.",
    )
    if keep and suggested != made and not entered:
        st.warning(f"There is a '{made}' already, which stays as it is: this one will be called '{suggested}'.")
    return entered.strip() or suggested


def _go(label: str, finish: Callable[[], None]) -> bool:
    with st.container(horizontal=True, gap="small"):
        go = st.button(label, type="primary", key="begin-go")
        if st.button("Cancel", key="begin-cancel"):
            finish()
    return go


def _made(work: Callable[[], object]) -> bool:
    """Makes the story, for those who may; what goes wrong is told here."""
    if rights.current_editor() is None:
        st.error("You may not edit any more: sign in again.")
        return False
    try:
        work()
    except (SaveError, StoryError, ZipRefused) as error:
        st.error(str(error))
        return False
    return True


def _open(name: str) -> None:
    st.session_state.pop("stories doing", None)
    st.query_params["story"] = name
    st.rerun()
