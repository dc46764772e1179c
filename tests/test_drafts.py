"""Drafts: kept apart from the story, found again after a crash, each tab its own; who else is there."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storyfolder import write_story
from storymap import drafts as drafts_module
from storymap import edits
from storymap.document import compile_story
from storymap.drafts import Drafts, Session, state_folder
from storymap.durable import SaveError
from storymap.manuscript import Manuscript
from storymap.saving import open_story, save

ANNA, OTHER_TAB, BEN = Session("Anna", "1"), Session("Anna", "2"), Session("Ben", "1")
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(write_story(tmp_path), tmp_path / "state")


@pytest.fixture
def story(drafts: Drafts) -> Manuscript:
    return open_story(drafts.folder)


def retitled(story: Manuscript, title: str) -> Manuscript:
    return edits.set_part(story, ("steps", "one", "title"), title).after


def test_unsaved_work_is_found_byte_for_byte(drafts: Drafts, story: Manuscript) -> None:
    now = edits.translate(retitled(story, "Draft"), "kk", ("title",), "Оқиға").after
    drafts.keep(ANNA, story, now, ["Change the title"])
    drafts.left(ANNA)
    (draft,) = drafts.found("Anna")
    assert draft.base.contents == story.contents
    assert draft.now.contents == now.contents
    assert (draft.editor, draft.changes) == ("Anna", ("Change the title",))
    assert drafts.found("Ben") == ()
    drafts.discard(draft.key)
    assert drafts.found("Anna") == ()


def test_two_tabs_of_one_editor_do_not_write_over_each_other(drafts: Drafts, story: Manuscript) -> None:
    for session, title in ((ANNA, "First tab"), (OTHER_TAB, "Second tab")):
        drafts.keep(session, story, retitled(story, title))
        drafts.left(session)
    titles = [draft.now.data["steps"][0]["title"] for draft in drafts.found("Anna")]
    assert titles == ["Second tab", "First tab"]


def test_a_draft_of_a_session_at_work_is_not_offered_to_another(drafts: Drafts, story: Manuscript) -> None:
    drafts.keep(ANNA, story, retitled(story, "Draft"))
    assert drafts.found("Anna") == ()
    assert drafts.others(OTHER_TAB) == ("Anna",)
    assert drafts.others(ANNA) == ()
    drafts.left(ANNA)
    assert drafts.others(OTHER_TAB) == ()
    assert len(drafts.found("Anna")) == 1


def test_a_silent_session_counts_as_closed(drafts: Drafts, story: Manuscript, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts.keep(ANNA, story, retitled(story, "Draft"))
    monkeypatch.setattr(drafts_module, "AWAY_S", 0)
    assert drafts.others(BEN) == ()
    assert len(drafts.found("Anna")) == 1


def test_the_draft_of_a_killed_server_is_found_at_once(drafts: Drafts, story: Manuscript) -> None:
    code = (
        "import os, sys; from pathlib import Path; from storymap import edits; from storymap.drafts import Drafts, Session\n"
        "from storymap.saving import open_story\n"
        "drafts = Drafts(Path(sys.argv[1]), Path(sys.argv[2])); story = open_story(drafts.folder)\n"
        "drafts.keep(Session('Anna', '1'), story, edits.set_part(story, ('title',), 'Draft').after)\n"
        "os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(drafts.folder), str(drafts.state)]
    assert subprocess.run(command, env=ENVIRONMENT, check=False).returncode == -9
    assert [draft.now.data["title"] for draft in drafts.found("Anna")] == ["Draft"]
    assert drafts.others(BEN) == ()


def test_a_draft_without_changes_is_none(drafts: Drafts, story: Manuscript) -> None:
    drafts.keep(ANNA, story, retitled(story, "Draft"))
    drafts.keep(ANNA, story, retitled(retitled(story, "Draft"), "One"))
    drafts.left(ANNA)
    assert drafts.found("Anna") == ()


def test_a_draft_that_is_taken_up_moves_with_its_files(drafts: Drafts, story: Manuscript) -> None:
    name = drafts.bring_in(ANNA, "media/Plant 1978.PNG", PICTURE)
    assert name == f"media/Plant-1978-{name[-12:-4]}.png"
    media = {"file": name, "alt": "A plant.", "credit": "A desk"}
    drafts.keep(ANNA, story, edits.set_part(story, ("steps", "one", "media"), media).after)
    drafts.left(ANNA)
    (draft,) = drafts.found("Anna")
    drafts.adopt(draft, OTHER_TAB)
    drafts.left(OTHER_TAB)
    (again,) = drafts.found("Anna")
    assert (again.key, again.now.contents) == (OTHER_TAB.key, draft.now.contents)
    assert (drafts.files(OTHER_TAB) / name).read_bytes() == PICTURE
    saved = save(drafts.folder, again.base, again.now, "Anna", files_from=drafts.files(OTHER_TAB))
    assert (drafts.folder / name).read_bytes() == PICTURE
    assert saved.story.contents["story.yaml"] == again.now.contents["story.yaml"]


def test_the_preview_shows_files_that_are_not_saved_and_leaves_the_story_alone(
    drafts: Drafts, story: Manuscript
) -> None:
    before = sorted(path.name for path in drafts.folder.rglob("*"))
    assert drafts.preview_folder(ANNA, story) == drafts.folder
    places = json.loads((drafts.folder / "places.geojson").read_text())
    places["features"][1]["properties"]["name"] = "Renamed"
    name = drafts.bring_in(ANNA, "places.geojson", json.dumps(places).encode())
    now = edits.set_part(story, ("layers", "town", "source", "file"), name).after
    folder = drafts.preview_folder(ANNA, now)
    assert folder.name == drafts.folder.name
    html = compile_story(now.story(folder)).html
    assert "Renamed" in html
    assert "Renamed" not in compile_story(story.story(drafts.preview_folder(ANNA, story))).html
    assert sorted(path.name for path in drafts.folder.rglob("*")) == before


def test_files_with_names_that_lead_elsewhere_are_refused(drafts: Drafts) -> None:
    for name in ("../story.yaml", "/etc/passwd", ".storymap/lock", "media/../../x.png"):
        with pytest.raises(SaveError, match="leads out of the story folder"):
            drafts.bring_in(ANNA, name, PICTURE)
    assert drafts.bring_in(ANNA, "a.png", PICTURE) == drafts.bring_in(ANNA, "a.png", PICTURE)


def test_drafts_lie_outside_the_story_for_the_user_alone(drafts: Drafts, story: Manuscript, tmp_path: Path) -> None:
    drafts.keep(ANNA, story, retitled(story, "Draft"))
    assert not list(drafts.folder.glob(".*"))
    assert drafts.place.is_relative_to(tmp_path / "state")
    assert drafts.place.stat().st_mode & 0o077 == 0
    (tmp_path / "link").symlink_to(drafts.folder)
    assert Drafts(tmp_path / "link", drafts.state).place.name[-16:] == drafts.place.name[-16:]


def test_a_broken_draft_or_sign_of_life_is_passed_over(drafts: Drafts, story: Manuscript) -> None:
    drafts.keep(ANNA, story, retitled(story, "Draft"))
    drafts.left(ANNA)
    (drafts.place / f"{BEN.key}.draft").write_bytes(b"x")
    (drafts.place / f"{OTHER_TAB.key}.draft").write_bytes(gzip.compress(b'{"editor": "Anna"}'))
    (drafts.place / f"{BEN.key}.seen").write_text("[]")
    assert [draft.key for draft in drafts.found("Anna")] == [ANNA.key]
    assert drafts.others(ANNA) == ()
    assert drafts.read("../../x") is None


def test_a_state_folder_that_can_not_be_written_to_is_told(tmp_path: Path) -> None:
    folder = write_story(tmp_path)
    (tmp_path / "state").write_text("a file")
    drafts = Drafts(folder, tmp_path / "state")
    story = open_story(folder)
    with pytest.raises(SaveError, match="^the draft could not be kept: "):
        drafts.keep(ANNA, story, retitled(story, "Draft"))
    drafts.seen(ANNA)
    assert drafts.found("Anna") == ()


def test_where_drafts_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("STORYMAP_STATE", raising=False)
    assert state_folder() == tmp_path / "xdg" / "storymap"
    monkeypatch.setenv("STORYMAP_STATE", str(tmp_path / "own"))
    assert state_folder() == tmp_path / "own"


def test_files_stay_while_redo_may_name_them_and_go_when_nobody_can(
    drafts: Drafts, story: Manuscript, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = drafts.bring_in(ANNA, "media/plant.png", PICTURE)
    drafts.keep(ANNA, story, retitled(story, "Draft"))
    drafts.keep(ANNA, story, story)
    assert (drafts.files(ANNA) / name).read_bytes() == PICTURE
    drafts.left(ANNA)
    assert drafts.found("Anna") == ()
    assert (drafts.files(ANNA) / name).is_file()
    monkeypatch.setattr(drafts_module, "FORGOTTEN_S", -1)
    drafts.seen(ANNA)
    drafts.found("Anna")
    assert (drafts.files(ANNA) / name).is_file()
    drafts.left(ANNA)
    drafts.found("Anna")
    assert not (drafts.files(ANNA) / name).exists()


def test_a_session_that_goes_on_shares_the_files_of_the_one_before(drafts: Drafts, story: Manuscript) -> None:
    name = drafts.bring_in(ANNA, "media/plant.png", PICTURE)
    drafts.share(ANNA, OTHER_TAB)
    drafts.discard(ANNA.key)
    assert (drafts.files(OTHER_TAB) / name).read_bytes() == PICTURE
    drafts.share(BEN, ANNA)
    assert not (drafts.place / f"{ANNA.key}.files").exists()
