"""Safe reading of YAML (1.2): plain data, and the line of every key and item.

Built from the parser's events, so no constructor runs: tags make no objects, dates and years stay as they are written,
``NO`` is text, keys are always text. Size, depth and number of nodes (aliases counted at their full size) have limits,
so neither an alias bomb nor deep nesting costs more than a moment.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isfinite
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import ScalarNode

from storymap.errors import Problem, StoryError
from storymap.yamlfaults import in_words

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Finding", "Place", "YamlSource", "brief", "decode", "read", "unfit"]

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_NODES = 50_000

Place = tuple[str | int, ...]
Finding = tuple[Place, str]
"""A place in the data, and what is wrong there."""

# Control characters, halves of surrogate pairs and non-characters: none may stand in HTML, and YAML escapes can make them.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class YamlSource:
    """Plain data with the position of each of its parts.

    ``data`` is built of dict (text keys), list, str, int, float, bool and None; parts named by an alias are shared, so
    treat it as read-only. ``findings`` are the faults of the YAML that leave the rest readable: ``(offset, place, message)``.
    """

    data: Any
    offsets: dict[Place, int] = field(default_factory=dict)
    """Character offset of each key and item."""
    breaks: tuple[int, ...] = ()
    """Offsets of the line ends."""
    findings: tuple[tuple[int, Place, str], ...] = ()
    blanks: frozenset[Place] = frozenset()
    """Where nothing is written, which reads as null all the same."""

    def offset(self, place: Place) -> int:
        """Offset of ``place``, or of the nearest part around it."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.offsets:
                return self.offsets[place[:end]]
        return 0

    def line(self, offset: int) -> int:
        """Line (1-based) of a character offset."""
        return bisect_left(self.breaks, offset) + 1

    def lines(self) -> dict[Place, int]:
        """Line (1-based) of each key and item."""
        return {place: self.line(offset) for place, offset in self.offsets.items() if place}


def unfit(text: str) -> str | None:
    """The first character of ``text`` that no page can show."""
    found = _UNFIT.search(text)
    return found[0] if found else None


