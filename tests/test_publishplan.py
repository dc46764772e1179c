"""What publishing decides to do: pure, so every case can be tried."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storymap.publishplan import (
    PART,
    RECORD,
    Headers,
    Piece,
    Plan,
    Record,
    Refused,
    part_name,
    plan,
    read_record,
    starting,
)

STABLE, LASTING = Headers("text/html", "max-age=0"), Headers("image/jpeg", "max-age=9, immutable")
NAMES = ("index.html", "index.html.gz", "ru/index.html", "embed.js", "media/a.jpg", "media/b.jpg", "media/c.svg")


def headers_of(path: str) -> Headers:
    return LASTING if path.startswith("media/") else STABLE


def piece(path: str, content: str = "1") -> Piece:
    digest = hashlib.sha256(f"{path}{content}".encode()).hexdigest()
    return Piece(path, path.removesuffix(".gz"), 1, digest, digest[:32], headers_of(path))


class Place:
    """A target in memory: path → digest and headers; and its record."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, Headers]] = {}
        self.record: Record | None = None

    def plan(self, pieces: list[Piece], *, prune: bool = False, slug: str = "aral") -> Plan:
        same = {item.path: self.files[item.path][0] == item.sha256 for item in pieces if item.path in self.files}
        record = read_record(self.record.text(), "x") if self.record else None
        return plan(pieces, same, record, there=self.files, slug=slug, title="", where="x", prune=prune)

    def run(self, pieces: list[Piece], cut: int | None = None, *, prune: bool = False) -> bool:
        """Carries a plan out, or the first ``cut`` operations of it; whether it reached the end."""
        todo = self.plan(pieces, prune=prune)
        steps = [lambda: self._record(starting(self.record, todo, "r"))]
        steps += [lambda item=item: self._put(item) for item in todo.uploads]
        steps += [lambda path=path: self.files.pop(path) and None for path in todo.deletions]
        steps += [lambda: self._record(todo.finished("r"))]
        for step in steps[:cut]:
            step()
        return cut is None or cut >= len(steps)

    def _put(self, item: Piece) -> None:
        self.files[item.path] = (item.sha256, item.headers)

    def _record(self, record: Record) -> None:
        self.record = record


def versions() -> st.SearchStrategy[list[Piece]]:
    """A site: always a page, and any of the other files with one of two contents (hashed names have one)."""
    chosen = st.dictionaries(st.sampled_from(NAMES[1:]), st.sampled_from("12"))
    return st.builds(
        lambda page, others: [
            piece("index.html", page),
            *(piece(path, "1" if path.startswith("media/") else content) for path, content in others.items()),
        ],
        st.sampled_from("123"),
        chosen,
    )


@given(st.lists(st.tuples(versions(), st.one_of(st.none(), st.integers(0, 12)), st.booleans()), max_size=6), versions())
def test_whatever_was_cut_before_a_full_run_leaves_just_what_is_wanted(
    history: list[tuple[list[Piece], int | None, bool]], last: list[Piece]
) -> None:
    place = Place()
    place.files["theirs.txt"] = ("theirs", STABLE)
    for pieces, cut, prune in history:
        place.run(pieces, cut, prune=prune)
    assert place.run(last)
    wanted = {item.path: (item.sha256, item.headers) for item in last}
    here = {path: file for path, file in place.files.items() if path != "theirs.txt"}
    assert wanted.items() <= here.items()
    assert all(path.startswith("media/") for path in here.keys() - wanted.keys()), "only what old pages may load stays"
    assert place.record and set(place.record.files) == set(wanted) and not place.record.pending
    assert set(place.record.kept) >= here.keys() - wanted.keys()
    assert place.plan(last).nothing_to_do
    assert place.run(last, prune=True)
    assert place.files == {**wanted, "theirs.txt": ("theirs", STABLE)}


@given(versions(), versions(), st.integers(0, 12))
def test_what_the_page_of_a_reader_loads_is_there_at_every_moment(old: list[Piece], new: list[Piece], cut: int) -> None:
    def loaded() -> set[str]:
        """Hashed files that the page which is there now needs."""
        page = place.files["index.html"][0]
        needs = [
            {item.path for item in pieces if item.headers.lasting}
            for pieces in (old, new)
            if piece_at(pieces, "index.html") == page
        ]
        return min(needs, key=len)

    place = Place()
    assert place.run(old)
    place.run(new, cut)
    assert loaded() <= place.files.keys()


