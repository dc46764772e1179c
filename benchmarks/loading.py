"""Readers without a browser: plain HTTP requests and Streamlit sessions; and what a server process spends on them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

__all__ = ["Answer", "Spent", "children", "family", "http_reader", "many", "memory_mb", "session", "spent"]

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6
PATIENCE_S = 120


def children(pid: int) -> set[int]:
    """The processes that ``pid`` started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {int(child) for task in tasks for child in (task / "children").read_text("ascii").split()}


def family(pids: set[int]) -> set[int]:
    """Processes, those that they started, and so on."""
    return pids.union(*(family(children(pid)) for pid in pids))


def _cpu_s(pids: set[int]) -> float:
    """User and system time of the processes so far, s."""
    fields = [Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) * TICK_S


def memory_mb(pids: set[int]) -> float:
    """Resident memory of the processes that is their own, MB."""
    own = 0
    for pid in pids:
        resident, shared = map(int, Path(f"/proc/{pid}/statm").read_text("ascii").split()[1:3])
        own += resident - shared
    return own * PAGE_MB


@dataclass
class Spent:
    """What a server spent on ``readers`` readers."""

    readers: int
    seconds: float = 0
    cpu_s: float = 0
    bytes: int = 0


async def spent(pids: set[int], readers: int, at_once: int, read: Callable[[], Awaitable[int]]) -> Spent:
    """``readers`` readers, ``at_once`` of them at a time; ``read`` gives the bytes that one of them received."""
    result = Spent(readers)
    before, start = _cpu_s(pids), time.perf_counter()
    result.bytes = sum(await many(readers, at_once, read))
    result.seconds, result.cpu_s = time.perf_counter() - start, _cpu_s(pids) - before
    return result


async def many(count: int, at_once: int, read: Callable[[], Awaitable[int]]) -> list[int]:
    """The results of ``count`` calls, ``at_once`` of them at a time."""
    left = iter(range(count))

    async def one_after_the_other() -> list[int]:
        return [await read() for _ in left]

    return [size for part in await asyncio.gather(*(one_after_the_other() for _ in range(at_once))) for size in part]


@dataclass(frozen=True)
class Answer:
    """``size``: bytes on the wire, headers and body."""

    status: int
    tag: str
    size: int


@asynccontextmanager
async def http_reader(url: str, tag: str = "") -> AsyncIterator[Answer]:
    """A reader's request on a connection of its own, which stays open as long as the block; ``tag``: the reader was
    there before, and asks whether that ETag is still the newest."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        again = f"If-None-Match: {tag}\r\n" if tag else ""
        writer.write(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n{again}\r\n".encode()
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        status, length = int(lines[0].split()[1]), int(headers.get("content-length", 0))
        body = await asyncio.wait_for(reader.readexactly(length), PATIENCE_S) if status == 200 else b""
        original = dict(line.split(": ", 1) for line in lines[1:] if line)
        found = next((value for name, value in original.items() if name.lower() == "etag"), "")
        yield Answer(status, found, len(head) + len(body))
    finally:
        writer.close()


@asynccontextmanager
async def session(home: str, query: str = "") -> AsyncIterator[int]:
    """A reader's Streamlit session, open as long as the block: the script has run once. Gives the bytes received."""
    address = home.replace("http://", "ws://") + "_stcore/stream"
    async with AsyncExitStack() as stack:
        socket = await stack.enter_async_context(
            connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE_S, proxy=None)  # type: ignore[list-item]
        )
        ask = BackMsg()
        ask.rerun_script.query_string = query
        await socket.send(ask.SerializeToString())
        size = 0
        while True:
            message = await asyncio.wait_for(socket.recv(), PATIENCE_S)
            size += len(message)
            told = ForwardMsg.FromString(message)  # type: ignore[arg-type]
            if told.WhichOneof("type") == "script_finished":
                if told.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    raise RuntimeError("the page's script failed")
                break
        yield size
