"""A story published to a real object store, read in a real browser: compressed bytes, types and media as they arrive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.reading import STILL, files, step_ids, zhanatas
from places import make_bucket, s3_server
from sites import write_site
from storymap.publish import publish


def test_a_story_is_read_from_a_bucket(
    tmp_path: Path, new_page: Callable[..., Page], complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = {name: text.encode() if isinstance(text, str) else text for name, text in files(zhanatas()).items()}
    dist = write_site(tmp_path / "dist", built, slug="zhanatas")
    with s3_server() as server:
        make_bucket(server, "news")
        for name, value in {
            "AWS_ENDPOINT_URL": server,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        publish(dist, "s3://news/zhanatas")
        page = new_page(**STILL)
        answer = page.goto(f"{server}/news/zhanatas/index.html")
        assert answer is not None and answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        page.wait_for_function("() => window.storymap")
        last = step_ids()[-1]
        page.evaluate("step => window.storymap.go(step)", last)
        page.wait_for_function("step => window.storymap.step === step", arg=last)
        assert page.title() and page.locator("html").get_attribute("lang") == "en"
        broken = (
            "() => [...document.images].filter(image => image.complete && !image.naturalWidth).map(image => image.src)"
        )
        assert page.evaluate(broken) == []
    assert complaints == []
