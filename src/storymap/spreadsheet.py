"""A table as an editor has it (XLSX, or CSV in any usual manner) → CSV in UTF-8 that a story reads.

Runs in the reading process (`geochild`). Formulas of XLSX come as the values that were last computed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from storymap.geochild import tell_apart
from storymap.geocontent import (
    MAX_COLUMNS,
    MAX_FEATURES,
    MAX_RATIO,
    MAX_UNPACKED,
    GeodataError,
    Options,
    check_counts,
    shown,
)
from storymap.geofile import upload_name

__all__ = ["MAX_XLSX", "Table", "read_table", "table"]

MAX_XLSX = 30_000_000  # bytes; a sheet of 500,000 rows has about that
SHOWN = 300
"""Rows by which columns are guessed and shown."""
MAX_CSV = 64_000_000


@dataclass(frozen=True)
class Table:
    """A table of an upload. ``csv``: all of it, comma separated, UTF-8; ``rows``: the first ones."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    csv: str
    count: int
    sheets: tuple[str, ...] = ()
    sheet: str | None = None
    notes: tuple[str, ...] = ()


def read_table(data: bytes, name: str, sheet: str | None = None) -> Table:
    """The table in an uploaded .csv, .tsv or .xlsx, read in a process of its own. Raises GeodataError."""
    name = upload_name(name)
    if len(data) > (MAX_XLSX if _is_xlsx(name) else MAX_CSV):
        raise GeodataError(name, f"{len(data) / 1e6:,.0f} MB is more than a table may have; keep the columns you need")
    said = tell_apart("table", name, data, Options(layer=sheet))
    rows = tuple(map(tuple, said["rows"]))
    return Table(tuple(said["header"]), rows, said["csv"], said["count"], tuple(said["sheets"]), said["sheet"],
                 tuple(said["notes"]))  # fmt: skip


def table(name: str, data: bytes, options: Options) -> bytes:
    """The task of the process: a `Table` as JSON; ``options.layer`` names the sheet."""
    notes: list[str] = []
    if not data:
        raise GeodataError(name, "the file is empty")
    if _is_xlsx(name):
        sheets, sheet, rows = _sheet(name, data, options.layer)
    else:
        sheets, sheet, rows = [], None, _separated(name, data, notes)
    rows = [row for row in rows if any(row)]
    if len(rows) < 2:
        raise GeodataError(name, "it has no rows below its header" if rows else "the table is empty")
    width = max(len(row) for row in rows)
    header = _header(rows[0], width)
    check_counts(name, features=len(rows) - 1, columns=width)
    body = [[*row, *[""] * (width - len(row))] for row in rows[1:]]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *body])
    return json.dumps({"header": header, "rows": body[:SHOWN], "csv": written.getvalue(), "count": len(body),
                       "sheets": sheets, "sheet": sheet, "notes": notes}).encode()  # fmt: skip


def _is_xlsx(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() == ".xlsx"


def _header(cells: Sequence[str], width: int) -> list[str]:
    """A name for each column, none twice."""
    names: list[str] = []
    for at in range(width):
        wanted = (cells[at] if at < len(cells) else "").strip() or f"column {at + 1}"
        name, number = wanted, 2
        while name in names:
            name, number = f"{wanted} {number}", number + 1
        names.append(name)
    return names


def _separated(name: str, data: bytes, notes: list[str]) -> list[list[str]]:
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise GeodataError(name, "its content is no text; save it as 'CSV UTF-8'")
    text = _text(name, data, notes)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = "\t" if PurePosixPath(name).suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    if delimiter == ";":
        notes.append("Its cells are parted by semicolons; they are saved with commas.")
    csv.field_size_limit(1_000_000)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise GeodataError(name, f"not a regular table ({shown(error, 150)}); save it again as CSV") from None


def _text(name: str, data: bytes, notes: list[str]) -> str:
    for encoding, called in (("utf-8-sig", ""), ("utf-16", "UTF-16")):
        if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if called:
            notes.append(f"Its letters were in {called}; they are saved in UTF-8.")
        return text
    high = [byte > 127 for byte in data]
    in_runs = sum(a and b for a, b in itertools.pairwise(high))
    guess = "cp1251" if in_runs * 2 > sum(high) else "cp1252"
    try:
        text = data.decode(guess)
    except UnicodeDecodeError:
        raise GeodataError(name, "its letters are in no known encoding; save it as 'CSV UTF-8'") from None
    notes.append(f"It does not say how its letters are encoded: read as {guess}. Look whether they are right.")
    return text


def _sheet(name: str, data: bytes, wanted: str | None) -> tuple[list[str], str, list[list[str]]]:
    """(sheets, the one that is read, its rows as texts)."""
    _check_package(name, data)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = [str(sheet.title) for sheet in book.worksheets]
        if not sheets:
            raise GeodataError(name, "it has no sheet with cells")
        if wanted is not None and wanted not in sheets:
            raise GeodataError(name, f"it has no sheet {shown(wanted)!r}")
        sheet = wanted or sheets[0]
        page = book[sheet]
        # What the file says of its size may be wrong; then a sheet of a few rows would have a million.
        page.reset_dimensions()
        return sheets, sheet, list(_cells(name, page.iter_rows(values_only=True)))
    except GeodataError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever its parts do
        raise GeodataError(name, f"not readable as XLSX ({shown(error, 150)}); save it again, or as CSV") from None


def _cells(name: str, rows: Iterable[Sequence[Any]]) -> Iterable[list[str]]:
    for number, row in enumerate(rows):
        if number > MAX_FEATURES or len(row) > 16_384:
            check_counts(name, features=number, columns=len(row))
        texts = [_cell(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MAX_COLUMNS:
            check_counts(name, columns=len(texts))
        yield texts


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value).strip()


def _check_package(name: str, data: bytes) -> None:
    """XLSX is a zip of XML: no bombs, no DOCTYPE that could hide files or blow up entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
            unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
            if "xl/workbook.xml" not in {member.filename for member in members}:
                raise GeodataError(name, "its content is not XLSX; save it again, or as CSV")
            if unpacked > MAX_UNPACKED or (unpacked > 20_000_000 and unpacked > MAX_RATIO * max(packed, 1)):
                raise GeodataError(name, f"{unpacked / 1e6:,.0f} MB once unpacked; keep the columns that you need")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with package.open(member) as part:
                        if b"<!DOCTYPE" in part.read(4096):
                            raise GeodataError(name, "it has a DOCTYPE, which XLSX does not need; save it again")
    # zipfile raises RuntimeError for an encrypted part, and a kind of it for a compression that it does not know.
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        if isinstance(error, GeodataError):
            raise
        raise GeodataError(name, "its content is not XLSX; save it again, or as CSV") from None
