"""The running app, asked for the editor by connections that only seem to come from its own machine."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from editorpages import stories_folder

pytestmark = pytest.mark.xdist_group("app")

PATIENCE_S = 60


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("connections")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYMAP_STATE", str(folder / "state"))
        yield run_app(stories_folder(folder))


def page(app: Any, host: str, headers: Mapping[str, str] | None = None, origin: str | None = None) -> str:
    """All that the page ``/edit`` of a story sends to a browser that calls the server by the name ``host``."""
    port = urlsplit(app.url).port
    said = []
    wire = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    with connect(
        f"ws://{host}:{port}/_stcore/stream", sock=wire, origin=origin or f"http://{host}:{port}",  # type: ignore[arg-type]
        additional_headers=dict(headers or {}), subprotocols=["streamlit"], max_size=None,  # type: ignore[list-item]
    ) as tab:  # fmt: skip
        ask = BackMsg()
        ask.rerun_script.query_string = "story=a-story"
        ask.rerun_script.page_name = "edit"
        tab.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(tab.recv(timeout=PATIENCE_S))  # type: ignore[arg-type]
            said.append(str(message))
            if message.WhichOneof("type") == "script_finished":
                return "\n".join(said)


def test_the_machine_itself_gets_the_editor(app: Any) -> None:
    for host in ("localhost", "127.0.0.1"):
        said = page(app, host)
        assert "Nothing to save" in said
        assert "The editor is closed" not in said


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("evil.example", {}),
        ("localhost", {"X-Forwarded-For": "203.0.113.7"}),
        ("localhost", {"Forwarded": "for=203.0.113.7"}),
        ("localhost", {"Via": "1.1 proxy"}),
    ],
)
def test_names_pointed_here_and_proxies_get_no_editor(app: Any, host: str, headers: dict[str, str]) -> None:
    said = page(app, host, headers)
    assert "The editor is closed" in said
    assert "Nothing to save" not in said


def test_a_page_of_another_server_on_this_machine_gets_no_editor(app: Any) -> None:
    said = page(app, "localhost", origin="http://localhost:1")
    assert "The editor is closed" in said