def brief(text: str, length: int = 60) -> str:
    """``text`` on one line and not too long, for an error message."""
    line = " ".join(_UNFIT.sub("�", text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def decode(content: bytes, file: str) -> str:
    """UTF-8 bytes (a byte-order mark is dropped) as text with ``\\n`` line ends. Raises `StoryError`."""
    if len(content) > MAX_BYTES:
        most = f"larger than {MAX_BYTES // 1000} kB: a story is text, data has files of its own"
        raise StoryError([Problem(file, None, "", most)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StoryError([Problem(file, line, "", "not UTF-8 text: save the file with the encoding UTF-8")]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(text: str, file: str, events: list[Event] | None = None) -> YamlSource:
    """Parse one YAML document. ``file`` names it in messages. Raises `StoryError` when it can not be read at all.

    ``events`` is filled with what the parser said, for those who need to know how the data is written.
    """
    if events is not None:
        return _read(text, file, events)
    source = _known(text, file)
    return replace(source, data=deepcopy(source.data))


@lru_cache(maxsize=16)
def _known(text: str, file: str) -> YamlSource:
    """Parsing takes half a second for a long story, and the same text is read again and again."""
    return _read(text, file, None)


def _read(text: str, file: str, events: list[Event] | None) -> YamlSource:
    breaks = tuple(found.start() for found in re.finditer("\n", text))
    bad = _UNFIT.search(text)
    if bad:
        line = bisect_left(breaks, bad.start()) + 1
        raise StoryError([Problem(file, line, "", f"control character U+{ord(bad.group()):04X}: take it away")])
    builder = _Builder(text, events)
    try:
        data = builder.document()
    except _Unreadable as error:
        offset, message = error.offset, error.message
    except MarkedYAMLError as error:
        offset, message = in_words(error)
    except (YAMLError, ValueError, OverflowError):
        # ruamel lets chr() fail on "\UFFFFFFFF".
        offset, message = builder.yaml.reader.index, "an escape with '\\' that names no character"
    else:
        return YamlSource(data, builder.offsets, breaks, tuple(builder.findings), frozenset(builder.blanks))
    raise StoryError([Problem(file, bisect_left(breaks, offset) + 1, "", f"not readable as YAML: {message}")])


class _Unreadable(Exception):
    def __init__(self, offset: int, message: str) -> None:
        self.offset, self.message = offset, message
        super().__init__(message)


class _Builder:
    """Turns parser events into data. One per document."""

    def __init__(self, text: str, events: list[Event] | None) -> None:
        self.yaml = YAML(typ="safe", pure=True)
        said: Iterator[Event] = self.yaml.parse(text)
        self.events = said if events is None else _noted(said, events)
        self.offsets: dict[Place, int] = {}
        self.findings: list[tuple[int, Place, str]] = []
        self.blanks: set[Place] = set()
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.nodes = 0

    def document(self) -> Any:
        next(self.events)
        start = next(self.events)
        if isinstance(start, StreamEndEvent):
            return None
        if isinstance(start, DocumentStartEvent) and (start.version or start.tags):
            raise _Unreadable(0, "lines that start with '%' are not supported: take them away")
        data = self._node(next(self.events), (), 0)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, StreamEndEvent):
            raise _Unreadable(after.start_mark.index, "a second document ('---') begins here: a story is one document")
        return data

    def _count(self, event: Event, size: int) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise _Unreadable(event.start_mark.index, f"more than {MAX_NODES} values, aliases counted in full")

    def _node(self, event: Event, place: Place, depth: int) -> Any:
        offset = event.start_mark.index
        self.offsets.setdefault(place, offset)
        if isinstance(event, AliasEvent):
            return self._alias(event)
        assert isinstance(event, ScalarEvent | CollectionStartEvent)
        if depth > MAX_DEPTH:
            raise _Unreadable(offset, f"nested deeper than {MAX_DEPTH} levels")
        if event.tag is not None:
            tag = brief(str(event.tag).replace(_TAG, "!!"))
            self.findings.append((offset, place, f"tag '{tag}': tags are not supported, take it away"))
        if event.anchor:
            self.anchors[event.anchor] = None
        before = self.nodes
        self._count(event, 1)
        value = self._value(event, place, depth)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.nodes - before)
        return value

    def _value(self, event: Event, place: Place, depth: int) -> Any:
        if isinstance(event, MappingStartEvent):
            return self._mapping(place, depth)
        if isinstance(event, SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(item := next(self.events), SequenceEndEvent):
                items.append(self._node(item, (*place, len(items)), depth + 1))
            return items
        assert isinstance(event, ScalarEvent)
        value = self._scalar(event)
        if value is None and not event.value:
            self.blanks.add(place)
        return value

    def _alias(self, event: AliasEvent) -> Any:
        name = event.anchor
        offset = event.start_mark.index
        if name not in self.anchors:
            raise _Unreadable(offset, f"'*{brief(name)}' names an anchor that is not written above ('&{brief(name)}')")
        known = self.anchors[name]
        if known is None:
            raise _Unreadable(offset, f"'*{brief(name)}' stands inside what it names")
        self._count(event, known[1])
        return known[0]

    def _mapping(self, place: Place, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self._key(event)
            self._count(event, 1)
            inner = (*place, key)
            offset = event.start_mark.index
            if key in values:
                first = self.yaml_line(self.offsets[inner])
                self.findings.append((offset, inner, f"written twice, first in line {first}: keep one"))
                # Its parts must not take the places of the first one's.
                kept, self.offsets = self.offsets, {}
                self._node(next(self.events), inner, depth + 1)
                self.offsets = kept
                continue
            self.offsets[inner] = offset
            values[key] = self._node(next(self.events), inner, depth + 1)
        return values

    def yaml_line(self, offset: int) -> int:
        """Line (1-based) of an offset."""
        return str(self.yaml.reader.buffer).count("\n", 0, offset) + 1

    def _key(self, event: Event) -> str:
        offset = event.start_mark.index
        if isinstance(event, ScalarEvent) and (event.value or event.style):
            if event.value == "<<" and not event.style:
                raise _Unreadable(offset, "'<<' is not supported: write the keys out")
            self._fit(event)
            return str(event.value)
        raise _Unreadable(offset, "a key has to be text: put text that starts with [ { * ? or : in quotes")

    def _fit(self, event: ScalarEvent) -> None:
        bad = unfit(event.value)
        if bad:
            code = ord(bad)
            raise _Unreadable(event.start_mark.index, f"text holds U+{code:04X}, which no page can show: take it away")

    def _scalar(self, event: ScalarEvent) -> Any:
        self._fit(event)
        value = event.value
        if event.tag is not None or not event.implicit[0]:
            return value
        tag = str(self.yaml.resolver.resolve(ScalarNode, value, (True, False))).removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool":
            return value.lower() == "true"
        if tag == "int":
            return _whole(event)
        if tag == "float":
            return _real(event)
        return value


def _noted(said: Iterator[Event], events: list[Event]) -> Iterator[Event]:
    for event in said:
        events.append(event)
        yield event


def _real(event: ScalarEvent) -> float:
    number = float(event.value.replace("_", "").replace(".", "", event.value.lower().endswith((".inf", ".nan"))))
    if not isfinite(number):
        raise _Unreadable(event.start_mark.index, f"'{brief(event.value)}' is no number that can be drawn")
    return number


def _whole(event: ScalarEvent) -> int:
    digits = event.value.replace("_", "")
    bare = digits.lstrip("+-").lower()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(bare[:2], 10)
    if len(digits) > 30:
        raise _Unreadable(event.start_mark.index, f"number '{brief(digits, 20)}' is too long: put text in quotes")
    return int(digits, base)
