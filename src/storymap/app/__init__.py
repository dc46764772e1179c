"""The Streamlit app: stories as plain pages, and a reader page that shows them full-bleed."""

from storymap.app.routes import story_routes
from storymap.app.serving import READER, guards, open_library, say_sorry, warm_up

__all__ = ["READER", "guards", "open_library", "say_sorry", "story_routes", "warm_up"]
