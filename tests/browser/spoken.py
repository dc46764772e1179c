"""What a screen reader is given of a part of a page, as lines of text: role, name, state, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

__all__ = ["spoken"]

Node = dict[str, Any]

SILENT = {"InlineTextBox", "LineBreak", "ListMarker", "Canvas"}
INLINE = {"StaticText", "strong", "emphasis", "time", "mark", "superscript", "subscript", "code", "abbr", "link", "generic",
          "none", "LabelText", "deletion", "insertion"}  # fmt: skip
BLOCKS = {
    "DisclosureTriangle": "more", "paragraph": "paragraph", "listitem": "item", "blockquote": "quotation",
    "sectionfooter": "said by", "Figcaption": "caption", "contentinfo": "foot of the page", "region": "part",
    "sectionheader": "head", "image": "picture",
}  # fmt: skip
"""What a role is called in the lines, where a reader would not know it by Chromium's name."""


def spoken(page: Page, *selectors: str) -> str:
    """Lines for the elements that ``selectors`` find first, one after the other; what lies deeper is indented.

    Running text is one line, with its links in brackets; a row of a table is one line. What has no name and only holds
    other things has no line of its own.
    """
    session = page.context.new_cdp_session(page)
    try:
        # Only what the tree has been asked for once is kept up to date.
        session.send("Accessibility.enable")
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        lines: list[str] = []
        for selector in selectors:
            found = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
            assert found, f"nothing on the page is {selector}"
            element = session.send("DOM.describeNode", {"nodeId": found})["node"]["backendNodeId"]
            top = [node for node in nodes if node.get("backendDOMNodeId") == element]
            lines += _Tree(nodes).lines(top[0], 0) if top else []
        return "\n".join(lines) + "\n"
    finally:
        session.detach()


class _Tree:
    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = {node["nodeId"]: node for node in nodes}

    def inside(self, node: Node) -> Iterator[Node]:
        for key in node.get("childIds", []):
            if key in self.nodes:
                yield self.nodes[key]

    def lines(self, node: Node, depth: int) -> Iterator[str]:
        role = _value(node.get("role"))
        if role in SILENT:
            return
        if self._is_text(node):
            text = self._text(node).strip()
            if text:
                yield "  " * depth + _running(text)
            return
        if role == "row":
            cells = [self._cell(cell) for cell in self.inside(node)]
            yield f"{'  ' * depth}row: {' | '.join(cells)}"
            return
        said = None if node.get("ignored") else self._said(node, role)
        if said is not None:
            yield "  " * depth + said
            depth += 1
        # The names of these are their texts: what else is in them would be read twice.
        if said is not None and (
            role in {"button", "link", "heading", "DisclosureTriangle", "image"} or self._only_text(node)
        ):
            return
        for part in self._parts(node):
            if isinstance(part, str):
                yield "  " * depth + _running(part)
            else:
                yield from self.lines(part, depth)

    def _cell(self, node: Node) -> str:
        return _value(node.get("name")) or "".join(map(self._text, self.inside(node))).strip() or "(empty)"

    def _parts(self, node: Node) -> Iterator[Node | str]:
        """What is in a node, with the pieces of running text put together."""
        run = ""
        for part in self.inside(node):
            if self._is_text(part):
                run += self._text(part)
                continue
            if run.strip():
                yield run.strip()
            run = ""
            yield part
        if run.strip():
            yield run.strip()

    def _is_text(self, node: Node) -> bool:
        """Whether a node is running text, to its last leaf."""
        role = _value(node.get("role"))
        if role == "StaticText":
            return not node.get("ignored")
        if role in SILENT:
            return True
        children = list(self.inside(node))
        return role in INLINE and bool(children) and all(self._is_text(part) for part in children)

    def _only_text(self, node: Node) -> bool:
        children = list(self.inside(node))
        return bool(children) and all(self._is_text(part) for part in children)

    def _text(self, node: Node) -> str:
        role = _value(node.get("role"))
        if role == "StaticText":
            return _value(node.get("name"))
        if role in SILENT:
            return ""
        inner = "".join(self._text(part) for part in self.inside(node))
        return f"[link: {inner}]" if role == "link" else inner

    def _said(self, node: Node, role: str) -> str | None:
        """The line of a node; None for what only holds other things."""
        name = _value(node.get("name"))
        if self._only_text(node) and role not in {"button", "link", "heading", "DisclosureTriangle", "image"}:
            text = "".join(map(self._text, self.inside(node))).strip()
            name = ", ".join(dict.fromkeys(filter(None, [name, text])))
        if not name and (role in {"generic", "none", "group", "listitem", "rowgroup", "RootWebArea"} or not role):
            return "item:" if role == "listitem" else None
        level = _property(node, "level")
        title = f"heading {level}" if role == "heading" else BLOCKS.get(role, role)
        states = [word for word in _states(node) if word]
        return f"{title}{': ' if name else ''}{name}{''.join(f' ({state})' for state in states)}"


def _running(text: str) -> str:
    alone = re.fullmatch(r"\[(link: [^\[\]]*)\]", text)
    return alone[1] if alone else f"text: {text}"


def _states(node: Node) -> Iterator[str | None]:
    pressed, expanded = _property(node, "pressed"), _property(node, "expanded")
    yield {"true": "pressed", "false": "not pressed"}.get(str(pressed)) if pressed is not None else None
    yield ("open" if expanded else "closed") if expanded is not None else None
    yield "unavailable" if _property(node, "disabled") else None
    current = _property(node, "current")
    yield f"current {current}" if current not in (None, "false", False) else None


def _property(node: Node, name: str) -> Any:
    return next((part["value"].get("value") for part in node.get("properties", []) if part["name"] == name), None)


def _value(part: Node | None) -> str:
    return str(part.get("value", "")) if part else ""
