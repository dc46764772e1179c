"""YAML texts in any of the styles that people and programs write: the same data, with comments, in many forms."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from any_story import texts
from storymap.yamlsource import read

__all__ = ["changed", "reworded", "trees", "written_in_any_style"]

keys = st.sampled_from(["title", "text", "style", "where", "color", "y", "on", "a key", "Ключ", "a: b", "#c", "1", "-"])
scalars = st.one_of(
    texts,
    st.sampled_from(
        ["the-ridge", "#b5451b", "Long words " * 14 + "end", "One.\n\nTwo.\n", "One.\n", "\n x", "x\n\n", " y "]
    ),
    st.integers(-1000, 1000),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.booleans(),
)
ids = st.sampled_from(["one", "two", "three", "four", "five"])


def _maps(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(keys, inner, max_size=4)


@st.composite
def _entries(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
    names = draw(st.lists(ids, max_size=4, unique=True))
    return [{"id": name, **draw(_maps(inner))} for name in names]


_parts = st.recursive(
    scalars, lambda inner: st.one_of(_maps(inner), st.lists(inner, max_size=4), _entries(inner)), max_leaves=10
)
trees = st.fixed_dictionaries(
    {"title": scalars, "steps": _entries(_parts)}, optional={"layers": _entries(_parts), "theme": _maps(_parts)}
)
"""Data of the shape of a story: keys, lists of entries with ids, parts of any kind."""


@dataclass
class _Pen:
    draw: st.DrawFn
    newline: str
    dash: int
    comments: bool
    anchors: bool
    said: list[str] = field(default_factory=list)
    held: list[tuple[str, Any]] = field(default_factory=list)
    names: int = 0
    tight: bool = False
    """The text above takes in blank lines (``|+``)."""

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def note(self, odds: int = 6) -> str:
        """A comment that no other is equal to, or nothing."""
        if not self.comments or self.draw(st.integers(0, odds)):
            return ""
        self.said.append(f"# note {len(self.said)}.")
        return self.said[-1]

    def above(self, column: int) -> str:
        out = ""
        for _ in range(0 if self.tight else self.pick(0, 0, 0, 1, 2)):
            out += self.newline
        self.tight = False
        note = self.note()
        if note:
            out += " " * column + note + self.newline
            if not self.pick(True, True, False):
                out += self.newline
        return out


def _plain(text: str, in_flow: bool) -> bool:
    letters = re.fullmatch(r"[A-Za-zА-я][A-Za-zА-я0-9 .'-]*", text)
    return bool(letters) and not text.endswith(" ") and text.lower() not in ("null", "true", "false")


def _scalar(pen: _Pen, value: Any, in_flow: bool) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    ways = ['"']
    if _plain(value, in_flow):
        ways += ["", ""]
    if value.isprintable():
        ways.append("'")
    way = pen.pick(*ways)
    if way == "":
        return value
    if way == "'":
        return "'" + value.replace("'", "''") + "'"
    escaped = json.dumps(value, ensure_ascii=False)
    return re.sub("[\u0080-\u00a0\u2028\u2029\ufeff]", lambda found: f"\\u{ord(found[0]):04x}", escaped)


def _flow(pen: _Pen, value: Any) -> str:
    space = pen.pick("", " ")
    between = pen.pick(", ", ",", f",{pen.newline}          ")
    if isinstance(value, dict):
        parts = [f"{_scalar(pen, key, True)}: {_flow(pen, inner)}" for key, inner in value.items()]
        return "{" + space + between.join(parts) + space + "}"
    if isinstance(value, list):
        return "[" + space + between.join(_flow(pen, inner) for inner in value) + space + "]"
    return _scalar(pen, value, True)


def _block_text(pen: _Pen, value: str, column: int) -> str | None:
    """As a literal block, where that holds the text."""
    body = value.rstrip("\n")
    if not re.fullmatch(r"[^\s\ufeff][^\t\r\u0085\u2028\u2029\ufeff]*", body) or any(
        line.isspace() for line in body.split("\n")
    ):
        return None
    ends = len(value) - len(body)
    pad = " " * (column + pen.pick(2, 4))
    lines = "".join(pen.newline + (pad + line if line else "") for line in body.split("\n"))
    note = pen.note()
    chomp = {0: "-", 1: ""}.get(ends, "+")
    pen.tight = chomp == "+"
    return f"|{chomp}{' ' + note if note else ''}{lines}{pen.newline * max(0, ends - 1)}"


def _value(pen: _Pen, value: Any, column: int, behind_key: bool) -> str:
    """What follows a key or dash at ``column``, with the blank or line end before it."""
    if isinstance(value, str) and pen.pick(True, False):
        block = _block_text(pen, value, column)
        if block:
            return f" {block}"
    if isinstance(value, dict | list) and value:
        for name, held in pen.held:
            if json.dumps(held) == json.dumps(value) and pen.pick(True, True, False):
                return f" *{name}"
    if not isinstance(value, dict | list) or not value or pen.pick(True, False, False):
        note = pen.note()
        return f" {_flow(pen, value)}{'  ' + note if note else ''}"
    anchor = ""
    if pen.anchors and pen.pick(True, False, False):
        pen.names += 1
        anchor = f" &a{pen.names}"
    inner = column + (pen.dash if isinstance(value, list) and behind_key else 2)
    note = pen.note()
    if behind_key or anchor or note:
        above = pen.above(inner) if pen.pick(True, False) else ""
        head = f"{anchor}{' ' + note if note else ''}{pen.newline}{above}{' ' * inner}"
    else:
        head = " " * (inner - column - 1)
    out = head + _block(pen, value, inner)
    if anchor:
        pen.held.append((anchor[2:], value))
    return out


def _block(pen: _Pen, value: Any, column: int) -> str:
    out = ""
    pairs = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
    for number, (key, inner) in enumerate(pairs):
        if number:
            out += pen.newline + pen.above(column) + " " * column
        head = "-" if key is None else f"{_scalar(pen, key, False)}:"
        out += head + _value(pen, inner, column, key is not None)
    return out


@st.composite
def written_in_any_style(draw: st.DrawFn, tree: st.SearchStrategy[Any] = trees) -> tuple[str, Any, list[str]]:
    """(text, the data it holds, its comments)."""
    value = draw(tree)
    pen = _Pen(draw, draw(st.sampled_from(["\n", "\n", "\r\n"])), draw(st.sampled_from([2, 2, 0, 4])), draw(st.booleans()),
               draw(st.booleans()))  # fmt: skip
    head = pen.above(0) + draw(st.sampled_from(["", "", f"---{pen.newline}"]))
    text = head + _block(pen, value, 0)
    text += pen.newline if pen.tight else pen.pick(pen.newline, pen.newline, pen.newline * 2)
    foot = pen.note()
    text += foot + pen.newline if foot else ""
    if draw(st.integers(0, 3)):
        return text, value, pen.said
    # Some editors end no last line; a block that ends there holds a line end less.
    bare = text.rstrip("\r\n")
    return bare, json.loads(json.dumps(read(bare, "").data)), pen.said


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    out = [place]
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            out += _places(inner, (*place, key))
    return out


@st.composite
def reworded(draw: st.DrawFn, data: Any) -> Any:
    """``data`` with entries in another order and other values, none of them gone or new."""
    if isinstance(data, dict):
        return {key: value if key == "id" else draw(reworded(value)) for key, value in data.items()}
    if isinstance(data, list):
        known = all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in data)
        # Without an id, nobody could say which entry became which.
        return [draw(reworded(item)) for item in draw(st.permutations(data))] if known else data
    return draw(st.one_of(st.just(data), scalars))


@st.composite
def changed(draw: st.DrawFn, data: Any) -> Any:
    """``data`` after some changes: values set, entries added, taken away, moved, copied."""
    data = json.loads(json.dumps(data))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from([place for place in _places(data) if place]))
        around = data
        for part in place[:-1]:
            around = around[part]
        key = place[-1]
        what = draw(st.sampled_from(["set", "delete", "add", "move", "copy"]))
        if what == "set":
            around[key] = draw(_parts)
        elif what == "delete" and len(around) > 1:
            del around[key]
        elif isinstance(around, dict):
            around[draw(keys)] = draw(_parts)
        elif what == "add":
            around.insert(key, draw(_parts))
        else:
            item = around[key] if what == "copy" else around.pop(key)
            item = json.loads(json.dumps(item))
            if what == "copy" and isinstance(item, dict) and "id" in item:
                item["id"] += "-copy"
            around.insert(draw(st.integers(0, len(around))), item)
    return data
