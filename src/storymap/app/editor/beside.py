"""Texts beside each other, in columns, with the words marked in which they differ. Texts are shown as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from storymap.app.editor.differences import Difference, Piece, told_apart

__all__ = ["beside", "rows_of"]

Row = tuple[str, Sequence[Sequence[Piece]]]

_HERE = Path(__file__)
_mount = st.components.v2.component(
    "storymap.beside",
    html='<div class="beside"></div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def rows_of(found: Sequence[Difference]) -> list[Row]:
    """A row of two columns for each difference."""
    return [(one.what, told_apart(one.old, one.new)) for one in found]


def beside(key: str, label: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A table: a row for each place, named above it, and a column for each version. ``label`` says what it is."""
    _mount(
        key=key,
        data={
            "label": label,
            "columns": list(columns),
            "rows": [
                {"what": what, "cells": [[list(piece) for piece in cell] for cell in cells]} for what, cells in rows
            ],
        },
    )
