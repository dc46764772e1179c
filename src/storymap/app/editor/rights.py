"""Who may edit. Asked on the server, at every look at the page and before everything that is written.

Where sign-in is configured (``[auth]`` in the secrets), those who signed in and are on the list of editors (``[storymap]
editors``); where it is not, whoever sits at the machine that the server runs on. Nobody else.
"""

from __future__ import annotations

import getpass
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config
from streamlit.errors import Error as StreamlitError
from streamlit.runtime.scriptrunner import get_script_run_ctx

from storymap.app.editor.access import LOCAL, Person, from_this_machine, is_listed, person
from storymap.app.settings import read_settings
from storymap.app.uploads import register

__all__ = [
    "Editor",
    "closed",
    "current_editor",
    "is_still",
    "lasting",
    "permit_uploads",
    "reads_here",
    "sign_out_button",
    "sits_here",
]

log = logging.getLogger(__name__)
MOST = 10_000
PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")


@dataclass(frozen=True, slots=True)
class Editor:
    """Someone who may edit: the name that others and the history read."""

    name: str
    signed_in: bool = False


def current_editor() -> Editor | None:
    """The editor whose browser asks; None for everyone who may only read."""
    if _sign_in() is not None:
        who = _person()
        return Editor(who.label, signed_in=True) if who and _may_edit(who) else None
    return Editor(_own_name()) if _is_here() else None


def is_still(name: str) -> bool:
    """Whether the browser that asks is still that of the editor called ``name``."""
    editor = current_editor()
    return editor is not None and editor.name == name


def permit_uploads() -> None:
    """Lets this tab upload; called where `current_editor` has just found an editor."""
    session = _session()
    if session:
        register.permit(session, lasting())


def lasting() -> Callable[[], bool]:
    """Whether the editor for whom the page is made still is one; may be asked where no page is made, as in a download.

    Called where `current_editor` has just found an editor.
    """
    who = _person() if _sign_in() is not None else None
    return (lambda: _may_edit(who)) if who else (lambda: _sign_in() is None)


# Sign-in


def _secrets() -> Mapping[str, Any] | None:
    """What the operator keeps in secrets; None when there is a file of them that can not be read."""
    if st.secrets.load_if_toml_exists():
        return st.secrets
    return None if any(Path(name).is_file() for name in config.get_option("secrets.files")) else {}


def _section(name: str) -> Mapping[str, Any] | None:
    secrets = _secrets()
    section = secrets.get(name) if secrets is not None else {}
    return section if isinstance(section, Mapping) else None


def _sign_in() -> Mapping[str, Any] | None:
    """The operator's settings of sign-in; None when there are none. What can not be read is no reason to open."""
    return _section("auth")


def _editors() -> list[Any]:
    listed = (_section("storymap") or {}).get("editors")
    return list(listed) if isinstance(listed, list | tuple) else []


def _person() -> Person | None:
    return person(st.user.to_dict())


def _may_edit(who: Person) -> bool:
    return who.visit not in _over and is_listed(who, _editors())


_over: dict[str, None] = {}
"""Sign-ins that were ended here. Streamlit knows it only in the tab where it was done."""


def _sign_out() -> None:
    who = _person()
    if who is not None:
        _over[who.visit] = None
        for visit in list(_over)[:-MOST]:
            _over.pop(visit, None)
    register.withdraw(_session())
    st.logout()


def sign_out_button() -> None:
    """A button that ends the sign-in, in all tabs of this browser; nothing where nobody signs in."""
    if _sign_in() is not None and _person() is not None:
        st.button("Sign out", key="sign out", on_click=_sign_out, icon=":material/logout:", type="tertiary")


# The machine itself


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


