"""Who may edit, from what the server knows of the connection and of whoever signed in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storymap.app.editor.access import from_this_machine, is_listed, person, short_name

HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501", "Upgrade": "websocket"}
CLAIMS = {
    "is_logged_in": True, "iss": "https://login.example", "sub": "4711", "email": "Anna@News.example",
    "email_verified": True, "name": "Anna", "iat": 1, "nonce": "n",
}  # fmt: skip


def here(
    headers: dict[str, str] = HERE, peer: str | None = None, bound: str = "localhost", known: tuple[str, ...] = ()
) -> bool:
    return from_this_machine(headers, peer, bound, known)


@pytest.mark.parametrize("name", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "localhost", "LOCALHOST:8501"])
def test_whoever_sits_at_the_machine_may_edit(name: str) -> None:
    assert here({"host": name, "origin": f"http://{name}"})
    assert here({"HOST": name, "ORIGIN": f"https://{name}"}, known=("localhost", "127.0.0.1"))


@pytest.mark.parametrize(
    "headers",
    [
        # A page elsewhere whose name was pointed to this machine.
        {"Host": "evil.example:8501", "Origin": "http://evil.example:8501"},
        {"Host": "localhost.evil.example", "Origin": "http://localhost.evil.example"},
        # A proxy that leaves the host as it was, or names this machine instead.
        {"Host": "maps.example.org", "Origin": "https://maps.example.org"},
        {"Host": "localhost:8501", "Origin": "https://maps.example.org"},
        {"Host": "127.0.0.1:8501", "Origin": "http://localhost:8501"},
        {"Host": "localhost:8501", "Origin": "http://localhost:3000"},
        {"Host": "localhost:8501", "Origin": "null"},
        {"Host": "localhost:8501"},
        {"Origin": "http://localhost:8501"},
        {"Host": "localhost:8501@evil.example", "Origin": "http://localhost:8501@evil.example"},
        {"Host": "[", "Origin": "http://["},
        {},
    ],
)
def test_everyone_else_may_not(headers: dict[str, str]) -> None:
    assert not here(headers)


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PROTO", "X-Forwarded-Anything", "Forwarded", "Via", "X-Real-IP",
     "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X-Original-Host", "X-Amzn-Trace-Id"],
)  # fmt: skip
def test_a_request_that_was_handed_on_is_not_from_this_machine(name: str) -> None:
    assert not here({**HERE, name: "127.0.0.1"})
    assert not here({**HERE, name: ""})


def test_the_server_has_to_listen_to_this_machine_only_and_to_be_known_as_nothing_else() -> None:
    assert here()
    assert not here(bound="")
    assert not here(bound="0.0.0.0")
    assert not here(bound="192.168.1.7")
    assert not here(peer="192.168.1.9")
    assert not here(known=("maps.example.org",))
    assert not here(known=("localhost", "maps.example.org"))


@given(st.dictionaries(st.text(), st.text()))
def test_no_header_opens_the_editor_by_accident_or_stops_the_server(headers: dict[str, str]) -> None:
    assert not here(headers)
    assert not here({**headers, "host": "maps.example.org", "origin": "http://maps.example.org"})


def listed(editors: list[Any], **changed: Any) -> bool:
    who = person({**CLAIMS, **changed})
    return who is not None and is_listed(who, editors)


def test_editors_are_found_by_an_address_that_the_provider_vouches_for() -> None:
    assert listed(["anna@news.example"])
    assert listed(["x@news.example", " ANNA@NEWS.EXAMPLE "])
    assert listed(["anna@news.example"], email_verified="true")
    assert not listed([])
    assert not listed(["boris@news.example"])
    assert not listed(["anna@news.example.evil"])
    assert not listed(["*@news.example", "@news.example", "news.example", "*", ""])
    for vouched in (False, "false", None, 1, "yes", "True"):
        assert not listed(["anna@news.example"], email_verified=vouched), vouched
    without = {key: value for key, value in CLAIMS.items() if key != "email_verified"}
    who = person(without)
    assert who is not None and not is_listed(who, ["anna@news.example"])


def test_letters_that_look_alike_are_not_alike() -> None:
    # The sign of Kelvin becomes a k when it is put in lower case.
    assert not listed(["kim@news.example"], email="\u212aim@news.example")
    assert not listed(["sass@news.example"], email="sa\u1e9e@news.example")


def test_editors_are_found_by_issuer_and_subject_where_nobody_vouches_for_addresses() -> None:
    assert listed(["https://login.example 4711"], email_verified=False)
    assert not listed(["https://login.example 471"])
    assert not listed(["https://other.example 4711"])
    assert not listed(["4711"])


@pytest.mark.parametrize(
    "changed", [{"is_logged_in": False}, {"is_logged_in": "true"}, {"is_logged_in": None}, {"sub": ""}, {"iss": None}]
)
def test_nobody_is_someone_without_a_sign_in(changed: dict[str, Any]) -> None:
    assert person({**CLAIMS, **changed}) is None
    assert person({}) is None


def test_a_name_can_not_pretend_to_be_someone_else() -> None:
    who = person({**CLAIMS, "name": "Boris (boris@news.example)\n\x1b[31m<b>"})
    assert who is not None
    assert who.label == "Boris boris@news.example 31m b (Anna@News.example)"
    assert short_name(who.label) == "Boris boris@news.example 31m b"
    nameless = person({**CLAIMS, "name": None, "email_verified": False})
    assert nameless is not None and nameless.label == "https://login.example 4711"


def test_two_sign_ins_of_one_person_are_told_apart() -> None:
    first, second = person(CLAIMS), person({**CLAIMS, "nonce": "m"})
    assert first is not None and second is not None
    assert first.label == second.label
    assert first.visit != second.visit
