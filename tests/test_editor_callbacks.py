"""An entry that fails is told in a line; the page and the draft stay."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from editorpages import desk_of, edit_page, key, stories_folder
from storymap import edits
from storymap.app.editor import callbacks, stories_page

TITLE = key("a-story", "steps", "one", "title")


@pytest.fixture
def page(tmp_path: Path) -> AppTest:
    return edit_page(stories_folder(tmp_path), tmp_path / "state", step="one")


def failing(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def enter(page: AppTest, title: str) -> None:
    page.text_input(key=TITLE).set_value(title).run()


def test_streamlit_still_runs_callbacks_where_they_are_led_through_here() -> None:
    callbacks.guard()
    assert callbacks._PLACE == "_run_callback_and_record_rerun"
    assert hasattr(SessionState._run_callback_and_record_rerun, "guarded")
    once = SessionState._run_callback_and_record_rerun
    callbacks.guard()
    assert SessionState._run_callback_and_record_rerun is once


@pytest.mark.parametrize(("error", "said"), [
    (RuntimeError("inner\nworkings"), "That could not be done; the fault is ours (RuntimeError, in the server's log). Your draft "
     "is kept as it was before."),
    (OSError(28, "No space left on device"), "That could not be done: [Errno 28] No space left on device. Your draft is kept."),
])  # fmt: skip
def test_an_entry_that_fails_is_told_in_a_line_and_logged(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    enter(page, "Kept")
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(edits, "set_part", failing(error))
        enter(page, "Lost")
    assert not page.exception
    assert [one.value for one in page.error] == [said]
    assert page.text_input(key=TITLE).value == "Kept", "the page is there, and shows what the story says"
    (logged,) = [record for record in caplog.records if record.name == callbacks.__name__]
    assert logged.exc_info is not None and logged.exc_info[1] is error
    desk = desk_of(page)
    assert desk.get(("steps", "one", "title")) == "Kept"
    assert desk.changed and not desk.unkept
    enter(page, "Now it works")
    assert not page.error
    assert desk.get(("steps", "one", "title")) == "Now it works"


def test_the_list_of_stories_tells_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories_page, "_open", failing(KeyError("gone")))
    page = edit_page(stories_folder(tmp_path), tmp_path / "state", story="")
    page.button(key="open-a-story").click().run()
    assert not page.exception
    assert [one.value.split(";")[0] for one in page.error] == ["That could not be done"]
    assert page.button(key="open-a-story")


def test_other_pages_fail_as_ever() -> None:
    def page() -> None:
        import streamlit as st

        def fail() -> None:
            raise RuntimeError("not here")

        st.button("Fail", on_click=fail)

    opened = AppTest.from_function(page).run()
    opened.button[0].click().run()
    assert len(opened.exception) == 1
