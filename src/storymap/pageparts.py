"""The parts of the document's text, as the template takes them: steps with their references, media and charts,
corrections, credits."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import PIL.Image

from storymap import basemap, figure, figuredata, legend, pagestills, prose, webmap, words
from storymap.drawing import Scene, StepScene
from storymap.errors import Problem, StoryError, place_name
from storymap.manifest import TYPES
from storymap.reuse import Reuse
from storymap.story import Claim, Media, Step, Story

__all__ = ["Assets", "all_credits", "corrections", "day", "languages", "reference", "step_parts"]


class Assets:
    """The media of a document, and how it addresses them."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self.files: dict[str, Path] = {}

    def address(self, path: Path) -> str:
        content = path.read_bytes()
        if self.folder is None:
            kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
            return f"data:{kind};base64,{base64.b64encode(content).decode()}"
        address = f"{self.folder}{hashlib.sha256(content).hexdigest()[:16]}{path.suffix.lower()}"
        self.files[address] = path
        return address


def step_parts(
    story: Story, step: Step, drawn: StepScene, scene: Scene, assets: Assets, reuse: Reuse
) -> dict[str, Any]:
    """One step. Raises `StoryError` for media and tables that can not be read."""
    lang = {
        key: story.lang_of(f"steps.{step.id}.{key}") for key in ("title", "when", "text", "quote.text", "quote.who")
    }
    return {
        "id": step.id,
        "lang": {key.replace(".", "_"): code for key, code in lang.items()},
        "title": prose.smart(step.title, lang["title"]),
        "when": step.when,
        "datetime": step.date if step.date and "/" not in step.date else None,
        "tone": step.tone,
        "alt": step.alt,
        "html": prose.to_html(step.text, shift=2, lang=lang["text"]),
        "quote": {"text": prose.quoted(step.quote.text, lang["quote.text"]), "who": step.quote.who}
        if step.quote
        else None,
        "media": _media(story, step.media, assets) if step.media else None,
        "figure": _figure(story, story.steps.index(step)) if step.figure else None,
        "sources": [reference(story, claim.source, claim) for claim in step.sources],
        "corrections": [item for item in corrections(story) if item["step"] == step.id],
        "still": pagestills.still(scene, drawn, f"s-{step.id}", reuse),
        "legend": legend.legend_html(drawn.legend, story.lang) if drawn.legend else "",
        "credits": " · ".join(drawn.credits),
    }


def reference(story: Story, name: str, claim: Claim | None) -> dict[str, Any]:
    """A source of the story; ``claim``: for what a step takes from it."""
    source = story.sources[name]
    note = claim.note if claim else source.note
    return {
        "title": source.title,
        "publisher": source.publisher,
        "url": source.url,
        "date": words.partial_date(source.date, story.lang) if source.date else None,
        "note": prose.smart(note, story.lang) if note else None,
    }


def _media(story: Story, media: Media, assets: Assets) -> dict[str, Any]:
    path = story.folder / media.file
    suffix = path.suffix.lower()
    address = assets.address(path)
    kind = "audio" if suffix in {".mp3", ".ogg", ".wav"} else "video" if suffix in {".mp4", ".webm"} else "image"
    made: dict[str, Any] = {
        "kind": kind, "src": address, "alt": media.alt, "caption": media.caption, "credit": media.credit, "width": None,
        "bytes": None,
    }  # fmt: skip
    if kind == "image":
        made["width"], made["height"] = _picture_size(story, media, path)
        if not address.startswith("data:"):
            made["bytes"] = path.stat().st_size
    return made


def _picture_size(story: Story, media: Media, path: Path) -> tuple[int, int]:
    """Width and height in pixels, so that the text does not jump when the picture arrives. Raises `StoryError`."""
    try:
        with PIL.Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, PIL.Image.DecompressionBombError):
        at = next(index for index, step in enumerate(story.steps) if step.media == media)
        place = ("steps", at, "media", "file")
        message = f"{media.file} is not a picture that can be read; export it anew as jpg, png or webp"
        raise StoryError([Problem("story.yaml", story.line(place), place_name(place), message)]) from None


