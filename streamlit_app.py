"""Serves the stories of geodata/: `streamlit run streamlit_app.py`, or `uvicorn streamlit_app:app`."""

from pathlib import Path

import streamlit as st

from storymap.app import READER, guards, open_library, say_sorry, story_routes, warm_up

library = open_library(Path(__file__).resolve().parent / "geodata")
app = st.App(
    READER,
    routes=story_routes(library),
    middleware=guards(),
    lifespan=warm_up,
    on_script_error=say_sorry,
)
