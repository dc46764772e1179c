"""Who may upload: sessions of editors, as long as they may edit."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from loops import in_a_loop
from storymap.app import uploads
from storymap.app.guard import Guard
from storymap.app.uploads import LASTS_S, Register


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_only_noted_sessions_may_upload() -> None:
    sessions = Register()
    sessions.permit("anna-1", lambda: True)
    assert sessions.permits("/_stcore/upload_file/anna-1/f")
    assert sessions.permits("/maps/_stcore/upload_file/anna-1/f")
    for path in (
        "/_stcore/upload_file/reader/f",
        "/_stcore/upload_file/anna-1",
        "/_stcore/upload_file/anna-1/",
        "/_stcore/upload_file//f",
        "/_stcore/upload_file/anna-1/f/g",
        "/_stcore/upload_file/anna-1/_stcore/upload_file/reader/f",
        "/_stcore/upload_file/reader/_stcore/upload_file/anna-1",
        "/_stcore/upload_file/anna-1\n/f",
        "_stcore/upload_file/ANNA-1/f",
        "",
    ):
        assert not sessions.permits(path), path


def test_the_right_ends_with_time_and_when_it_is_withdrawn() -> None:
    clock, allowed = Clock(), [True]
    sessions = Register(clock)
    path = "/_stcore/upload_file/anna/f"
    sessions.permit("anna", lambda: allowed[0])
    clock.time += LASTS_S - 1
    assert sessions.permits(path)
    sessions.permit("anna", lambda: allowed[0])
    clock.time += LASTS_S - 1
    assert sessions.permits(path)
    clock.time += 2
    assert not sessions.permits(path)
    sessions.permit("anna", lambda: allowed[0])
    allowed[0] = False
    assert not sessions.permits(path)
    allowed[0] = True
    sessions.withdraw("anna")
    assert not sessions.permits(path)


def test_the_list_of_sessions_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST", 3)
    clock = Clock()
    sessions = Register(clock)
    for number in range(10):
        sessions.permit(str(number), lambda: True)
    sessions.permit("7", lambda: True)
    sessions.permit("10", lambda: True)
    there = [number for number in range(11) if sessions.permits(f"/_stcore/upload_file/{number}/f")]
    assert there == [7, 9, 10]
    clock.time += LASTS_S + 1
    sessions.permit("11", lambda: True)
    assert len(sessions._until) == 1


def upload(method: str, path: str, sessions: Register) -> int:
    async def taken(_: Request) -> Response:
        return PlainTextResponse("taken", 204)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Any] = []
    behind = Starlette(routes=[Route("/{rest:path}", taken, methods=["PUT", "POST", "PATCH", "DELETE"])])
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": [], "root_path": ""}
    guard = Guard(behind, lambda _: "", may_upload=sessions.permits)
    in_a_loop(lambda: guard(scope, receive, send))
    return int(sent[0]["status"])


def test_the_guard_lets_editors_upload_and_nobody_else() -> None:
    sessions = Register()
    sessions.permit("anna", lambda: True)
    for method in ("PUT", "DELETE"):
        assert upload(method, "/_stcore/upload_file/anna/f", sessions) == 204
        assert upload(method, "/_stcore/upload_file/reader/f", sessions) == 405
    for method in ("POST", "PATCH"):
        assert upload(method, "/_stcore/upload_file/anna/f", sessions) == 405
