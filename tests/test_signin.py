"""After signing in, an editor is back where the sign-in began."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from loops import in_a_loop
from storymap.app.signin import COOKIE, ReturnAfterSignIn, editing


async def _redirect(_: Any) -> Response:
    return RedirectResponse("/", 302)


async def _plain(_: Any) -> Response:
    return PlainTextResponse("refused", 400)


APP = ReturnAfterSignIn(
    Starlette(
        routes=[
            Route("/maps/auth/login", _redirect),
            Route("/maps/oauth2callback", _redirect),
            Route("/oauth2callback", _plain),
            Route("/other", _redirect),
        ]
    )
)


def call(path: str, **headers: str) -> tuple[int, dict[str, str]]:
    sent: list[Any] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    in_a_loop(lambda: APP(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_the_way_leads_back_to_the_story() -> None:
    _, headers = call("/maps/auth/login", referer="https://maps.example/maps/edit?story=zhanatas&step=influx&x=1")
    kept = headers["set-cookie"].split(";")[0]
    assert "HttpOnly" in headers["set-cookie"] and "SameSite=Lax" in headers["set-cookie"]
    assert headers["location"] == "/"
    status, headers = call("/maps/oauth2callback", cookie=f"other=1; {kept}")
    assert (status, headers["location"]) == (302, "edit?story=zhanatas&step=influx")
    assert f"{COOKIE}=;" in headers["set-cookie"] and "Max-Age=0" in headers["set-cookie"]


def test_without_a_sign_in_that_began_here_nothing_is_changed() -> None:
    assert call("/maps/oauth2callback")[1]["location"] == "/"
    assert call("/maps/oauth2callback", cookie="other=1")[1]["location"] == "/"
    assert call("/other", cookie=f"{COOKIE}=edit")[1]["location"] == "/"
    assert "location" not in call("/oauth2callback", cookie=f"{COOKIE}=edit")[1]


def test_without_a_story_it_leads_to_the_list_of_stories() -> None:
    kept = call("/maps/auth/login")[1]["set-cookie"].split(";")[0]
    assert call("/maps/oauth2callback", cookie=kept)[1]["location"] == "edit"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "edit?story=//evil.example", "edit?story=../x",
     "edit?story=a%0d%0aSet-Cookie:b", "http://[", "\r\nLocation: x"],
)  # fmt: skip
def test_the_cookie_leads_nowhere_else(address: str) -> None:
    assert editing(address) == "edit"
    assert call("/maps/oauth2callback", cookie=f"{COOKIE}={quote(address)}")[1]["location"] == "edit"


@given(st.text())
def test_whatever_is_kept_only_a_story_and_a_step_come_back(text: str) -> None:
    assert editing(text).partition("?")[0] == "edit"
    assert all(character.isalnum() or character in "?=&-" for character in editing(text))
