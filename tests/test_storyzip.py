"""A story's zip: exported and imported it is the same byte for byte, and a hostile one gets nowhere."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyfolder import contents, write_story, zipped
from storymap import edits, load, storyzip
from storymap.durable import SaveError
from storymap.saving import open_story, save
from storymap.storyfolders import shelf
from storymap.storyzip import ZipRefused, bring_in, pack, unpack, unpack_story

NAME = st.text(st.characters(codec="utf-8", exclude_characters='/\\<>:"|?*\x7f', exclude_categories=["Cc", "Cs"]), min_size=1,
               max_size=12).map(lambda name: f"f{name.strip().rstrip('.')}x")  # fmt: skip


STORY = ("s/story.yaml", b"title: x\n")


@settings(max_examples=40)
@given(
    files=st.dictionaries(st.lists(NAME, min_size=1, max_size=3).map("/".join), st.binary(max_size=2000), max_size=8)
)
def test_what_is_exported_is_imported_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    stories = tmp_path_factory.mktemp("stories")
    folder = write_story(stories)
    for name, content in files.items():
        path = folder / name
        if any(above.is_file() for above in path.parents) or path.is_dir():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    try:
        content = pack(folder)
    except ZipRefused as refused:
        assert "same name on some disks" in str(refused)
        return
    assert content == pack(folder)
    again, said = bring_in(stories, content, "again")
    assert said == ()
    assert contents(again) == contents(folder)
    assert pack(again) == content.replace(b"a-story/", b"again/") or len(b"a-story") != len(b"again")


def test_a_story_with_comments_and_translations_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = write_story(tmp_path / "one")
    (folder / "story.yaml").write_text(
        "# Ours.\r\n" + (folder / "story.yaml").read_text().replace("\n", "\r\n"), newline=""
    )
    (folder / "story.ru.yaml").write_bytes(b"\xef\xbb\xbftitle: \xd0\x98\n")
    (folder / "media").mkdir()
    (folder / "media" / "picture.jpg").write_bytes(bytes(range(256)) * 40)
    again, said = bring_in(tmp_path / "two", pack(folder))
    assert (again.name, said) == ("a-story", ())
    assert contents(again) == contents(folder)


def test_history_and_locks_stay_behind(tmp_path: Path) -> None:
    folder = write_story(tmp_path)
    base = open_story(folder)
    save(folder, base, edits.set_part(base, ("title",), "New").after, "Anna")
    (folder / ".DS_Store").write_bytes(b"x")
    assert not [name for name in zipfile.ZipFile(io.BytesIO(pack(folder))).namelist() if "/." in name]


def test_links_out_of_the_folder_are_not_packed(tmp_path: Path) -> None:
    folder = write_story(tmp_path)
    (tmp_path / "secret").write_text("secret")
    (folder / "out.txt").symlink_to(tmp_path / "secret")
    (folder / "in.geojson").symlink_to("places.geojson")
    names = zipfile.ZipFile(io.BytesIO(pack(folder))).namelist()
    assert "a-story/in.geojson" in names and "a-story/out.txt" not in names


def test_never_over_another_story(tmp_path: Path) -> None:
    folder = write_story(tmp_path)
    content, before = pack(folder), contents(folder)
    with pytest.raises(SaveError, match="there is a 'a-story' already: choose another name"):
        bring_in(tmp_path, content)
    assert contents(folder) == before
    assert bring_in(tmp_path, content, "b-story")[0].name == "b-story"


def test_a_story_with_faults_comes_in_and_its_faults_are_told(tmp_path: Path) -> None:
    _, said = bring_in(tmp_path, zipped(STORY))
    assert any("story.yaml:1" in line for line in said)


def test_files_without_a_folder_and_the_clutter_of_other_machines(tmp_path: Path) -> None:
    story = write_story(tmp_path / "one")
    entries = [(name, data) for name, data in contents(story).items()]
    content = zipped(*entries, ("__MACOSX/._story.yaml", b"x"), (".hidden/file", b"x"))
    folder, said = bring_in(tmp_path / "two", content, "b")
    assert contents(folder) == contents(story)
    assert "hidden files were left out" in said[0]
    assert load(folder).title == "A story"


def link() -> zipfile.ZipInfo:
    item = zipfile.ZipInfo("s/link")
    item.create_system, item.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return item


def device() -> zipfile.ZipInfo:
    item = zipfile.ZipInfo("s/pipe")
    item.create_system, item.external_attr = 3, (stat.S_IFIFO | 0o777) << 16
    return item


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("../evil", "leads out of the folder"),
        ("s/../../evil", "leads out of the folder"),
        ("/etc/evil", "leads out of the folder"),
        ("s\\..\\evil", "leads out of the folder"),
        ("C:/evil", "leads out of the folder"),
        ("~/evil", "leads out of the folder"),
        ("s//evil", "no name for a file"),
        ("s/./evil", "no name for a file"),
        ("s/" + "d/" * 20 + "evil", "no name for a file"),
        ("s/" + "x" * 250, "no name for a file"),
        ("s/a:b", "every machine"),
        ("s/con.txt", "every machine"),
        ("s/dot.", "every machine"),
        ("s/ space", "every machine"),
        ("s/new\nline", "every machine"),
        ("s/STORY.yaml", "the same name on some disks"),
        ("S/other", "the same name on some disks"),
        ("s/story.yaml/inner", "both a file and a folder"),
        (link(), "is a link"),
        (device(), "no plain file"),
    ],
)
def test_a_hostile_entry_refuses_the_whole_in_one_line(
    tmp_path: Path, entry: str | zipfile.ZipInfo, words: str
) -> None:
    with pytest.raises(ZipRefused, match=words) as refused:
        bring_in(tmp_path / "stories", zipped(STORY, (entry, b"evil")))
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 250
    assert not list(tmp_path.rglob("*evil*")) and not shelf(tmp_path / "stories")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZipRefused, match="the same name"):
        unpack(zipped(STORY, STORY))


def test_a_name_in_two_forms_of_the_same_letters_is_refused() -> None:
    with pytest.raises(ZipRefused, match="the same name"):
        unpack(zipped(STORY, ("s/\u00e9.txt", b""), ("s/e\u0301.txt", b"")))


def test_bombs_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZipRefused, match="unpacked"):
        unpack(zipped(STORY, ("s/zeros", bytes(30_000_000))))
    monkeypatch.setattr(storyzip, "MOST_UNPACKED", 1000)
    with pytest.raises(ZipRefused, match="unpacked it has"):
        unpack(zipped(STORY, ("s/a", bytes(600)), ("s/b", bytes(600))))
    monkeypatch.setattr(storyzip, "MOST_FILES", 3)
    with pytest.raises(ZipRefused, match="4 entries"):
        unpack(zipped(STORY, *((f"s/{n}", b"") for n in range(3))))
    monkeypatch.setattr(storyzip, "MOST_PACKED", 10)
    with pytest.raises(ZipRefused, match="MB"):
        unpack(zipped(STORY))


def lying(content: bytes) -> bytes:
    """The zip with sizes in its directory that are not those of the entries."""
    at = content.rfind(b"PK\x01\x02")
    return content[: at + 24] + (5).to_bytes(4, "little") + content[at + 28 :]


def password(content: bytes) -> bytes:
    at = content.rfind(b"PK\x01\x02")
    return content[: at + 8] + b"\x01" + content[at + 9 :]


@pytest.mark.parametrize(
    "damage",
    [lambda _: b"", lambda _: b"PK no zip", lambda c: c[:-30], lambda c: c[: len(c) // 2], lying, password,
     lambda c: c.replace(b"\x08\x00", b"\x0c\x00")],
)  # fmt: skip
def test_a_damaged_zip_is_told_in_one_line(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ZipRefused) as refused:
        unpack(damage(zipped(("s/story.yaml", b"title: x\n" * 50))))
    assert "\n" not in str(refused.value)


@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_bytes_are_a_zip_or_told(noise: bytes, at: int) -> None:
    content = zipped(("s/story.yaml", b"title: x\n"), ("s/a.geojson", b"{}"))
    mixed = content[:at] + noise + content[at + len(noise) :]
    try:
        unpack(mixed)
    except ZipRefused as refused:
        assert "\n" not in str(refused)


def test_a_zip_without_a_story_is_told() -> None:
    with pytest.raises(ZipRefused, match="no story.yaml in the zip"):
        unpack_story(zipped(("s/other.txt", b"")))
