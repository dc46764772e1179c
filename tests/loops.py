"""Runs a coroutine to its end, in whichever process a test happens to be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_a_loop(start: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """In a thread of its own: after a browser test, playwright keeps an event loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(start())).result(timeout=60)
