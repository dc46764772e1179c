"""Previews of drafts: who gets to see them, at which address, for how long; and what is shown while a draft has faults."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from asking import Site
from storyfolder import write_story
from storymap import edits
from storymap.app import story_routes
from storymap.app.editor.preview_route import preview_routes
from storymap.app.editor.previews import ALIVE_S, MOST_OPEN, Draft, Preview, Previews, Seen
from storymap.app.guard import Guard
from storymap.app.library import Library
from storymap.app.settings import Settings
from storymap.edits import Edit
from storymap.manuscript import Manuscript

PATIENCE_S = 60
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def previews(clock: Clock) -> Iterator[Previews]:
    made = Previews(clock)
    yield made
    clock.now += 10 * ALIVE_S
    assert made.find("") is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stories").mkdir()
    return write_story(tmp_path / "stories")


@pytest.fixture
def story(folder: Path) -> Manuscript:
    return Manuscript.read(folder)


def draft(story: Manuscript, folder: Path) -> Draft:
    return Draft(story, lambda: folder)


def shown(preview: Preview, version: int, lang: str | None = None) -> Seen:
    return preview.look(version, lang).result(PATIENCE_S)


def site(previews: Previews, base: str = "") -> Site:
    guard = Middleware(Guard, option=lambda name: base if name == "server.baseUrlPath" else "", settings=Settings())
    return Site(Starlette(routes=preview_routes(previews, Settings()), middleware=[guard]))


@pytest.fixture
def preview(previews: Previews, story: Manuscript, folder: Path) -> Preview:
    made = previews.open("session", folder)
    shown(made, made.ask(draft(story, folder)))
    return made


def titled(story: Manuscript, title: str) -> Edit:
    return edits.set_part(story, ("steps", "one", "title"), title)


# Who gets to see a draft


def test_the_address_shows_the_draft_and_nobody_keeps_it(previews: Previews, preview: Preview) -> None:
    answer = site(previews).get(f"/preview/{previews.token(preview)}/", {"v": "1"})
    assert answer.status_code == 200 and "<title>A story</title>" in answer.text and "storymap:desk" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'; sandbox allow-scripts" in policy and "allow-same-origin" not in policy
    assert "unsafe" not in policy and "default-src 'none'" in policy


def test_it_is_sent_packed_to_those_who_take_it(previews: Previews, preview: Preview) -> None:
    address = f"/preview/{previews.token(preview)}/"
    plain, packed = (site(previews).get(address, headers={"Accept-Encoding": kind}) for kind in ("identity", "gzip"))
    assert packed.headers["content-encoding"] == "gzip" and packed.content == plain.content


def forgeries(token: str) -> list[str]:
    name, mac = token.split(".")
    return [
        name, f"{name}.", f".{mac}", f"{name}.{mac[:-1]}", f"{name}.{'A' * len(mac)}", f"{mac}.{name}", f"{name}{mac}",
        f"{name}.{mac[::-1]}", f"{'A' * len(name)}.{mac}", "x", "%00", "..", f"{token}.", f"{token}%0a",
    ]  # fmt: skip


def test_a_forged_address_tells_nothing(previews: Previews, preview: Preview) -> None:
    client, token = site(previews), previews.token(preview)
    nothing = client.get("/preview/nothing/")
    assert nothing.status_code == 404 and "story" not in nothing.headers
    for other in forgeries(token):
        answer = client.get(f"/preview/{other}/")
        assert (answer.status_code, answer.content) == (404, nothing.content), other
        assert {**answer.headers} == {**nothing.headers}
        for below in ("state", "media/x.jpg"):
            assert client.get(f"/preview/{other}/{below}").status_code == 404
    for path in (
        "/preview",
        "/preview/",
        f"/preview/{token}",
        f"/preview/{token}/story.yaml",
        f"/preview/{token}/media/",
    ):
        assert client.get(path).status_code == 404, path
    assert "A story" not in nothing.text


def test_a_signature_holds_for_one_tab_and_one_story(previews: Previews, preview: Preview, folder: Path) -> None:
    other_tab = previews.open("another session", folder)
    other_story = previews.open("session", folder.parent / "another")
    tokens = [previews.token(one) for one in (preview, other_tab, other_story)]
    assert len({part for token in tokens for part in token.split(".")}) == 6
    for one in tokens:
        for other in tokens:
            name, mac = one.split(".")[0], other.split(".")[1]
            assert (previews.find(f"{name}.{mac}") is not None) is (one == other)
    assert previews.open("session", folder) is preview


def test_another_process_signs_differently(previews: Previews, preview: Preview, clock: Clock) -> None:
    other = Previews(clock)
    other._open[preview.name] = preview
    assert other.find(previews.token(preview)) is None and other.find(other.token(preview)) is preview


def test_the_address_lasts_as_long_as_the_tab(previews: Previews, preview: Preview, folder: Path, clock: Clock) -> None:
    address = f"/preview/{previews.token(preview)}/"
    for _ in range(5):
        clock.now += 0.9 * ALIVE_S
        previews.open("session", folder)
        assert site(previews).get(address).status_code == 200
    clock.now += 0.9 * ALIVE_S
    # Looking is no sign of life: whoever has found an address can not keep it open.
    assert site(previews).get(address).status_code == 200
    clock.now += 0.2 * ALIVE_S
    assert site(previews).get(address).status_code == 404
    renewed = previews.open("session", folder)
    assert previews.token(renewed) != previews.token(preview)


def test_the_address_is_gone_with_the_right_to_edit(previews: Previews, preview: Preview, folder: Path) -> None:
    token = previews.token(preview)
    previews.close("session", folder)
    assert previews.find(token) is None
    # What still holds the preview is answered, too.
    assert preview.look(99).result(PATIENCE_S).version == 1


def test_the_one_that_is_silent_for_longest_makes_room(previews: Previews, folder: Path, clock: Clock) -> None:
    tokens = []
    for number in range(MOST_OPEN + 3):
        clock.now += 1
        tokens.append(previews.token(previews.open(f"session {number}", folder)))
    found = [previews.find(token) is not None for token in tokens]
    assert found == [False] * 3 + [True] * MOST_OPEN


def test_it_works_below_a_path(previews: Previews, preview: Preview) -> None:
    client = site(previews, base="maps")
    assert client.get(f"/maps/preview/{previews.token(preview)}/").status_code == 200
    assert client.get("/maps/preview/nothing/").status_code == 404


def test_the_routes_of_the_app_hold_no_draft(tmp_path: Path, folder: Path, story: Manuscript) -> None:
    """What is not saved is in no reader's document, and a draft's address is nowhere in it."""
    previews = Previews()
    preview = previews.open("session", folder)
    shown(preview, preview.ask(draft(titled(story, "Not for readers").after, folder)))
    client = Site(Starlette(routes=story_routes(Library(folder.parent), Settings())))
    for path in ("/story/a-story/", "/healthz", f"/preview/{previews.token(preview)}/"):
        answer = client.get(path)
        assert "Not for readers" not in answer.text and preview.name not in answer.text
    assert client.get(f"/preview/{previews.token(preview)}/").status_code == 404


def test_media_of_a_draft_are_there(previews: Previews, folder: Path, story: Manuscript) -> None:
    (folder / "media").mkdir()
    (folder / "media" / "dot.png").write_bytes(PICTURE)
    media = {"file": "media/dot.png", "alt": "A dot", "credit": "A desk"}
    preview = previews.open("session", folder)
    made = edits.set_part(story, ("steps", "one", "media"), media).after
    shown(preview, preview.ask(draft(made, folder)))
    client, address = site(previews), f"/preview/{previews.token(preview)}/"
    text = client.get(address).text
    name = text.split('src="media/')[1].split('"')[0]
    answer = client.get(f"{address}media/{name}")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["cache-control"] == "no-store"
    # A document that is still shown keeps its picture after the next edit.
    shown(preview, preview.ask(draft(story, folder)))
    assert client.get(f"{address}media/{name}").status_code == 200
    assert client.get(f"{address}media/../story.yaml").status_code == 404


# What is shown


def test_a_version_that_changes_nothing_is_not_loaded_again(preview: Preview, story: Manuscript, folder: Path) -> None:
    assert shown(preview, 1).page is not None
    assert preview.ask(draft(story, folder)) == 1
    there = titled(story, "One, anew").after
    changed = shown(preview, preview.ask(draft(there, folder)))
    assert changed.version == 2 and changed.page is not None and changed.page.made == 2
    noted = edits.set_part(there, ("layers", "area", "source", "accessed"), "2026-01-01").after
    same = shown(preview, preview.ask(draft(noted, folder)))
    assert same.version == 3 and same.page is not None and same.page.made == 2


def test_faults_keep_the_last_picture_and_are_told_in_words(
    previews: Previews, preview: Preview, story: Manuscript, folder: Path
) -> None:
    broken = edits.set_part(story, ("steps", "two", "view", "must_see"), ["town/nowhere"]).after
    broken = titled(broken, "With a fault").after
    version = preview.ask(draft(broken, folder))
    client, address = site(previews), f"/preview/{previews.token(preview)}/"
    state = client.get(f"{address}state", {"v": str(version)}).json()
    assert (state["version"], state["made"]) == (2, 1)
    assert state["faults"] == [
        {
            "text": "Step 'Two', what must be seen: layer 'town' has no feature 'nowhere'; known: town.",
            "panel": "Map view",
            "step": "two",
        }
    ]
    text = client.get(address, {"v": str(version)}).text
    assert "With a fault" not in text and "<title>A story</title>" in text
    mended = shown(preview, preview.ask(draft(titled(story, "Mended").after, folder)))
    assert mended.faults == () and mended.page is not None and b"Mended" in mended.page.plain


def test_a_story_that_never_worked_has_no_picture(previews: Previews, story: Manuscript, folder: Path) -> None:
    broken = edits.set_part(story, ("layers", "area", "source", "file"), "gone.geojson").after
    preview = previews.open("session", folder)
    seen = shown(preview, preview.ask(draft(broken, folder)))
    assert seen.page is None and [fault.panel for fault in seen.faults] == ["Data"]
    assert site(previews).get(f"/preview/{previews.token(preview)}/").status_code == 404


def test_a_fault_of_ours_is_no_end(preview: Preview, story: Manuscript, folder: Path) -> None:
    def no_folder() -> Path:
        raise RuntimeError("a fault of ours")

    seen = shown(preview, preview.ask(Draft(titled(story, "x").after, no_folder)))
    assert seen.page is not None and "fault in storymap" in seen.faults[0].text
    assert shown(preview, preview.ask(draft(story, folder))).faults == ()


def test_the_newest_draft_overtakes_those_that_wait(previews: Previews, story: Manuscript, folder: Path) -> None:
    begun, go_on, compiled = threading.Event(), threading.Event(), []

    def slow(name: str) -> Draft:
        def place() -> Path:
            compiled.append(name)
            begun.set()
            assert go_on.wait(PATIENCE_S)
            return folder

        return Draft(titled(story, name).after, place)

    preview = previews.open("session", folder)
    first = preview.look(preview.ask(slow("first")))
    assert begun.wait(PATIENCE_S)
    second, third = (preview.look(preview.ask(slow(name))) for name in ("second", "third"))
    assert not first.done()
    go_on.set()
    assert first.result(PATIENCE_S).version == 1
    assert second.result(PATIENCE_S).version == third.result(PATIENCE_S).version == 3
    assert compiled == ["first", "third"]


def test_a_translation_is_shown_when_it_is_asked_for(
    previews: Previews, preview: Preview, story: Manuscript, folder: Path
) -> None:
    made = edits.translate(edits.add_translation(story, "ru").after, "ru", ("steps", "one", "title"), "Один").after
    version = preview.ask(draft(made, folder))
    own, russian = shown(preview, version), shown(preview, version, "ru")
    assert own.page is not None and "Один".encode() not in own.page.plain
    assert russian.page is not None and "Один".encode() in russian.page.plain
    assert site(previews).get(f"/preview/{previews.token(preview)}/", {"lang": "ru"}).content == russian.page.plain
    # From now on edits are compiled in that language, and one that there is not is the story's own.
    assert shown(preview, version, "de") is shown(preview, version)


def test_names_and_bounds_come_with_the_page(preview: Preview) -> None:
    page = preview.now().page
    assert page is not None
    assert page.look.names["town"] == "Town" and page.look.names["town/town"] == "Town (Town)"
    west, south, east, north = page.look.bounds["one"]
    assert (west, south, east, north) == pytest.approx((68, 42, 72, 45), abs=0.4)
    assert west < 68 < 72 < east and south < 42 < 45 < north
