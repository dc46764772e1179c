"""Who may edit, decided from what the server knows: on the machine itself whoever sits at it, elsewhere those on the list.

It knows no Streamlit; `rights` asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Person", "from_this_machine", "is_listed", "person", "short_name"]

LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
RELAYED = re.compile(
    r"x-forwarded.*|x-original-.*|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-.*|forwarded|via|cf-.*|cdn-loop|"
    r"true-client-ip|fastly-.*|x-amzn-.*|x-arr-.*|ngrok-.*|tailscale-.*|fly-.*|x-azure-.*"
)
"""Headers that a proxy adds. Of a request that was handed on, nobody knows where it comes from."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who signed in, as the provider's signed token says."""

    name: str
    email: str
    """Empty unless the provider vouches for it."""
    identity: str
    """Issuer and subject, with a space between them: who it is, also when the address changes."""
    visit: str
    """What only this sign-in has, to tell it from a later one."""

    @property
    def label(self) -> str:
        """How others and the history read it; no two people have the same."""
        who = self.email or self.identity
        return f"{self.name} ({who})" if self.name else who


def from_this_machine(headers: Mapping[str, str], peer: str | None, bound_to: str, known_as: Iterable[str]) -> bool:
    """Whether a browser on this machine made the connection, and asked for this machine by its local name.

    ``headers`` of the websocket's handshake, ``peer`` None for this machine; ``bound_to``: the address that the server
    listens at; ``known_as``: hosts under which the operator says the app is found.

    A page elsewhere whose host name is pointed here (DNS rebinding) names that host; a proxy in front of the server adds
    headers of its own, and leaves at least the browser's origin as it was.
    """
    given = {name.lower(): value for name, value in headers.items()}
    host, origin = given.get("host", ""), given.get("origin", "")
    return (
        bound_to in LOCAL
        and all(name in LOCAL for name in known_as)
        and peer is None
        and not any(RELAYED.fullmatch(name) for name in given)
        and _host(f"//{host}") in LOCAL
        and origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def person(claims: Mapping[str, Any]) -> Person | None:
    """Who signed in, from the claims of the token; None when nobody did."""
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    if claims.get("is_logged_in") is not True or not issuer or not subject:
        return None
    # Some providers write the word instead of the value.
    vouched = claims.get("email_verified") is True or claims.get("email_verified") == "true"
    email = str(claims.get("email") or "").strip() if vouched else ""
    name = _plain(str(claims.get("name") or ""))
    visit = "\n".join([issuer, subject, str(claims.get("iat") or ""), str(claims.get("nonce") or "")])
    return Person(name, email if "@" in email else "", f"{issuer} {subject}", visit)


def _plain(name: str) -> str:
    """A name that can stand in a line, without brackets: what is in brackets is what the provider vouches for."""
    kept = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(re.sub(r"[()<>\[\]]", " ", kept).split())[:60]


def is_listed(who: Person, editors: Iterable[Any]) -> bool:
    """Whether the operator's list names this person: by an address, whatever its case, or by issuer and subject."""
    listed = [entry.strip() for entry in editors if isinstance(entry, str) and entry.strip()]
    # Only A to Z: other letters have lower-case forms that look like those of someone else.
    addresses = {entry.encode().lower() for entry in listed if "@" in entry and " " not in entry}
    return (bool(who.email) and who.email.encode().lower() in addresses) or who.identity in listed


def short_name(label: str) -> str:
    """A label without what stands in brackets: ``Anna`` of ``Anna (anna@news.example)``."""
    return re.sub(r" \([^()]*\)$", "", label)
