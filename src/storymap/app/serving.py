"""Puts the app together: one library for the routes and for the reader page."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from anyio import to_thread
from starlette.middleware import Middleware

from storymap.app.guard import Guard
from storymap.app.library import Library, compile_folder
from storymap.app.signin import ReturnAfterSignIn
from storymap.geocache import user_cache

__all__ = ["READER", "current_library", "guards", "open_library", "say_sorry", "warm_up"]

READER = Path(__file__).with_name("pages.py").resolve()
"""The Streamlit script; absolute, since a relative one is looked for in different places by different servers."""

log = logging.getLogger(__name__)
_library: list[Library] = []


def open_library(stories: Path) -> Library:
    """The stories in ``stories``, or in the folder that the environment variable STORYMAP_STORIES names."""
    folder = Path(os.environ.get("STORYMAP_STORIES") or stories).resolve()
    make = partial(compile_folder, cache=user_cache())
    basemaps = dict.fromkeys((folder / "basemap", stories / "basemap"))
    library = Library(folder, shared=tuple(basemaps), make=make)
    _library[:] = [library]
    return library


def current_library() -> Library:
    """The library that this process serves, for the reader page."""
    return _library[0]


def guards() -> list[Middleware]:
    """Middleware for `streamlit.App`."""
    return [Middleware(Guard), Middleware(ReturnAfterSignIn)]


@asynccontextmanager
async def warm_up(_: object) -> AsyncIterator[None]:
    """Starts compiling every story when the server starts, so that the first reader waits less."""
    await to_thread.run_sync(current_library().warm_up)
    yield


def say_sorry(error: Exception) -> bool:
    """Logs what went wrong in the reader page, and tells the reader so in a sentence, whatever the settings."""
    import streamlit as st

    log.error("the reader page failed", exc_info=error)
    st.error("This page could not be shown. The fault is ours; please try again later.")
    return True
