"""After signing in, an editor is back at the story where the sign-in began: Streamlit itself leads to the start page."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storymap.app.address import wanted

__all__ = ["ReturnAfterSignIn", "editing"]

COOKIE = "storymap_return"
LASTS_S = 900


class ReturnAfterSignIn:
    """ASGI middleware: keeps in a cookie from where the sign-in began, and leads there when it is done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/auth/login"):
            send = _keeping(Headers(scope=scope).get("referer", ""), send)
        elif scope["type"] == "http" and scope["path"].endswith("/oauth2callback"):
            send = _leading_back(Headers(scope=scope).get("cookie", ""), send)
        await self._app(scope, receive, send)


def editing(address: str) -> str:
    """The editor's page as it is named in an address, with nothing in it that is not a story or a step."""
    try:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
    except ValueError:
        query = {}
    asked = wanted(query)
    named = {"story": asked.story, "step": asked.step}
    words = urlencode({name: value for name, value in named.items() if value})
    return f"edit?{words}" if words else "edit"


def _keeping(referer: str, send: Send) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            # Neither ? nor & may stand in a cookie as they are.
            value = urlencode({"to": editing(referer)})[3:]
            MutableHeaders(scope=message).append(
                "Set-Cookie", f"{COOKIE}={value}; Path=/; Max-Age={LASTS_S}; HttpOnly; SameSite=Lax"
            )
        await send(message)

    return send_on


def _leading_back(cookies: str, send: Send) -> Send:
    kept = _kept(cookies)

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 302 and kept is not None:
            headers = MutableHeaders(scope=message)
            # Relative: it holds below any path under which a proxy has the app.
            headers["Location"] = kept
            headers.append("Set-Cookie", f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
        await send(message)

    return send_on


def _kept(cookies: str) -> str | None:
    """Where the cookie says; what it says is read as strictly as an address that a stranger wrote."""
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    if found is None:
        return None
    return editing(parse_qs(f"to={found.value}").get("to", [""])[-1])
