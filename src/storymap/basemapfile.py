"""``basemap.yaml`` and the GeoJSON beside it → `Basemap`: checked, all faults at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from pydantic import BaseModel, ValidationError
from shapely.geometry.base import BaseGeometry

from storymap import yamlsource
from storymap.basemapspec import BasemapSpec
from storymap.errors import Problem, StoryError, nearest, place_name
from storymap.yamlsource import Place, YamlSource

__all__ = ["Basemap", "Feature", "load_basemap"]

FILE = "basemap.yaml"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a file, EPSG:4326, lon lat."""

    properties: Mapping[str, Any]
    geometry: BaseGeometry


@dataclass(frozen=True)
class Basemap:
    """The basemap as it lies on disk. The same content is the same object."""

    spec: BasemapSpec
    files: Mapping[str, tuple[Feature, ...]]
    """GeoJSON files by name."""
    digest: str
    """Hash of all content."""

    @property
    def short_credit(self) -> str:
        """What the attribution line on the map says."""
        return self.spec.short_credit

    @property
    def credits(self) -> tuple[str, ...]:
        """What the page has to say of sources and borders, in English."""
        return self.credits_in("en")

    def credits_in(self, lang: str) -> tuple[str, ...]:
        """`credits` with the note on borders in ``lang`` where the file has it."""
        note = self.spec.borders.note
        return (*self.spec.credits, note.get(lang, note["en"]))


def load_basemap(folder: Path) -> Basemap:
    """Reads ``basemap.yaml`` and the files that it names. Raises `StoryError` with every fault found."""
    text = _read(folder / FILE)
    contents: dict[str, bytes | StoryError] = {}
    for name in sorted(_files(_specified(text)[1])):
        try:
            contents[name] = _read(folder / name)
        except StoryError as error:
            contents[name] = error
    return _made(text, tuple(contents.items()))


@lru_cache(maxsize=4)
def _specified(text: bytes) -> tuple[YamlSource, BasemapSpec]:
    source = yamlsource.read(yamlsource.decode(text, FILE), FILE)
    try:
        return source, BasemapSpec.model_validate(source.data)
    except ValidationError as error:
        raise StoryError([*_found(source), *_problems(source, error)]) from None


@lru_cache(maxsize=4)
def _made(text: bytes, contents: tuple[tuple[str, bytes | StoryError], ...]) -> Basemap:
    """The basemap of these files. Reading it takes most of a second, and every story is drawn on the same one."""
    source, spec = _specified(text)
    problems = _found(source)
    files: dict[str, tuple[Feature, ...]] = {}
    digest = hashlib.sha256(text)
    keys = _files(spec)
    for name, content in contents:
        try:
            if isinstance(content, StoryError):
                raise content
            files[name] = _features(name, content, keys[name])
            digest.update(name.encode() + hashlib.sha256(content).digest())
        except StoryError as error:
            problems += error.problems
    problems += (_at(source, place, message) for place, message in _findings(spec, files))
    if problems:
        raise StoryError(problems)
    return Basemap(spec, files, digest.hexdigest())


def _found(source: YamlSource) -> list[Problem]:
    return [
        Problem(FILE, source.line(offset), place_name(place), message) for offset, place, message in source.findings
    ]


def _files(spec: BasemapSpec) -> dict[str, set[str]]:
    """The files that the basemap names, each with the properties that its features need."""
    files: dict[str, set[str]] = {}
    for name, keys in (
        *((level.countries, {"id"}) for level in spec.levels),
        (spec.lakes.file, {"rank", "period"}),
        (spec.rivers.file, {"rank"}),
        (spec.railways.file, {"rank"}),
        (spec.regions.file, {"id"}),
        *((name, {"name", "rank", "capital"}) for name in spec.labels.city_files),
    ):
        files.setdefault(name, set()).update(keys)
    return files


def _findings(spec: BasemapSpec, files: Mapping[str, tuple[Feature, ...]]) -> Iterator[tuple[Place, str]]:
    """Faults that only show between the parts."""
    ids = {level.id: {str(f.properties["id"]) for f in files.get(level.countries, ())} for level in spec.levels}
    every = set().union(*ids.values())
    for i, level in enumerate(spec.levels):
        place: Place = ("levels", i)
        if (level.covers is None) != (i == 0):
            message = "the first level is the world and has no 'covers'" if i == 0 else "say what the files cover"
            yield (*place, "covers"), message
        if i and level.max_zoom <= spec.levels[i - 1].max_zoom:
            yield (*place, "max_zoom"), "levels run from coarse to fine: max_zoom has to grow"
        if level.beyond and i != 1:
            yield (*place, "beyond"), "only the second level can go on beyond its files"
        for part in ("lakes", "rivers", "railways", "regions"):
            pick = getattr(level, part)
            if pick is None:
                continue
            if pick.from_zoom >= level.max_zoom:
                yield (*place, part, "from_zoom"), "lies beyond this level's max_zoom"
            for at, country in enumerate(pick.within):
                if every and country not in ids[level.id] - set(spec.borders.join):
                    yield (*place, part, "within", at), _no_country(country, ids[level.id])
    named: tuple[tuple[Place, tuple[str, ...]], ...] = (
        (("borders", "join"), (*spec.borders.join, *spec.borders.join.values())),
        (("borders", "unlabelled"), spec.borders.unlabelled),
        (("labels", "countries"), tuple(spec.labels.countries)),
    )
    yield from ((place, _no_country(c, every)) for place, names in named for c in names if every and c not in every)


def _no_country(country: str, known: set[str]) -> str:
    return f"no country '{country}' in the files{nearest(country, known)}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "the basemap has no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        raise StoryError([Problem(path.name, None, "", reason)]) from None


def _features(name: str, content: bytes, keys: set[str]) -> tuple[Feature, ...]:
    try:
        features = json.loads(content)["features"]
        made = tuple(
            Feature(feature["properties"] or {}, shapely.from_geojson(json.dumps(feature["geometry"])))
            for feature in features
        )
    except (ValueError, KeyError, TypeError, shapely.errors.GEOSException):
        reason = "is not a GeoJSON feature collection in which every feature has a geometry"
        raise StoryError([Problem(name, None, "", reason)]) from None
    problems = [
        Problem(name, None, f"features[{i}]", f"has no '{key}'")
        for i, feature in enumerate(made)
        for key in sorted(keys - set(feature.properties))
    ]
    if problems:
        raise StoryError(problems)
    return made


def _problems(source: YamlSource, error: ValidationError) -> Iterator[Problem]:
    faults = error.errors()
    for fault in faults:
        # pydantic also calls a list too short when its items are wrong: the items say it better.
        inner = any(other["loc"][: len(fault["loc"])] == fault["loc"] for other in faults if other is not fault)
        if not (inner and fault["type"] == "too_short"):
            yield _problem(source, fault)


def _problem(source: YamlSource, fault: Mapping[str, Any]) -> Problem:
    place = tuple(part for part in fault["loc"] if part != "[key]")
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        message = f"unknown key{nearest(str(place[-1]), _keys_beside(place))}"
    elif fault["type"] == "missing":
        message = "this key is missing"
    return _at(source, place, message)


def _at(source: YamlSource, place: Place, message: str) -> Problem:
    return Problem(FILE, source.line(source.offset(place)), place_name(place), message)


def _keys_beside(place: Place) -> list[str]:
    """Keys that the model knows where ``place`` lies."""
    model: type[BaseModel] = BasemapSpec
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models(model.model_fields[part].annotation), model)
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)
