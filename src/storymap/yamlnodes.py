"""How a YAML text is written: each value with the stretch of text that holds it.

`yamlsource` says what a text means, this module where and in what style it stands there, so that one value can be
written anew and every other byte stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamStartEvent,
)

from storymap.yamlsource import YamlSource, read

__all__ = ["Entry", "Node", "written"]

_PROPERTIES = re.compile(r"(?:&\S+(?:\s+|#[^\n]*\n)*)?")
_COLON = re.compile(r"[ \t]*:(?=\s|\Z)")
_BLANK = re.compile(r"(?:\s|#[^\r\n]*)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A key or a dash, and what follows it: ``start`` and ``head`` are the offsets before the key and after its colon
    (before and after the dash; in brackets, both where the item begins)."""

    key: str | None
    start: int
    head: int
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a text. Offsets are in characters; ``text[start:end]`` is the value with its anchor."""

    kind: Literal["scalar", "map", "list", "alias"]
    start: int
    body: int
    """Where the value itself begins, after its anchor."""
    end: int
    value: Any
    """What it means: an alias what it names."""
    flow: bool = False
    """Written in brackets; for a scalar, whether it stands in brackets is for its parent to say."""
    style: str = ""
    """Of a scalar: ``'``, ``"``, ``|``, ``>``, or nothing."""
    anchor: str | None = None
    """The name after ``&``; of an alias, the name after ``*``."""
    entries: tuple[Entry, ...] = ()
    odd: bool = False
    """Written in a way (``? key``, a pair in a list) that can only be replaced as a whole."""
    named: bool = False
    """There is an anchor or an alias in it."""


def written(text: str, file: str) -> tuple[YamlSource, Node | None]:
    """What ``text`` means and how it is written; no node for a text without a value.

    Lines may end in ``\\n``, ``\\r\\n`` or ``\\r``. Raises `StoryError` as `yamlsource.read` does.
    """
    events: list[Event] = []
    source = read(text, file, events)
    said = (event for event in events if not isinstance(event, StreamStartEvent | DocumentStartEvent))
    first = next(said, None)
    if not isinstance(first, NodeEvent):
        return source, None
    return source, _Reader(text, said).node(first, source.data)


class _Reader:
    """Builds the nodes from the parser's events. One per text."""

    def __init__(self, text: str, events: Iterator[Event]) -> None:
        self.text = text
        self.events = events

    def node(self, event: NodeEvent, value: Any) -> Node:
        start = event.start_mark.index
        if isinstance(event, AliasEvent):
            return Node("alias", start, start, event.end_mark.index, value, anchor=event.anchor, named=True)
        if isinstance(event, CollectionStartEvent):
            return self._collection(event, value)
        assert isinstance(event, ScalarEvent)
        body = _after_properties(self.text, start) if event.anchor else start
        end = self._scalar_end(event, body)
        return Node("scalar", start, body, end, value, style=event.style or "", anchor=event.anchor,
                    odd=event.tag is not None, named=bool(event.anchor))  # fmt: skip

    def _scalar_end(self, event: ScalarEvent, body: int) -> int:
        end = int(event.end_mark.index)
        if event.style not in ("|", ">"):
            return end
        header = self.text[body : body + 3]
        if "+" in header or not event.value.strip() or event.value.rstrip("\n")[-1] in " \t":
            # Blanks at its end are part of such a text; only the last line end is not.
            return end - len(re.search(r"(?:\r\n|\r|\n)?\Z", self.text[body:end])[0])  # type: ignore[index]
        return body + len(self.text[body:end].rstrip())

    def _collection(self, event: CollectionStartEvent, value: Any) -> Node:
        start, flow = event.start_mark.index, bool(event.flow_style)
        body = _after_properties(self.text, start) if event.anchor else start
        mapping = isinstance(event, MappingStartEvent)
        entries, odd, last = self._pairs(value) if mapping else self._items(value, body, flow)
        odd = odd or event.tag is not None
        if flow:
            odd = odd or self.text[body : body + 1] != ("{" if mapping else "[")
        elif entries:
            body = entries[0].start
        end = last.end_mark.index if flow or not entries else entries[-1].node.end
        named = bool(event.anchor) or any(entry.node.named for entry in entries)
        return Node(
            "map" if mapping else "list", start, body, end, value, flow, "", event.anchor, tuple(entries), odd, named
        )

    def _pairs(self, value: dict[str, Any]) -> tuple[list[Entry], bool, Event]:
        entries: list[Entry] = []
        odd = False
        while not isinstance(event := next(self.events), MappingEndEvent):
            assert isinstance(event, ScalarEvent)
            inner = next(self.events)
            assert isinstance(inner, NodeEvent)
            node = self.node(inner, value[event.value])
            end = event.end_mark.index
            colon = _COLON.match(self.text, end)
            head = colon.end() if colon else end + 1
            # In brackets, a colon may touch what follows a key in quotes.
            plain = colon or (event.style and self.text[end:head] == ":")
            odd = odd or bool(event.anchor) or event.tag is not None or not plain
            entries.append(Entry(str(event.value), event.start_mark.index, head, node))
        keys = [entry.key for entry in entries]
        return entries, odd or len(set(keys)) < len(keys), event

    def _items(self, value: list[Any], at: int, flow: bool) -> tuple[list[Entry], bool, Event]:
        entries: list[Entry] = []
        odd = False
        while not isinstance(event := next(self.events), SequenceEndEvent):
            assert isinstance(event, NodeEvent)
            node = self.node(event, value[len(entries)])
            start = node.start
            if not flow:
                start = _BLANK.match(self.text, at).end()  # type: ignore[union-attr]
                odd = odd or self.text[start : start + 1] != "-"
            entries.append(Entry(None, start, start if flow else start + 1, node))
            at = node.end
        return entries, odd, event


def _after_properties(text: str, start: int) -> int:
    return _PROPERTIES.match(text, start).end()  # type: ignore[union-attr]
