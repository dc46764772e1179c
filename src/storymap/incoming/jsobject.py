"""The object that a JavaScript file holds (``var config = {…};``), read and never run.

A grammar of the whole language (tree-sitter) tells what stands there; only literals are taken: objects, lists, texts,
numbers, and texts put together with ``+``. Names stand for the literals that the file gives them. Anything else, such as
a function, has no value here and is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

__all__ = ["Script", "ScriptError", "read_script"]

DEEPEST = 60
MOST_BYTES = 2_000_000
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


class ScriptError(ValueError):
    """A file that is no JavaScript. ``str()`` is one line."""


@dataclass
class Script:
    """What a file holds."""

    objects: list[dict[str, Any]]
    """Values of its objects: those given to names, then any other, the largest first."""
    unknown: list[str] = field(default_factory=list)
    """Places of values that are no literals, as ``line 12: callback``."""


def read_script(content: bytes) -> Script:
    """Reads a file. Raises `ScriptError`."""
    if len(content) > MOST_BYTES:
        raise ScriptError(
            f"{len(content) / 1e6:.1f} MB of JavaScript: a configuration has some hundred kilobytes at most"
        )
    tree = Parser(Language(tree_sitter_javascript.language())).parse(content.removeprefix(b"\xef\xbb\xbf"))
    if tree.root_node.has_error:
        fault = next(_faults(tree.root_node), tree.root_node)
        raise ScriptError(
            f"line {fault.start_point[0] + 1}: here the JavaScript can not be read; is the file complete?"
        )
    return _Reader().script(tree.root_node)


def _faults(node: Node) -> Iterator[Node]:
    if node.is_missing or node.type == "ERROR":
        yield node
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from _faults(child)


class _Reader:
    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.unknown: list[str] = []
        self.readers: dict[str, Callable[[Node, int], Any]] = {
            "object": self._object,
            "array": lambda node, depth: [
                self.value(item, depth) for item in node.named_children if item.type != "comment"
            ],
            "string": lambda node, _: _string(node),
            "template_string": self._template,
            "number": lambda node, _: _number(_text(node)),
            "true": lambda *_: True,
            "false": lambda *_: False,
            "null": lambda *_: None,
            "undefined": lambda *_: None,
            "unary_expression": self._signed,
            "binary_expression": self._joined,
            "parenthesized_expression": lambda node, depth: self.value(_only(node), depth),
            "identifier": self._named,
        }

    def script(self, root: Node) -> Script:
        found: list[tuple[int, dict[str, Any]]] = []
        todo = [root]
        while todo:
            node = todo.pop()
            given = node.child_by_field_name("value") or node.child_by_field_name("right")
            name = node.child_by_field_name("name") or node.child_by_field_name("left")
            if node.type in ("variable_declarator", "assignment_expression") and given is not None and name is not None:
                value = self.value(given, 0)
                self.names[_text(name)] = value
                if isinstance(value, dict):
                    found.append((given.end_byte - given.start_byte, value))
            elif node.type == "object":
                value = self.value(node, 0)
                found.append((node.end_byte - node.start_byte, value))
            else:
                todo += reversed(node.named_children)
        return Script([value for _, value in sorted(found, key=lambda pair: -pair[0])], self.unknown)

    def value(self, node: Node | None, depth: int) -> Any:
        if node is None or depth > DEEPEST:
            return None
        reader = self.readers.get(node.type)
        return reader(node, depth + 1) if reader else self._nothing(node)

    def _nothing(self, node: Node) -> None:
        around = node.parent
        key = around.child_by_field_name("key") if around is not None and around.type == "pair" else None
        what = _text(key) if key is not None else _text(node)[:30]
        self.unknown.append(
            f"line {node.start_point[0] + 1}: '{what}' is worked out by the script, so its value is not known"
        )

    def _object(self, node: Node, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for pair in node.named_children:
            if pair.type == "pair":
                key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
                if key is not None:
                    made[_string(key) if key.type == "string" else _text(key)] = self.value(value, depth)
            elif pair.type == "shorthand_property_identifier":
                made[_text(pair)] = self.names.get(_text(pair))
            elif pair.type != "comment":
                self._nothing(pair)
        return made

    def _template(self, node: Node, depth: int) -> str:
        parts = []
        for part in node.named_children:
            if part.type == "template_substitution":
                value = self.value(_only(part), depth)
                parts.append("" if value is None else str(value))
            else:
                parts.append(_unescaped(part))
        return _paired("".join(parts))

    def _signed(self, node: Node, depth: int) -> Any:
        sign, value = _text(node)[:1], self.value(node.child_by_field_name("argument"), depth)
        if isinstance(value, int | float) and sign in "+-":
            return -value if sign == "-" else value
        return self._nothing(node)

    def _joined(self, node: Node, depth: int) -> Any:
        sign = node.child_by_field_name("operator")
        left = self.value(node.child_by_field_name("left"), depth)
        right = self.value(node.child_by_field_name("right"), depth)
        if sign is not None and _text(sign) == "+" and isinstance(left, str) and isinstance(right, str):
            return left + right
        return self._nothing(node)

    def _named(self, node: Node, _: int) -> Any:
        return self.names[_text(node)] if _text(node) in self.names else self._nothing(node)


def _only(node: Node) -> Node | None:
    return next((child for child in node.named_children if child.type != "comment"), None)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _string(node: Node) -> str:
    return _paired("".join(_unescaped(part) for part in node.named_children))


def _paired(text: str) -> str:
    """JavaScript writes letters beyond the first 65,536 as two escapes."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(part: Node) -> str:
    text = _text(part)
    if part.type != "escape_sequence":
        return text
    mark = text[1:]
    if mark[:1] in ("\n", "\r", "\u2028", "\u2029"):
        return ""
    if code := re.fullmatch(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}", mark):
        number = int(code[1] or code[2] or code[3], 16)
        return chr(number) if number < 0x110000 else "\N{REPLACEMENT CHARACTER}"
    return _ESCAPES.get(mark, mark)


def _number(text: str) -> float | int | None:
    plain = text.replace("_", "").rstrip("n")
    try:
        return int(plain, 0) if re.fullmatch(r"0[xXoObB].*|[1-9]\d*|0", plain) else float(plain)
    except ValueError:
        return None
