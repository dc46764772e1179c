"""What a request's ``Accept-Encoding`` and ``If-None-Match`` ask for (RFC 9110, sections 12.5.3 and 13.1.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["accepts_gzip", "coding", "matches"]

ALIASES = {"gzip": "x-gzip"}


def coding(header: str, offered: Sequence[str]) -> str:
    """The first of the codings ``offered`` that ``Accept-Encoding`` allows; "" for plain, which no header means too.

    Any that is allowed will do, whatever its weight against the others: what is offered first is the smallest.
    """
    items = (item.partition(";") for item in header.lower().split(","))
    wanted = {name.strip(): _quality(parameters) for name, _, parameters in items}
    rest = wanted.get("*", 0.0)
    return next((name for name in offered if wanted.get(name, wanted.get(ALIASES.get(name, name), rest)) > 0), "")


def accepts_gzip(header: str) -> bool:
    """Whether ``Accept-Encoding`` lets the answer be gzipped; no header means plain."""
    return bool(coding(header, ("gzip",)))


def _quality(parameters: str) -> float:
    """``q`` of one coding: 1 when absent, 0 when it can not be read (sending plain is always right)."""
    if "q" not in parameters:
        return 1.0
    found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameters)
    return float(found[1]) if found else 0.0


def matches(header: str, tag: str) -> bool:
    """Whether ``If-None-Match`` names the entity tag ``tag`` (with its quotes), compared weakly: ``W/`` is ignored."""
    if header.strip() == "*":
        return True
    return tag in re.findall(r'"[\x21\x23-\x7e\x80-\xff]*"', header)
