"""Signing in to edit, with a provider that really signs: closed to readers, open to editors, closed to everyone else."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from again import again, at_length
from editorpages import SMALL, at_rest, enter, saved, stories_folder
from oidc import CLIENT, SECRET, Provider, running_provider

pytestmark = pytest.mark.xdist_group("app")

ACCOUNTS = {
    "anna": {"sub": "a1", "email": "Anna@News.example", "email_verified": True, "name": "Anna"},
    "boris": {"sub": "b2", "email": "boris@news.example", "email_verified": True, "name": "Boris"},
    "unknown": {"sub": "c3", "email": "anna@news.example", "email_verified": False, "name": "Anna"},
}
SECRETS = """\
[auth]
redirect_uri = "http://localhost:{{port}}{path}/oauth2callback"
cookie_secret = "a long secret that only this test knows"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
[storymap]
editors = ["anna@news.example"]
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider(ACCOUNTS) as running:
        yield running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("signin")
    stories_folder(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYMAP_STATE", str(folder / "state"))
        yield folder


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], place: Path, provider: Provider) -> Any:
    return run_app(place / "stories", *secrets(place, provider))


def secrets(place: Path, provider: Provider, path: str = "") -> list[str]:
    file = place / f"secrets{path.replace('/', '-')}.toml"
    file.write_text(SECRETS.format(path=path, client=CLIENT, secret=SECRET, provider=provider.url), "utf-8")
    return [f"--secrets.files={file}"]


def sign_in(page: Page, app: str, who: str, query: str = f"?story={SMALL}&step=two") -> None:
    page.goto(f"{app}edit{query}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=who, exact=True).click()
    page.wait_for_selector("[data-testid=stApp]")


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1, name=text)).to_be_visible()


def test_readers_read_and_nobody_edits_without_signing_in(
    app: Any, ask: Callable[..., Any], new_page: Callable[..., Page]
) -> None:
    page = new_page()
    page.goto(f"{app.url}edit?story={SMALL}")
    heading(page, "Sign in to edit")
    findings = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert findings.violations_count == 0, findings.generate_report()
    assert page.get_by_test_id("stSidebar").count() == 0 or not page.get_by_role("button", name="Save").count()
    assert ask(f"{app.url}story/{SMALL}/").status == 200
    assert ask(f"{app.url}preview/anything/").status == 404
    for method in ("PUT", "POST", "DELETE"):
        assert ask(f"{app.url}_stcore/upload_file/a/b", method).status == 405
    page.get_by_role("link", name="Read the stories").click()
    page.wait_for_selector("iframe[data-testid=stIFrame]")
    assert not app.left_machine()


@at_length
def test_an_editor_signs_in_where_the_work_is_saves_and_signs_out(
    app: Any, place: Path, provider: Provider, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    sign_in(page, app.url, "anna")
    page.wait_for_url(f"{app.url}edit?story={SMALL}&step=two")
    at_rest(page)
    expect(page.get_by_label("Title", exact=True).first).to_have_value("Two")
    enter(page, "Title", "Signed in")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile(r"^Saved \d"))).to_be_visible()
    assert saved(place / "stories")["steps"][1]["title"] == "Signed in"
    history = sorted((place / "stories" / SMALL / ".storymap/history").glob("0*.json"))
    assert "Anna (Anna@News.example)" in history[-1].read_text("utf-8")
    assert (provider.refused, provider.given) == ([], 1)
    other = page.context.new_page()
    other.goto(f"{app.url}edit?story={SMALL}")
    at_rest(other)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "signed" not in url and not url.startswith(provider.url) and "edit" not in url)
    # The other tab still holds the sign-in that was ended: it closes with its next sign of life.
    heading(other, "Sign in to edit")
    page.goto(f"{app.url}edit?story={SMALL}")
    heading(page, "Sign in to edit")


@pytest.mark.parametrize("who", again(["boris", "unknown"]))
@at_length
def test_those_who_are_not_on_the_list_are_told_so(app: Any, new_page: Callable[..., Page], who: str) -> None:
    page = new_page()
    sign_in(page, app.url, who)
    heading(page, "You may not edit here")
    expect(page.get_by_text("is not one of the editors")).to_be_visible()
    assert not page.get_by_role("button", name="Save", exact=True).count()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "edit" not in url)


@pytest.mark.thorough
def test_forged_tokens_open_nothing(app: Any, provider: Provider, new_page: Callable[..., Page]) -> None:
    page = new_page()
    for forged in ("key", "none", "nonce", "audience"):
        provider.forge = forged
        with contextlib.ExitStack() as after:
            after.callback(setattr, provider, "forge", "")
            given = provider.given
            sign_in(page, app.url, "anna")
            assert provider.given == given + 1, forged
            heading(page, "Sign in to edit")
            assert not page.get_by_role("button", name="Save", exact=True).count()


@pytest.mark.thorough
def test_it_works_below_a_path_and_an_editor_who_is_taken_off_the_list_stops_at_once(
    run_app: Callable[..., Any], place: Path, provider: Provider, new_page: Callable[..., Page]
) -> None:
    flags = secrets(place, provider, "/maps/desk")
    own = run_app(place / "stories", "--server.baseUrlPath=maps/desk", *flags)
    page = new_page()
    sign_in(page, f"{own.url}maps/desk/", "anna")
    page.wait_for_url(f"{own.url}maps/desk/edit?story={SMALL}&step=two")
    at_rest(page)
    title = page.get_by_label("Title", exact=True).first
    expect(title).to_be_visible()
    before = saved(place / "stories")["steps"][1]["title"]
    file = Path(flags[0].partition("=")[2])
    file.write_text(file.read_text("utf-8").replace("anna@", "vera@"), "utf-8")
    # The server notices within a second; the open page with its next sign of life.
    heading(page, "You may not edit here")
    assert saved(place / "stories")["steps"][1]["title"] == before
