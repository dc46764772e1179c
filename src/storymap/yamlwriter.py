"""Writes other data over the nodes of a YAML text. `yamlrewrite` checks what comes out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from storymap.yamlemit import Form, block_entry, flow, flow_entry, key_text, scalar
from storymap.yamlmatch import matched, same, template
from storymap.yamlnodes import Entry, Node

__all__ = ["LINE", "Writer", "column_of"]

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_NOTE = re.compile(r"[ \t]*(#[^\r\n]*)?")
_HEADER_NOTE = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\r\n]*)")
_LONG_ENTRY = 6
"""Lines from which on an entry is set apart from the next one by a blank line."""


def column_of(text: str, offset: int) -> int:
    """Column (from 0) of an offset."""
    return offset - 1 - max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset))


@dataclass(slots=True)
class _Chunk:
    """One entry of a block with its surroundings."""

    entry: Entry
    blank: str = ""
    """Blank lines before it."""
    lead: str = ""
    """Comment lines above it, which move with it."""
    end: int = 0
    """Where its text ends, with the comment behind it and those that stand deeper below it; without the line end."""


@dataclass(slots=True)
class Writer:
    """Writes other data over the nodes of one text. One per text that is made."""

    text: str
    form: Form
    coarse: bool = False
    """Write everything below a changed key of the document anew."""
    anchors: list[tuple[str, str, Any]] = field(default_factory=list)
    """Anchors written so far, in the order of the new text: name in the old text, name in the new one, value."""

    def document(self, node: Node, data: dict[str, Any]) -> str:
        """The whole text, now meaning ``data``."""
        end = max(node.end, len(self.text.rstrip("\r\n")))
        if node.kind != "map" or node.odd or not node.entries:
            return ""
        if node.flow:
            return self.text[: node.start] + self._flow_value(node, data, copy=False) + self.text[node.end :]
        return self.text[: node.body] + self._block(node, data, node.body, end, copy=False) + self.text[end:]

    # -- anchors ---------------------------------------------------------------------------------------------------

    def _known(self, anchor: str | None, value: Any) -> str | None:
        """The name in the new text under which ``value`` is known, of those that come from ``anchor``."""
        return next((new for old, new, held in reversed(self.anchors) if old == anchor and same(held, value)), None)

    def _named(self, anchor: str, value: Any) -> str:
        """A name for ``value`` that no other part of the new text has, noted for the aliases that follow."""
        taken = {new for _, new, _ in self.anchors}
        name, number = anchor, 2
        while name in taken:
            name, number = f"{anchor}-{number}", number + 1
        self.anchors.append((anchor, name, value))
        return name

    def _head(self, node: Node, value: Any, start: int, end: int) -> str:
        """Text before the body of ``node``, with its anchor."""
        text = self.text[start:end]
        if node.anchor is None:
            return text
        at = node.start - start
        return text[:at] + text[at:].replace(f"&{node.anchor}", f"&{self._named(node.anchor, value)}", 1)

    # -- brackets --------------------------------------------------------------------------------------------------

    def _flow_value(self, node: Node, value: Any, *, copy: bool) -> str:
        """The text of ``node``, now meaning ``value``. ``copy``: the text stands a second time in the document."""
        if not node.named and same(node.value, value):
            return self.text[node.start : node.end]
        known = self._known(node.anchor, value) if node.kind == "alias" or copy else None
        if known:
            return f"*{known}"
        if node.kind == "alias":
            assert node.anchor is not None
            return (f"&{self._named(node.anchor, value)} " if same(node.value, value) else "") + flow(value)
        head = self._head(node, value, node.start, node.body)
        if same(node.value, value) and (node.kind == "scalar" or node.odd):
            return head + self.text[node.body : node.end]
        if not self._fits(node, value):
            return head + (scalar(value, in_flow=True, style=node.style) if _is_scalar(node, value) else flow(value))
        return head + (self._flow_map(node, value, copy) if node.kind == "map" else self._flow_list(node, value, copy))

    def _fits(self, node: Node, value: Any) -> bool:
        """Whether the entries of ``node`` can become those of ``value``."""
        kinds: dict[str, type] = {"map": dict, "list": list}
        alike = node.kind in kinds and isinstance(value, kinds[node.kind])
        return alike and bool(value) and bool(node.entries) and not node.odd

    def _flow_map(self, node: Node, value: dict[str, Any], copy: bool) -> str:
        keys = {entry.key: index for index, entry in enumerate(node.entries)}
        parts: list[tuple[int | None, str]] = []
        for key, inner in value.items():
            at = keys.get(key)
            if at is None:
                parts.append((None, flow_entry(key, inner)))
            else:
                entry = node.entries[at]
                head = self.text[entry.start : entry.head] + (self.text[entry.head : entry.node.start] or " ")
                parts.append((at, head + self._flow_value(entry.node, inner, copy=copy)))
        return self._flow_joined(node, parts)

    def _flow_list(self, node: Node, value: list[Any], copy: bool) -> str:
        places = matched([entry.node.value for entry in node.entries], value)
        parts = [
            (at, flow(item) if at is None else self._flow_value(node.entries[at].node, item, copy=copy))
            for at, item in zip(places, value, strict=True)
        ]
        return self._flow_joined(node, parts)

    def _flow_joined(self, node: Node, parts: list[tuple[int | None, str]]) -> str:
        entries = node.entries
        between = [self.text[one.node.end : other.start] for one, other in pairwise(entries)]
        out = self.text[node.body : entries[0].start]
        for number, (at, part) in enumerate(parts):
            # A line break stays before the entry that it stood before.
            out += ((between[at - 1] if at else ", ") if number else "") + part
        return out + self.text[entries[-1].node.end : node.end]

    # -- blocks ----------------------------------------------------------------------------------------------------

    def _block(self, node: Node, value: Any, start: int, end: int, *, copy: bool) -> str:
        """The text from ``start`` (the body, or the first line after the key) to ``end``, now meaning ``value``."""
        chunks, foot = self._chunks(node, start, end)
        column = column_of(self.text, node.body)
        old = [chunk.entry.node.value for chunk in chunks]
        keys: list[Any] = list(value) if isinstance(value, dict) else [None] * len(value)
        values = list(value.values()) if isinstance(value, dict) else value
        index = {chunk.entry.key: at for at, chunk in enumerate(chunks)}
        places = [index.get(key) for key in keys] if isinstance(value, dict) else matched(old, values)
        stray = self._strays(chunks, places)
        out = ""
        for number, (at, key, inner) in enumerate(zip(places, keys, values, strict=True)):
            chunk = chunks[at] if at is not None else None
            like = template(old, inner) if at is None and key is None else None
            made = self._entry(chunk or (chunks[like] if like is not None else None), key, inner, column,
                               copy=copy or like is not None)  # fmt: skip
            lead = stray.get(at, "") + (chunk.lead if chunk else "") if at is not None else ""
            if number:
                blank = chunk.blank if chunk and at else self._gap(chunks, column, made)
                above = places[number - 1]
                if above is not None and self._keeps(chunks[above].entry.node):
                    blank = ""
                out += self.form.newline + blank + lead + " " * column + made
            elif start < node.body:
                out += chunks[0].blank + lead + " " * column + made
            else:
                # Behind a dash: what stands above goes on lines of its own all the same.
                out += (lead.lstrip(" ") + " " * column if lead and at else "") + made
        return out + stray.get(None, "") + foot

    def _keeps(self, node: Node) -> bool:
        """Whether blank lines below ``node`` are part of it (``|+``)."""
        while node.entries and not node.flow:
            node = node.entries[-1].node
        return node.style in ("|", ">") and "+" in self.text[node.body : node.body + 3]

    def _gap(self, chunks: list[_Chunk], column: int, made: str) -> str:
        """The blank lines before an entry that had none, being new or the first."""
        if column == 0 and len(chunks) > 1 and chunks[0].entry.key is not None:
            return self.form.newline if self.form.newline in made else ""
        if len(chunks) > 1:
            return Counter(chunk.blank for chunk in chunks[1:]).most_common(1)[0][0]
        long = column > 0 and len(LINE.findall(self.text, chunks[0].entry.start, chunks[0].end)) > _LONG_ENTRY
        return self.form.newline if long else ""

    def _strays(self, chunks: list[_Chunk], places: list[int | None]) -> dict[int | None, str]:
        """Comments that stood apart from an entry now deleted, by the entry before which they are to stand."""
        kept = {at for at in places if at is not None}
        out: dict[int | None, str] = {}
        for at, chunk in enumerate(chunks):
            lines = LINE.findall(chunk.lead)
            last = max((number for number, line in enumerate(lines) if line and not line.strip()), default=-1)
            apart = "".join(lines[: last + 1])
            if at in kept or not apart:
                continue
            after = next((index for index in range(at + 1, len(chunks)) if index in kept), None)
            if after is None:
                apart = self.form.newline + chunk.blank + apart.rstrip()
            out[after] = out.get(after, "") + apart
        return out

    def _entry(self, chunk: _Chunk | None, key: str | None, value: Any, column: int, *, copy: bool) -> str:
        """One entry with its key or dash, and the comments that belong to it."""
        if chunk is None:
            return block_entry(key, value, column, self.form)
        entry, node = chunk.entry, chunk.entry.node
        unchanged = same(node.value, value)
        if unchanged and not node.named:
            return self.text[entry.start : chunk.end]
        known = self._known(node.anchor, value) if node.kind == "alias" or copy else None
        if known:
            return f"{self.text[entry.start : entry.head]} *{known}{self.text[node.end : chunk.end]}"
        if node.kind == "alias":
            assert node.anchor is not None
            return self._anew(chunk, key, value, column, self._named(node.anchor, value) if unchanged else None)
        if unchanged and (node.kind == "scalar" or node.odd):
            return self._head(node, value, entry.start, node.body) + self.text[node.body : chunk.end]
        if not self._fits(node, value) or (self.coarse and column == 0):
            return self._anew(chunk, key, value, column, self._named(node.anchor, value) if node.anchor else None)
        if node.flow:
            head = self.text[entry.start : node.start]
            return head + self._flow_value(node, value, copy=copy) + self.text[node.end : chunk.end]
        line_end = LINE.match(self.text, entry.head).end()  # type: ignore[union-attr]
        start = min(line_end, node.body)
        return self._head(node, value, entry.start, start) + self._block(node, value, start, chunk.end, copy=copy)

    def _anew(self, chunk: _Chunk, key: str | None, value: Any, column: int, anchor: str | None) -> str:
        """The entry written anew, with the comments that stood behind the old value."""
        entry, node = chunk.entry, chunk.entry.node
        style = node.style if node.kind == "scalar" else None
        made = block_entry(key, value, column, self.form, style=style)
        made = made[1 if key is None else len(key_text(key)) + 1 :]
        if anchor:
            if key is None and isinstance(value, dict | list):
                made = f" {flow(value)}"
            made = f" &{anchor}{made}"
        rest = self.text[node.end : chunk.end]
        behind = _NOTE.match(rest)
        above = re.search(r"#[^\r\n]*", self.text[entry.head : node.start])
        header = _HEADER_NOTE.match(self.text, node.body) if node.style in ("|", ">") else None
        assert behind is not None
        first, line_end, more = made.partition(self.form.newline)
        if header or above:
            first += "  " + (header[1] if header else above[0])  # type: ignore[index]
        elif behind[1]:
            first += behind[0]
        return self.text[entry.start : entry.head] + first + line_end + more + rest[behind.end() :]

    def _chunks(self, node: Node, start: int, end: int) -> tuple[list[_Chunk], str]:
        """The entries of a block that reaches from ``start`` to ``end``, and what stands below the last of them."""
        column = column_of(self.text, node.body)
        chunks = [_Chunk(entry) for entry in node.entries]
        self._above(chunks[0], [line for line in LINE.findall(self.text, start, node.body - column) if line])
        for chunk, after in zip(chunks, [*chunks[1:], None], strict=True):
            stop = after.entry.start - column if after else end
            below = min(LINE.match(self.text, chunk.entry.node.end).end(), stop)  # type: ignore[union-attr]
            if self.text[chunk.entry.node.end - 1 : chunk.entry.node.end] in ("\n", "\r"):
                below = chunk.entry.node.end
            lines = [line for line in LINE.findall(self.text, below, stop) if line]
            deep = _deep(lines, column)
            reach = below + sum(map(len, lines[:deep]))
            chunk.end = max(chunk.entry.node.end, reach - _line_end(self.text, reach))
            if after is not None:
                self._above(after, lines[deep:])
        return chunks, self.text[chunks[-1].end : end]

    @staticmethod
    def _above(chunk: _Chunk, lines: list[str]) -> None:
        blanks = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
        chunk.blank, chunk.lead = "".join(lines[:blanks]), "".join(lines[blanks:])


def _is_scalar(node: Node, value: Any) -> bool:
    return node.kind == "scalar" and not isinstance(value, dict | list)


def _line_end(text: str, end: int) -> int:
    """Length of the line end right before ``end``."""
    return 2 if text[max(0, end - 2) : end] == "\r\n" else int(text[max(0, end - 1) : end] in ("\n", "\r"))


def _deep(lines: list[str], column: int) -> int:
    """How many of the lines below an entry belong to it: up to the last comment that stands deeper than it."""
    count = 0
    for number, line in enumerate(lines):
        bare = line.lstrip(" \t")
        if bare.startswith("#") and len(line) - len(bare) > column:
            count = number + 1
        elif line.strip():
            break
    return count