class _Seats:
    """Sessions whose browser is on this machine, as their handshake told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, None] = {}

    def note(self, session: str, here: bool) -> None:
        with self._lock:
            self._known.pop(session, None)
            if here:
                self._known[session] = None
            for name in list(self._known)[:-MOST]:
                del self._known[name]

    def __contains__(self, session: str) -> bool:
        return session in self._known


_seats = _Seats()


def sits_here(session: str) -> None:
    """Notes that the session of this id belongs to this machine (a page that runs without a browser, in a test)."""
    _seats.note(session, True)


def _is_here() -> bool:
    headers = st.context.headers.to_dict()
    # A tab that is just being closed has no headers any more, but the last thing typed in it is still to be kept.
    if headers:
        _seats.note(_session(), from_this_machine(headers, st.context.ip_address, _bound_to(), _known_as()))
    return _session() in _seats


def reads_here(headers: Mapping[str, str], peer: str | None) -> bool:
    """Whether a plain request, of a page and not of a session, is that of whoever sits at the machine, where the editor is
    open. ``peer``: the other end's address. Enough to be told more, not to write: a request for a page names no origin."""
    given = {name.lower(): value for name, value in headers.items()}
    given.setdefault("origin", f"http://{given.get('host', '')}")
    near = None if peer in LOCAL else peer or "unknown"
    return _sign_in() is None and from_this_machine(given, near, _bound_to(), _known_as())


def _bound_to() -> str:
    return str(config.get_option("server.address") or "")


def _known_as() -> list[str]:
    named = [str(config.get_option("browser.serverAddress") or ""), urlsplit(read_settings().url or "").hostname or ""]
    return [name for name in named if name]


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "editor"


# What those see who may not edit


def closed() -> None:
    """Says why the editor is closed, and how to open it: sign in, or what the operator does."""
    register.withdraw(_session())
    settings, who = _sign_in(), _person()
    if settings is None:
        _say_shut(
            "It is open on the machine that the app runs on. Anywhere else, the operator first names who may edit."
        )
    elif _secrets() is None:
        _say_shut("The file of secrets can not be read. Its operator finds the reason in the server's log.")
    elif not _editors():
        _say_shut("Sign-in is set up, but nobody is on the list of editors yet.")
    elif who is None or who.visit in _over:
        _ask_to_sign_in(settings)
    else:
        _say_not_listed(who)


def _say_shut(why: str) -> None:
    st.title("The editor is closed")
    st.write(why)
    st.caption("Operators: see “Who may edit” in docs/editing.md.")
    _to_the_stories()


def _to_the_stories() -> None:
    st.html('<p><a href="./" target="_self">Read the stories</a></p>')


def _ask_to_sign_in(settings: Mapping[str, Any]) -> None:
    st.title("Sign in to edit")
    st.write("Only editors sign in. Everyone else reads the stories as they are.")
    for provider in _providers(settings):
        label = f"Sign in with {provider}" if provider else "Sign in"
        st.button(label, key=f"sign in/{provider}", type="primary", on_click=_to_provider, args=(provider,))
    _to_the_stories()


def _providers(settings: Mapping[str, Any]) -> list[str]:
    """Names of the providers; an empty one for that of the section itself."""
    named = [name for name, inner in settings.items() if isinstance(inner, Mapping) and "client_id" in inner]
    return [*([""] if all(key in settings for key in PROVIDER_KEYS) or not named else []), *named]


def _to_provider(provider: str) -> None:
    try:
        st.login(provider or None)
    except StreamlitError as error:
        log.error("sign-in: %s", error)
        st.error("Sign-in is not set up right. Its operator finds the reason in the server's log.")


def _say_not_listed(who: Person) -> None:
    st.title("You may not edit here")
    # Names are shown as they are: they are not this app's words.
    st.text(f"You are signed in as {who.label}, who is not one of the editors.")
    if not who.email:
        st.write("Your provider does not vouch for an e-mail address of yours, so you can not be found by it.")
    st.write("An operator can put you on the list. What stands for you there:")
    st.code(who.email or who.identity, language=None)
    sign_out_button()
    _to_the_stories()