def piece_at(pieces: list[Piece], path: str) -> str:
    return next(item.sha256 for item in pieces if item.path == path)


def test_the_order_is_hashed_files_other_files_pages_and_the_storys_page() -> None:
    todo = Place().plan([piece(name) for name in NAMES])
    order = [item.path for item in todo.uploads]
    assert order == [
        "media/a.jpg",
        "media/b.jpg",
        "media/c.svg",
        "embed.js",
        "ru/index.html",
        "index.html",
        "index.html.gz",
    ]
    assert [item.path for item in todo.pages] == order[-3:]


def test_a_file_with_other_headers_is_sent_again() -> None:
    place = Place()
    place.run([piece("index.html"), piece("media/a.jpg")])
    changed = replace(piece("media/a.jpg"), headers=replace(LASTING, type="image/pjpeg"))
    assert [item.path for item in place.plan([piece("index.html"), changed]).uploads] == ["media/a.jpg"]


def test_when_cut_runs_meant_different_headers_the_file_is_sent_again() -> None:
    place = Place()
    other = replace(piece("embed.js"), headers=replace(STABLE, type="text/plain"))
    pages = [piece("index.html")]
    place.run([*pages, piece("embed.js")], 2)  # sent, with the first headers
    assert place.files["embed.js"][1] == STABLE
    place.run([*pages, other], 1)  # cut before it was sent with the others
    assert [item.path for item in place.plan([*pages, other]).assets] == ["embed.js"]
    place.run([*pages, other])
    assert place.files["embed.js"][1] == other.headers


def test_a_strange_file_is_never_planned_over() -> None:
    place = Place()
    place.files["embed.js"] = ("theirs", STABLE)
    with pytest.raises(Refused, match=r"x: holds embed\.js, which storymap did not put there"):
        place.plan([piece("index.html"), piece("embed.js")])
    place.plan([piece("index.html")])


def test_another_storys_place_is_refused() -> None:
    place = Place()
    place.run([piece("index.html")])
    with pytest.raises(Refused, match="x: holds the story 'aral'; 'caspian'"):
        place.plan([piece("index.html")], slug="caspian")


def record() -> Record:
    return Record("aral", "Арал", {"index.html": STABLE}, ("media/a.jpg",), {"media/b.jpg": LASTING}, "0" * 32)


def test_what_is_recorded_is_read() -> None:
    assert read_record(record().text(), "x") == record()
    assert read_record(None, "x") is None
    assert record().ours == {"index.html", "media/a.jpg", "media/b.jpg"}


def damaged(**changes: object) -> str:
    return json.dumps({**json.loads(record().text()), **changes})


ONE_FILE = {"type": "a", "cache": "b", "encoding": ""}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        damaged(storymap=0),
        damaged(slug=3),
        damaged(files=[]),
        damaged(files={"../index.html": ONE_FILE}),
        damaged(files={"/etc/passwd": ONE_FILE}),
        damaged(files={"a/../../b": ONE_FILE}),
        damaged(files={".ssh/authorized_keys": ONE_FILE}),
        damaged(files={"a//b": ONE_FILE}),
        damaged(files={RECORD: ONE_FILE}),
        damaged(files={"a": {}}),
        damaged(files={"a": {**ONE_FILE, "type": 1}}),
        damaged(kept=["../a"]),
        damaged(kept=[1]),
        damaged(pending={"..": ONE_FILE}),
        damaged(run=None),
    ],
)
def test_a_damaged_record_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(Refused, match=rf"^x/{RECORD}: is damaged") as refused:
        read_record(text, "x")
    assert "\n" not in str(refused.value)


def test_a_record_of_a_later_version_is_refused() -> None:
    with pytest.raises(Refused, match="newer storymap"):
        read_record(damaged(storymap=2), "x")


def test_a_part_has_a_name_that_no_file_of_a_site_has() -> None:
    assert PART.fullmatch(part_name("0123456789abcdef" * 2))
    assert not PART.fullmatch("storymap-published.part") and not PART.fullmatch(RECORD)
