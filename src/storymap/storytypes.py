"""The types that a story's model is made of: checked texts, colours, dates, references, and the base of its parts.

Every text is reached by an id (step, layer, source), so that a translation (``story.<lang>.yaml``) can name it: fields
of the types `Words`, `Markdown` and `Legal` are those texts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

__all__ = [
    "COLOR",
    "COLOR_NAME",
    "HEX",
    "PARTIAL_DATE",
    "SLUG",
    "Color",
    "ColorName",
    "Day",
    "Flag",
    "HexColor",
    "Legal",
    "Markdown",
    "Model",
    "Number",
    "Percent",
    "Ref",
    "Refs",
    "Slug",
    "Text",
    "Translated",
    "Values",
    "WebUrl",
    "Where",
    "Words",
    "one_or_many",
    "shorthand",
]

HEX = r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
COLOR = r"^(?:#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)$"
COLOR_NAME = r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$"
PARTIAL_DATE = r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"

Slug = Annotated[str, Field(pattern=SLUG, max_length=64)]
Color = Annotated[str, Field(pattern=COLOR)]
ColorName = Annotated[str, Field(pattern=COLOR_NAME, max_length=64)]
HexColor = Annotated[str, Field(pattern=HEX)]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


@dataclass(frozen=True)
class Translated:
    """Marks a text that a translation holds; ``needed``: one that lacks it is told so."""

    needed: bool = True


Words = Annotated[Text, Translated()]
Legal = Annotated[Text, Translated(needed=False)]
"""Names and terms that mostly stay as they are."""
Markdown = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"\S"), Translated()]
WebUrl = Annotated[str, Field(pattern=r"^https?://[^\s<>\"]+$")]
Ref = Annotated[str, Field(pattern=r"^[^\s/][^/]*(?:/[^/]+)?$")]
"""``layer`` or ``layer/feature``."""
Number = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]
Percent = Annotated[Number, Field(ge=0, le=1)]


def _day(value: Any) -> Any:
    # pydantic takes a bare number, even a quoted one, for seconds since 1970; as "" it is refused as no day.
    day = isinstance(value, dt.date) or (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value))
    return value if day else ""


Day = Annotated[dt.date, BeforeValidator(_day)]


def one_or_many(value: Any) -> Any:
    """A single value stands for a list of one."""
    return [value] if isinstance(value, str | int | float | bool) else value


Refs = Annotated[tuple[Ref, ...], BeforeValidator(one_or_many)]
Values = Annotated[tuple[str | int | float | bool, ...], BeforeValidator(one_or_many)]
Where = Mapping[str, Values]


def shorthand(key: str) -> BeforeValidator:
    """``deposits`` stands for ``{layer: deposits}``: a plain string fills the one key that is required."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


class Model(BaseModel):
    """Base of all parts of a story."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
