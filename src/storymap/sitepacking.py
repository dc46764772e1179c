"""A built site's files as they are stored: which are compressed, and how."""

from __future__ import annotations

import gzip
import re

__all__ = ["packed", "worth_packing"]

_TEXT = re.compile(r"text/.*|(application|image)/([a-z-]+\+)?(json|xml|javascript).*")


def worth_packing(kind: str) -> bool:
    """Whether files of a content type get smaller: text does, pictures and films are compressed already."""
    return _TEXT.fullmatch(kind) is not None


def packed(data: bytes) -> bytes:
    """The bytes compressed with gzip, the same ones each time."""
    return gzip.compress(data, 9, mtime=0)