_BESIDE_TABLE = {"mark", "alt", "caption", "source"}
"""What of a figure does not show in its table."""


def _figure(story: Story, index: int) -> dict[str, Any]:
    """A step's chart. Raises `StoryError` with what is wrong in its table."""
    step, lang = story.steps[index], story.lang
    assert step.figure is not None
    made, rows = step.figure, figuredata.figure_rows(story, index)
    mark = figuredata.figure_mark(story, index, rows)
    when = words.span(made.mark, lang) if made.mark else step.when or words.span(step.date or "", lang)
    marked = words.page_words(lang)["marked"].replace("{when}", when)
    alt = f"{made.alt} {marked}" if mark else made.alt
    svg, unnamed = figure.drawing(made, rows, lang, alt=prose.smart(alt, lang), mark=mark, when=when)
    sources = [story.sources[name] for name in made.source]
    known = sum(row.value is not None for row in rows)
    earlier = [step.figure.model_dump(exclude=_BESIDE_TABLE) for step in story.steps[:index] if step.figure]
    return {
        "title": prose.smart(made.title, lang),
        "caption": prose.smart(made.caption, lang) if made.caption else None,
        "svg": svg,
        "key": figure.key_html(made, rows, unnamed),
        "sources": "; ".join(dict.fromkeys(source.publisher or source.title for source in sources)),
        "show": words.counted("show_figures", known, lang),
        "table": figure.table_html(made, rows, lang),
        # On paper the same table stands once.
        "again": made.model_dump(exclude=_BESIDE_TABLE) in earlier,
    }


def corrections(story: Story) -> list[dict[str, Any]]:
    """What was corrected, the latest first; each with the step that it belongs to."""
    titles = {step.id: step.title for step in story.steps}
    known: dict[dt.date, int] = {}
    out = []
    for item in story.corrections:
        known[item.date] = known.get(item.date, 0) + 1
        name = item.date.isoformat() + (f"/{known[item.date]}" if known[item.date] > 1 else "")
        out.append(
            {
                "iso": item.date.isoformat(),
                "date": words.day(item.date, story.lang),
                "text": prose.smart(item.text, story.lang),
                "lang": story.lang_of(f"corrections.{name}.text"),
                "step": item.step,
                "title": titles.get(item.step or ""),
            }
        )
    return sorted(out, key=lambda item: str(item["iso"]), reverse=True)


def all_credits(story: Story, base: basemap.Basemap | None, tiles: str | None) -> list[dict[str, str]]:
    """Every layer's credit and licence with its address, for the foot of the page, then the basemap's."""
    shown = {part.layer for step in story.steps for part in step.show}
    out: list[dict[str, str]] = []
    for layer in story.layers:
        if layer.id not in shown:
            continue
        source = layer.source
        named = _plain(source.license) in _plain(source.credit)
        credit = source.credit if named else f"{source.credit} ({source.license})"
        about = {"of": layer.title or layer.id, "credit": credit, "url": source.url or "", "note": source.note or ""}
        if about not in out:
            out.append(about)
    if base is not None:
        lines = list(base.credits_in(story.lang))
    else:
        lines = [] if tiles is None else [str(webmap.tile_provider(tiles).get("attribution", tiles))]
    return out + [{"of": "", "credit": line, "url": "", "note": ""} for line in lines]


def _plain(text: str) -> str:
    """``text`` without what tells "CC BY 4.0" from "CC-BY-4.0"."""
    return "".join(filter(str.isalnum, text)).lower()


def languages(story: Story, addresses: Mapping[str, str]) -> list[dict[str, str]]:
    """The language switch: nothing when there is nothing to switch to."""
    known = [{"code": code, "href": href, "name": words.language_name(code), "short": words.language_short(code)}
             for code, href in addresses.items()]  # fmt: skip
    return known if any(item["code"] != story.lang for item in known) else []


def day(date: dt.date | None, lang: str) -> dict[str, str] | None:
    """A day, for machines and for readers."""
    return {"iso": date.isoformat(), "text": words.day(date, lang)} if date else None
