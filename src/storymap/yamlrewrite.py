"""Other data in the same text: what differs is written anew, every other byte stays, with its comments.

An entry of a list that moved takes its text along, with the comment lines right above it. What is new is written in
the manner of what stands beside it. The result is read again before it is given out: it means the data asked for, or,
should a text be written in a way that is not foreseen here, a larger part of it is written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from storymap.errors import StoryError
from storymap.yamlemit import Form, block_entry
from storymap.yamlmatch import same
from storymap.yamlnodes import Node, written
from storymap.yamlsource import YamlSource
from storymap.yamlwriter import Writer, column_of

__all__ = ["rewrite", "rewritten"]


def rewrite(text: str, data: dict[str, Any], file: str = "story.yaml") -> str:
    """``text`` changed so that it means ``data`` (dict with text keys, list, str, int, float, bool).

    Raises `StoryError` when ``text`` can not be read, or ``data`` holds what no YAML text can.
    """
    source, node = written(text, file)
    return rewritten(text, source, node, data, file)[0]


def rewritten(
    text: str, source: YamlSource, node: Node | None, data: dict[str, Any], file: str
) -> tuple[str, YamlSource, Node | None, int]:
    """As `rewrite`, for a text that is read already: the new text, how it reads, and how much had to be written anew
    that was not changed (0 nothing, 1 the part below a key, 2 everything but the comments at the head)."""
    if same(source.data, data):
        return text, source, node, 0
    form = _form(text, node)
    for effort, made in enumerate(_attempts(text, node, data, form, file)):
        try:
            new, new_node = written(made, file)
        except StoryError:
            if effort == _LAST:
                raise
            continue
        if effort == _LAST or (not new.findings and same(new.data, data)):
            return made, new, new_node, max(0, effort - 1)
    raise AssertionError("the last attempt returns or raises")


_LAST = 3


def _attempts(text: str, node: Node | None, data: dict[str, Any], form: Form, file: str) -> Iterator[str]:
    if node is not None:
        yield Writer(text, form).document(node, data)
        # A block that ends the text without a line end means something else once a line follows it.
        ended = _ended(text, form.newline)
        yield Writer(ended, form).document(written(ended, file)[1] or node, data)
        yield Writer(text, form, coarse=True).document(node, data)
    else:
        yield from ("",) * _LAST
    head = re.match(r"(?:#[^\r\n]*(?:\r\n|\r|\n))*", text)
    yield (head[0] if head else "") + "".join(
        block_entry(key, value, 0, form) + form.newline for key, value in data.items()
    )


def _ended(text: str, newline: str) -> str:
    if text.endswith(("\n", "\r")):
        return text
    header = list(re.finditer(r"(?<=[:\s])[|>](?=[0-9]?[ \t]*(?:#[^\r\n]*)?[\r\n])", text))
    if header:
        at = header[-1].end()
        text = f"{text[:at]}-{text[at:]}"
    return text + newline


def _form(text: str, node: Node | None) -> Form:
    found = re.search(r"\r\n|\r|\n", text)
    newline = found[0] if found else "\n"
    for entry in node.entries if node and node.kind == "map" and not node.flow else ():
        inner = entry.node
        if inner.kind == "list" and not inner.flow and inner.entries:
            return Form(newline, column_of(text, inner.body) - column_of(text, entry.start))
    return Form(newline)
