"""Plain data → YAML text in the style of story files: short parts in brackets, long texts as blocks, one line each
for the rest. Used for what is new in a text; `yamlrewrite` keeps what was there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from storymap.errors import StoryError
from storymap.yamlsource import read

__all__ = ["Form", "block_entry", "block_scalar", "flow", "flow_entry", "key_text", "quoted", "scalar"]

WIDTH = 118
"""Longest line that is written, where a line can be broken."""


@dataclass(frozen=True, slots=True)
class Form:
    """Habits of a text that its new parts take on."""

    newline: str = "\n"
    dash_indent: int = 2
    """Columns by which the dash of a list stands right of its key."""
    width: int = WIDTH


# What every YAML reader takes for text, anywhere in a line.
_SAFE = re.compile(r"[^\W\d_][^\n\r\t\u2028\u2029\ufeff\u0085]*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHERS_BOOL = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_LINES = re.compile(r"[^\s][^\r\t\u2028\u2029\ufeff\u0085]*")


def _means_text(text: str) -> bool:
    tag = YAML(typ="safe", pure=True).resolver.resolve(ScalarNode, text, (True, False))
    return str(tag).endswith(":str")


def _plain(text: str, in_flow: bool) -> bool:
    """Whether ``text`` may stand without quotes."""
    if text[-1:].isspace() or ": " in text or " #" in text or text.endswith(":") or not text.isprintable():
        return False
    if in_flow and re.search(r"[,\[\]{}:?#]", text):
        return False
    return bool(_SAFE.fullmatch(text)) and text.lower() not in _OTHERS_BOOL and _means_text(text)


def quoted(text: str) -> str:
    """``text`` in double quotes, on one line."""
    out = json.dumps(text, ensure_ascii=False)
    return re.sub("[\u007f-\u00a0\u2028\u2029\ufeff]", lambda found: f"\\u{ord(found[0]):04X}", out)


def scalar(value: Any, *, in_flow: bool = False, style: str | None = None) -> str:
    """A value on one line; ``style`` is that of the text which it replaces (``'``, ``"`` or "" for none)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    text = str(value)
    if style == "'" and text.isprintable() and text:
        return "'" + text.replace("'", "''") + "'"
    if style == '"':
        return quoted(text)
    if _plain(text, in_flow) or (style == "" and _DAY.fullmatch(text)):
        return text
    return quoted(text)


def _number(value: float) -> str:
    text = repr(value)
    if "e" in text and "." not in text:
        # 1e+16 would be a text in YAML.
        text = text.replace("e", ".0e")
    return text


def block_scalar(text: str, indent: int, form: Form, style: str = "") -> str | None:
    """``text`` as a literal or folded block whose lines stand at ``indent``; None where no block holds it unchanged."""
    pad = form.newline + " " * indent
    if style != ">" and ("\n" in text or style == "|"):
        return _literal(text, pad, form)
    long = style == ">" or (len(text) + indent > form.width and style not in ("'", '"'))
    if not long or not re.fullmatch(r"\S+(?: \S+)*\n?", text) or not _LINES.fullmatch(text.rstrip("\n")):
        return _literal(text, pad, form) if "\n" in text else None
    lines = _wrapped(text.split(" "), max(form.width - indent, 20))
    lines[-1] = lines[-1].rstrip("\n")
    return _checked(">" + ("" if text.endswith("\n") else "-") + "".join(pad + line for line in lines), text, form)


def _literal(text: str, pad: str, form: Form) -> str | None:
    # A block that ends in empty lines ("|+") would take in the blank lines that are set below it later.
    if not _LINES.fullmatch(text) or text.endswith("\n\n") or any(line.isspace() for line in text.split("\n")):
        return None
    chomp = "" if text.endswith("\n") else "-"
    body = text[:-1] if text.endswith("\n") else text
    made = "|" + chomp + "".join(pad + line if line else form.newline for line in body.split("\n"))
    return _checked(made, text, form)


def _wrapped(words: list[str], width: int) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _checked(block: str, text: str, form: Form) -> str | None:
    """``block``, if a reader makes ``text`` of it: blocks have more rules than are written here."""
    try:
        found = read(_in_place(block, form), "").data
    except StoryError:
        return None
    return block if found == {"k": text, "x": "y"} else None


def _in_place(block: str, form: Form) -> str:
    lines = block.split(form.newline)
    indents = [len(line) - len(line.lstrip(" ")) for line in lines[1:] if line]
    cut = min(indents, default=2) - 2
    return form.newline.join(["k: " + lines[0], *(line[max(cut, 0) :] for line in lines[1:]), "x: y", ""])


def key_text(key: str) -> str:
    """A key as it stands before its colon."""
    return key if re.fullmatch(r"[^\W\d_][\w.-]*", key) and key.isprintable() and _means_text(key) else quoted(key)


def flow(value: Any) -> str:
    """``value`` in brackets, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(flow_entry(key, inner) for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    return scalar(value, in_flow=True)


def flow_entry(key: str, value: Any) -> str:
    """A key and its value, inside brackets."""
    return f"{key_text(key)}: {flow(value)}"


def block_entry(key: str | None, value: Any, column: int, form: Form, *, style: str | None = None) -> str:
    """A key (None: a dash) at ``column`` with its value; lines after the first are indented, the last has no end.

    ``style``: of the scalar that it replaces.
    """
    head = "-" if key is None else key_text(key) + ":"
    if isinstance(value, str):
        block = block_scalar(value, column + 2, form, style or "")
        return f"{head} {block or scalar(value, style=style)}"
    if not isinstance(value, dict | list):
        return f"{head} {scalar(value)}"
    if not value or _fits(key, value, column + len(head) + 1, form):
        return f"{head} {flow(value)}"
    inner = column + (form.dash_indent if isinstance(value, list) and key is not None else 2)
    pairs: list[tuple[str | None, Any]] = list(value.items()) if isinstance(value, dict) else [(None, v) for v in value]
    gap = form.newline + (form.newline if key == "steps" else "") + " " * inner
    parts = [block_entry(name, part, inner, form) for name, part in pairs]
    if key is None:
        return "- " + gap.join(parts)
    return head + form.newline + " " * inner + gap.join(parts)


def _fits(key: str | None, value: Any, column: int, form: Form) -> bool:
    """Whether a part reads well in brackets: no entry of its own, no long text, and on one line."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return False
    if isinstance(value, dict) and ("id" in value or "text" in value or (key is None and "date" in value)):
        return False
    if not _short(value, 3):
        return False
    return len(flow(value)) + column <= form.width


def _short(value: Any, depth: int) -> bool:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_short(part, depth - 1) for part in inner)
    return not isinstance(value, str) or "\n" not in value
