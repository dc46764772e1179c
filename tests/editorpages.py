"""What the tests of the editor share: stories to edit, the editor's page without a browser, and with one.

Without a browser: ``at = edit_page(stories, state, "a-story", step="two")`` is the page ``/edit`` in an `AppTest`; what an
editor enters is entered there (``at.text_input(key=key("a-story", "steps", "two", "title"))``), and the story that comes
of it is `desk_of(at)`. With one: ``open_editor(page, app.url, "a-story", step="two")``, after ``run_app(stories)``.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from streamlit.testing.v1 import AppTest

from storyfolder import write_story
from storymap.app import open_library

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Locator, Page

    from storymap.app.editor.desk import Desk

GEODATA = Path(__file__).resolve().parents[1] / "geodata"
FLAGSHIP = "zhanatas"
SMALL = "a-story"
PATIENCE_S = 60


def stories_folder(folder: Path, *, flagship: bool = False) -> Path:
    """A folder of stories to edit: the small one of `storyfolder`, and a copy of the flagship when asked for."""
    stories = folder / "stories"
    stories.mkdir(parents=True, exist_ok=True)
    write_story(stories)
    if flagship:
        copy_story(stories, FLAGSHIP)
    return stories


def copy_story(stories: Path, name: str) -> Path:
    """A copy of a story of the repository in the folder of stories, with the basemap beside it; its folder."""
    shutil.copytree(GEODATA / name, stories / name, ignore=shutil.ignore_patterns(".storymap"))
    if not (stories / "basemap").exists():
        (stories / "basemap").symlink_to(GEODATA / "basemap")
    return stories / name


def key(story: str, *place: str | int) -> str:
    """Key of the widget for a part of a story, as `fields.key_of` makes it."""
    return "/".join(["field", story, *map(str, place)])


def edit_page(
    stories: Path, state: Path, story: str = SMALL, *, step: str = "", panel: str = "", run: bool = True, **query: str
) -> AppTest:
    """The page ``/edit``, run once unless ``run`` says otherwise.

    ``state``: folder for drafts; ``panel``: the panel to be shown.
    """
    os.environ["STORYMAP_STATE"] = str(state)
    open_library(stories)
    page = AppTest.from_function(_page, default_timeout=PATIENCE_S)
    for name, value in {"story": story, "step": step, **query}.items():
        if value:
            page.query_params[name] = value
    if panel:
        page.session_state["panel"] = panel
    return page.run() if run else page


def _page() -> None:
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from storymap.app.editor import rights, workspace

    # There is no browser, so no headers say where it is.
    context = get_script_run_ctx()
    rights.sits_here(context.session_id if context else "")
    workspace.show()


def desk_of(page: AppTest, story: str = SMALL) -> Desk:
    """The desk of a page, for what an editor can not see: to be read only."""
    return cast("Desk", page.session_state[f"desk of {story}"])


def told(page: AppTest) -> list[str]:
    """What the page says in its boxes and beside its fields: errors, warnings, what was done."""
    beside = [element.value for element in page.get("html") if "told-fault" in element.value]
    return [box.value for kind in (page.error, page.warning, page.success, page.info) for box in kind] + beside


def open_editor(page: Page, app: str, story: str = SMALL, *, step: str = "", panel: str = "") -> None:
    """Opens the editor in a browser, and a panel of it."""
    query = {name: value for name, value in {"story": story, "step": step}.items() if value}
    page.goto(f"{app}edit?{urlencode(query)}")
    # Before the first run Streamlit is at rest too.
    page.wait_for_selector(".st-key-saving, [data-testid=stAlert]", state="attached")
    at_rest(page)
    if panel:
        page.get_by_test_id("stButtonGroup").get_by_text(panel, exact=True).click()
        at_rest(page)


def at_rest(page: Page) -> None:
    """Waits until the server has answered what was entered: the page stands for a quarter of a second.

    At first it stands too, before the browser has told the server.
    """
    page.evaluate("() => delete window.stoodSince")
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]');
            const stands = app?.dataset.testScriptState === 'notRunning' && !document.querySelector('[data-stale=true]');
            if (!stands) delete window.stoodSince;
            else window.stoodSince ??= performance.now();
            return stands && performance.now() - window.stoodSince > 250;
        }"""
    )


def enter(page: Page, label: str, text: str) -> None:
    """Types into the field with this label, as an editor does, and leaves it with Enter or, in a longer text, Tab."""
    field = page.get_by_label(label, exact=True).first
    field.fill(text)
    field.press("Tab" if field.evaluate("e => e.tagName") == "TEXTAREA" else "Enter")
    at_rest(page)


def preview_box(page: Page, size: str = "desktop") -> Locator:
    """The preview of one size: ``desktop`` or ``phone``; ``data-version`` says which version of the draft it shows."""
    return page.locator(f".stage-size[data-size={size}]")


def preview(page: Page, size: str = "desktop", *, after: int = 0) -> Frame:
    """The document in the preview, once one newer than the version ``after`` stands there and no next one is on its way."""
    box = preview_box(page, size)
    page.wait_for_function(
        """([size, after]) => {
            const shadows = [...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean);
            const box = shadows.map((s) => s.querySelector(`.stage-size[data-size=${size}]`)).find(Boolean);
            return box && Number(box.dataset.version || 0) > after && !box.querySelector('iframe[inert]');
        }""",
        arg=[size, after],
    )
    handle = box.locator("iframe:not([inert])").element_handle()
    frame = handle.content_frame()
    assert frame
    return frame


def version(page: Page, size: str = "desktop") -> int:
    """Number of the version that a preview shows."""
    return int(preview_box(page, size).get_attribute("data-version") or 0)


def faults(complaints: list[str]) -> list[str]:
    """Complaints but for the two that Streamlit makes of itself: it looks for its server below ``/edit/`` first."""
    return [text for text in complaints if "/edit/_stcore/" not in text]


def saved(stories: Path, story: str = SMALL) -> Any:
    """What ``story.yaml`` says on disk."""
    from ruamel.yaml import YAML

    return YAML(typ="safe").load((stories / story / "story.yaml").read_text("utf-8"))
