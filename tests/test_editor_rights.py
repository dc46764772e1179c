"""The page ``/edit`` for those who may edit and those who may not: sign-in, the list of editors, a right withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from editorpages import desk_of, edit_page, key, stories_folder, told
from storymap.app import uploads
from storymap.app.editor import rights
from storymap.app.uploads import Register

AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "a secret of the tests",
    "client_id": "storymap", "client_secret": "hush", "server_metadata_url": "http://localhost:1/none",
}  # fmt: skip
ANNA = {
    "is_logged_in": True, "iss": "https://login.example", "sub": "1", "email": "anna@news.example",
    "email_verified": True, "name": "Anna", "nonce": "first",
}  # fmt: skip
SESSION = "test session id"


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    return stories_folder(tmp_path)


@pytest.fixture(autouse=True)
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    fresh = Register()
    monkeypatch.setattr(rights, "register", fresh)
    monkeypatch.setattr(uploads, "register", fresh)
    yield fresh
    rights._over.clear()


def page_of(
    stories: Path, tmp_path: Path, user: dict[str, Any], editors: Any = ("anna@news.example",), **auth: Any
) -> AppTest:
    page = edit_page(stories, tmp_path / "state", run=False)
    page.secrets = {"auth": {**AUTH, **auth}, "storymap": {"editors": list(editors)}}
    page.user = user
    return page.run()


def titles(page: AppTest) -> list[str]:
    return [one.value for one in page.title]


def has_editor(page: AppTest) -> bool:
    return "desk of a-story" in page.session_state


def test_an_editor_who_signed_in_may_edit_and_upload(stories: Path, tmp_path: Path, register: Register) -> None:
    page = page_of(stories, tmp_path, ANNA)
    assert not page.exception
    assert has_editor(page)
    assert desk_of(page).session.editor == "Anna (anna@news.example)"
    assert SESSION in register._until


def test_where_sign_in_is_set_up_nobody_edits_without_it(stories: Path, tmp_path: Path, register: Register) -> None:
    # Not even at the machine itself: behind a proxy, everyone may seem to sit there.
    page = page_of(stories, tmp_path, {})
    assert titles(page) == ["Sign in to edit"]
    assert [button.label for button in page.button] == ["Sign in"]
    assert not has_editor(page)
    assert SESSION not in register._until


def test_every_provider_has_a_button(stories: Path, tmp_path: Path) -> None:
    named = {name: AUTH[name] for name in ("client_id", "client_secret", "server_metadata_url")}
    page = edit_page(stories, tmp_path / "state", run=False)
    page.secrets = {
        "auth": {"redirect_uri": "x", "cookie_secret": "y", "newsroom": named, "agency": named},
        "storymap": {"editors": ["anna@news.example"]},
    }
    page.run()
    assert [button.label for button in page.button] == ["Sign in with newsroom", "Sign in with agency"]


@pytest.mark.parametrize(
    ("user", "editors"),
    [
        ({**ANNA, "email": "boris@news.example"}, ["anna@news.example"]),
        ({**ANNA, "email_verified": False}, ["anna@news.example"]),
        ({**ANNA, "sub": "2"}, ["https://login.example 1"]),
    ],
)
def test_others_are_told_who_they_are_and_edit_nothing(
    stories: Path, tmp_path: Path, register: Register, user: dict[str, Any], editors: list[str]
) -> None:
    page = page_of(stories, tmp_path, user, editors)
    assert titles(page) == ["You may not edit here"]
    assert "Anna" in page.text[0].value and "not one of the editors" in page.text[0].value
    assert [button.label for button in page.button] == ["Sign out"]
    assert not has_editor(page)
    assert SESSION not in register._until


@pytest.mark.parametrize("editors", [[], None, "anna@news.example", [1, None]])
def test_a_list_that_names_nobody_opens_to_nobody(stories: Path, tmp_path: Path, editors: Any) -> None:
    page = edit_page(stories, tmp_path / "state", run=False)
    page.secrets = {"auth": AUTH, "storymap": {"editors": editors}}
    page.user = ANNA
    page.run()
    assert not has_editor(page)
    assert titles(page)[0] in ("The editor is closed", "You may not edit here")


def test_a_right_that_is_withdrawn_ends_edits_and_uploads_at_once(
    stories: Path, tmp_path: Path, register: Register
) -> None:
    page = page_of(stories, tmp_path, ANNA)
    page.text_input(key=key("a-story", "steps", "one", "title")).set_value("Uno")
    page.run()
    desk = desk_of(page)
    assert desk.get(("steps", "one", "title")) == "Uno"
    page.secrets = {"auth": AUTH, "storymap": {"editors": ["boris@news.example"]}}
    # The callback of a field runs before the page is made: it is refused all the same.
    page.text_input(key=key("a-story", "steps", "one", "title")).set_value("Never")
    page.run()
    assert titles(page) == ["You may not edit here"]
    assert desk.get(("steps", "one", "title")) == "Uno"
    assert SESSION not in register._until
    assert [draft.now.data["steps"][0]["title"] for draft in [desk.drafts.read(desk.session.key)] if draft] == ["Uno"]


def test_signing_out_holds_in_every_tab(stories: Path, tmp_path: Path) -> None:
    page = page_of(stories, tmp_path, ANNA)
    desk = desk_of(page)
    page.button(key="sign out").click().run()
    assert not page.exception
    # Another tab still carries the sign-in that was ended.
    other = page_of(stories, tmp_path, ANNA)
    assert titles(other) == ["Sign in to edit"]
    again = page_of(stories, tmp_path, {**ANNA, "nonce": "second"})
    assert has_editor(again)
    del desk


def test_without_sign_in_the_machine_itself_may_edit_and_nobody_else(
    stories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = edit_page(stories, tmp_path / "state")
    assert has_editor(page)
    assert "Sign out" not in [button.label for button in page.button]
    page = edit_page(stories, tmp_path / "state", run=False)
    monkeypatch.setattr(rights, "sits_here", lambda session: rights._seats.note(session, False))
    page.run()
    assert titles(page) == ["The editor is closed"]
    assert not has_editor(page)
    assert not told(page)


def test_another_person_in_the_same_tab_gets_a_desk_of_their_own(stories: Path, tmp_path: Path) -> None:
    page = page_of(stories, tmp_path, ANNA, ["anna@news.example", "boris@news.example"])
    first = desk_of(page)
    page.user = {**ANNA, "sub": "2", "email": "boris@news.example", "name": "Boris"}
    page.run()
    assert desk_of(page) is not first
    assert desk_of(page).session.editor == "Boris (boris@news.example)"
