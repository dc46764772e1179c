"""An OpenID Connect provider on this machine, as strict as a real one: discovery, sign-in page, code with PKCE, signed tokens.

``forge`` names what is wrong with the tokens that it gives: ``key`` (signed by someone else), ``none`` (not signed),
``audience``, ``issuer``, ``nonce``, ``expired``. What was asked for wrongly is in ``refused``.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

__all__ = ["CLIENT", "SECRET", "Provider", "running_provider"]

CLIENT, SECRET = "storymap", "a secret that client and provider share"
KEY = "the key of the tests"


@dataclass
class Provider:
    """``accounts``: the claims of everyone who may sign in, by name."""

    accounts: Mapping[str, Mapping[str, Any]]
    url: str = ""
    forge: str = ""
    refused: list[str] = field(default_factory=list)
    given: int = 0
    """Tokens that were given out."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": KEY}))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/agree", self._agree, methods=["POST"]),
                Route("/token", self._token, methods=["POST"]),
                Route("/goodbye", self._goodbye),
            ]
        )

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "end_session_endpoint": f"{self.url}/goodbye",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": "RS256"}]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        wanted = {"client_id": CLIENT, "response_type": "code", "code_challenge_method": "S256"}
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge", "redirect_uri") if not asked.get(name)]
        if wrong or "openid" not in asked.get("scope", "").split():
            return self._no(f"authorize: {wrong or 'scope'}", 400)
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items()
        )
        people = "".join(f'<button name="who" value="{escape(name)}">{escape(name)}</button>' for name in self.accounts)
        return HTMLResponse(f"<!DOCTYPE html><title>Provider</title><h1>Who are you?</h1>"
                            f'<form method="post" action="/agree">{hidden}{people}</form>')  # fmt: skip

    async def _agree(self, request: Request) -> Response:
        asked = {name: str(value) for name, value in (await request.form()).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 303)

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        said = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "%20").encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") not in (f"Basic {said}", f"Basic {plain}"):
            return self._no("token: the client's secret", 401)
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or form.get("grant_type") != "authorization_code":
            return self._no("token: the code", 400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return self._no("token: PKCE", 400)
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return self._no("token: the address that it leads back to", 400)
        self.given += 1
        return JSONResponse({"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300,
                             "id_token": self._id_token(asked)})  # fmt: skip

    def _id_token(self, asked: Mapping[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            **self.accounts[asked["who"]],
        }  # fmt: skip
        claims |= {
            "audience": {"aud": "someone else"}, "issuer": {"iss": "https://evil.example"},
            "nonce": {"nonce": "another"}, "expired": {"iat": now - 7200, "exp": now - 3600},
        }.get(self.forge, {})  # fmt: skip
        if self.forge == "none":
            head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
                          for part in ({"alg": "none", "typ": "JWT"}, claims))  # fmt: skip
            return f"{head}.{body}."
        key = RSAKey.generate_key(2048, parameters={"kid": KEY}) if self.forge == "key" else self._key
        return jwt.encode({"alg": "RS256", "kid": KEY}, claims, key)

    async def _goodbye(self, request: Request) -> Response:
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)

    def _no(self, why: str, status: int) -> Response:
        self.refused.append(why)
        return PlainTextResponse(why, status)


@contextlib.contextmanager
def running_provider(accounts: Mapping[str, Mapping[str, Any]]) -> Iterator[Provider]:
    """The provider, in a thread of its own."""
    provider = Provider(accounts)
    server = uvicorn.Server(
        uvicorn.Config(provider.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    provider.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    thread.join(timeout=10)
