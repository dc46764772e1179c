"""Looking over a finished site: links, assets, other hosts, weight."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from storymap.manifest import Manifest, sorted_entries
from storymap.sitecheck import BUDGET, broken_links, weights

URL = "https://maps.example/a/"
GOOD: dict[str, str] = {
    "index.html": '<h1 id="top">A</h1><a href="#top">up</a><a href="ru/index.html#b">b</a><img src="media/a.png" alt="">',
    "ru/index.html": '<h1 id="b">B</h1><a href="../index.html">a</a><img src="../media/a.png" alt="">',
    "media/a.png": "",
}


def site(folder: Path, files: dict[str, str], url: str | None = None) -> tuple[Path, Manifest]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    entries = sorted_entries((name, text.encode()) for name, text in files.items())
    return folder, Manifest("a", "A", "en", {"en": "index.html"}, entries, url)


def test_a_whole_site_has_nothing_to_report(tmp_path: Path) -> None:
    assert broken_links(*site(tmp_path, GOOD)) == []


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('<a href="gone.html">x</a>', "leads nowhere: gone.html"),
        ('<img src="media/b.png" alt="">', "leads nowhere: media/b.png"),
        ('<video poster="media/b.png"></video>', "leads nowhere: media/b.png"),
        ('<img srcset="media/a.png 1x, media/b.png 2x" alt="">', "leads nowhere: media/b.png"),
        ('<svg><use href="#none"></use></svg>', "leads to a part that is not there: #none"),
        ('<a href="ru/index.html#none">x</a>', "leads to a part that is not there: ru/index.html#none"),
        ('<a href="/index.html">x</a>', "leads out of the site: /index.html"),
        ('<a href="../other/index.html">x</a>', "leads out of the site: ../other/index.html"),
        ('<script src="https://cdn.example/x.js"></script>', "is loaded from another host: https://cdn.example/x.js"),
        ('<img src="//cdn.example/x.png" alt="">', "is loaded from another host: //cdn.example/x.png"),
        (
            '<link rel="stylesheet" href="https://cdn.example/x.css">',
            "is loaded from another host: https://cdn.example/x.css",
        ),
        (f'<a href="{URL}gone.html">x</a>', f"leads nowhere: {URL}gone.html"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, markup: str, said: str) -> None:
    found = broken_links(*site(tmp_path, {**GOOD, "index.html": GOOD["index.html"] + markup}, URL))
    assert found == [f"index.html: {said}"]


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://elsewhere.example/">x</a>', '<a href="mailto:desk@news.example">x</a>', '<a href="ru/">x</a>',
        '<a href="?layout=step#top">x</a>', f'<link rel="canonical" href="{URL}">', f'<a href="{URL}ru/">x</a>',
        '<img src="data:image/png;base64,AAAA" alt="">', '<link rel="alternate" href="https://elsewhere.example/">',
    ],
)  # fmt: skip
def test_what_is_right_is_not_reported(tmp_path: Path, markup: str) -> None:
    assert broken_links(*site(tmp_path, {**GOOD, "index.html": GOOD["index.html"] + markup}, URL)) == []


def test_feeds_and_data_are_looked_through(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "sitemap.xml": f"<urlset><url><loc>{URL}</loc></url><url><loc>{URL}kk/</loc></url></urlset>",
        "feed.xml": f"<rss><link>{URL}</link><encoded>&lt;img src=\"{URL}images/gone.png\"&gt;</encoded></rss>",
        "story.json": '{"layers": [{"data": "data/gone.geojson"}], "steps": [{"pictures": {"png": "media/a.png"}}]}',
    }  # fmt: skip
    assert broken_links(*site(tmp_path, files, URL)) == [
        f"feed.xml: leads nowhere: {URL}images/gone.png",
        f"sitemap.xml: leads nowhere: {URL}kk/",
        "story.json: leads nowhere: data/gone.geojson",
    ]


def test_pages_are_weighed_as_they_are_sent(tmp_path: Path) -> None:
    html = "<section>first</section>" + "<section>second</section>" * 50
    (weight,) = weights(*site(tmp_path, {"index.html": html}))
    assert weight.page == len(gzip.compress(html.encode(), 9, mtime=0))
    assert weight.first == len(gzip.compress(b"<section>first</section>", 9, mtime=0))
    assert weight.over == ()


def test_a_heavy_page_is_over_the_budget(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(BUDGET["first"]).hex()
    (weight,) = weights(*site(tmp_path, {"index.html": f"<section>{noise}</section>"}))
    assert weight.over == ("first",)
    (weight,) = weights(*site(tmp_path, {"index.html": f"<section></section>{noise}{noise[::-1]}"}))
    assert weight.over == ("page",)
