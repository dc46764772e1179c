"""Markdown → HTML that can do no harm, and typography by language."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from any_story import characters
from storymap.prose import BLOCK_TAGS, INLINE_TAGS, inline, plain, quoted, smart, to_html

ATTRIBUTES = {"a": {"href", "target", "rel"}, "ol": {"start"}}

XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](%6aavascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](#\" onclick=alert(1))",
    "[x](https://example.org/\"onclick=\"alert(1))",
    "[x](https://example.org \"title\\\" onclick=alert(1)\")",
    "<javascript:alert(1)>",
    "<https://example.org/\"><img src=x onerror=alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://beacon.example/x.png)",
    "![x\"onerror=alert(1)](https://beacon.example/x.png)",
    "![](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "# <script>alert(1)</script>",
    "~<script>~ ^<img onerror=alert(1)>^",
    "| <img src=x onerror=alert(1)> |\n|-|\n| x |",
    "</p></div></main><form action=//evil.example><input>",
    "<b style=position:fixed;inset:0>",
    "{{ ''.__class__ }} {% import os %} ${alert(1)}",
]  # fmt: skip


def elements(markup: str) -> Iterator[Any]:
    """All elements of a piece of HTML, parsed as browsers do."""
    tree = html5lib.parseFragment(markup, treebuilder="etree", namespaceHTMLElements=False)
    found = iter(tree.iter())
    next(found)
    yield from found


def assert_harmless(markup: str, tags: frozenset[str]) -> None:
    for element in elements(markup):
        assert element.tag in tags
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set())
        if element.tag == "a":
            href = element.attrib["href"]
            assert urlsplit(href).scheme in {"http", "https", "mailto"} or re.fullmatch("#[a-z0-9-]+", href)
            assert element.attrib.get("target") == (None if href.startswith("#") else "_blank")
            assert element.attrib["rel"] == "noopener noreferrer"


@pytest.mark.parametrize("attack", XSS)
def test_no_attack_leaves_the_allow_list(attack: str) -> None:
    for text in (attack, f"A ridge {attack} and *more*", f"- {attack}\n\n> {attack}"):
        assert_harmless(to_html(text), BLOCK_TAGS)
        assert_harmless(inline(text), INLINE_TAGS)


marks = st.sampled_from(
    [*list("*_`~^#>-+=|[]()<>!&;:\"'\\/ \n\t{}%"), "](", "javascript:", "https://a.b", "<a href=", "&#x", "\n\n"]
)


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.one_of(marks, st.text(characters, max_size=5)), max_size=40).map("".join))
def test_no_text_at_all_leaves_the_allow_list(text: str) -> None:
    assert_harmless(to_html(text), BLOCK_TAGS)
    assert_harmless(inline(text), INLINE_TAGS)


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.sampled_from("<>&\"'=/abc script"), max_size=60))
def test_plain_strings_are_never_markup(text: str) -> None:
    # What may be interpreted as HTML later has to be what was written.
    marks_only = re.compile(r"[<>&=/a-z]")
    assert marks_only.findall(smart(text)) == marks_only.findall(text)
    assert marks_only.findall(quoted(text)) == marks_only.findall(text)


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% raw %}", "100 {% of it", "{# note #}", "${x}", "{{{x}}}"])
def test_template_marks_pass_through(text: str) -> None:
    assert to_html(text) == f"<p>{text}</p>"
    assert inline(text) == plain(text) == smart(text) == text


def test_what_markdown_makes() -> None:
    text = "A *ridge* of **rock**,\nP~2~O~5~ and km^2^.\n\n- one\n- two\n\n3. three\n\n> said\n\n---\n`code`"
    assert to_html(text) == (
        "<p>A <em>ridge</em> of <strong>rock</strong>,\nP<sub>2</sub>O<sub>5</sub> and km<sup>2</sup>.</p>\n"
        "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        '<ol start="3">\n<li>three</li>\n</ol>\n'
        "<blockquote>\n<p>said</p>\n</blockquote>\n"
        "<hr>\n<p><code>code</code></p>"
    )


def test_indented_text_and_underlines_are_no_surprise() -> None:
    assert to_html("    indented by chance") == "<p>indented by chance</p>"
    assert to_html("A sentence\n---\nAnother") == "<p>A sentence</p>\n<hr>\n<p>Another</p>"
    assert to_html("about ~5 km and ~3 km") == "<p>about ~5&nbsp;km and ~3&nbsp;km</p>"


def test_links_open_outside_an_articles_frame() -> None:
    assert to_html('[a](https://example.org/?a=1&b "title")') == (
        '<p><a href="https://example.org/?a=1&amp;b" target="_blank" rel="noopener noreferrer">a</a></p>'
    )
    assert 'href="mailto:desk@example.org" target="_blank"' in to_html("<desk@example.org>")
    assert to_html("[the influx](#influx)") == '<p><a href="#influx" rel="noopener noreferrer">the influx</a></p>'


@pytest.mark.parametrize(
    "text", ["[x](/elsewhere)", "[x](page.html)", "[x](tel:123)", "[x](javascript:x)", "![photo](photo.jpg)"]
)
def test_what_can_be_no_link_stays_as_it_is_written(text: str) -> None:
    assert html.unescape(to_html(text)) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("text", "shift", "levels"),
    [
        ("# a", 0, [3]),
        ("# a", 2, [3]),
        ("# a", 3, [4]),
        ("#### a", 2, [3]),
        ("## a\n#### b\n## c", 2, [3, 4, 3]),
        ("### a\n# b\n## c\n### d\n#### e", 2, [3, 3, 4, 5, 5]),
        ("# a\n## b", 9, [5, 5]),
    ],
)
def test_headings_follow_the_steps_heading_without_gaps(text: str, shift: int, levels: list[int]) -> None:
    assert [int(level) for level in re.findall(r"<h(\d)>", to_html(text, shift=shift))] == levels


@settings(max_examples=100, deadline=None)
@given(levels=st.lists(st.integers(1, 6), max_size=12))
def test_headings_never_skip_a_level(levels: list[int]) -> None:
    found = [2, *map(int, re.findall(r"<h(\d)>", to_html("\n\n".join("#" * level + " x" for level in levels))))]
    assert len(found) == len(levels) + 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(found))


def test_inline_has_no_blocks() -> None:
    assert inline("# A *ridge*\n\n- and [rock](https://example.org)") == (
        'A <em>ridge</em> and <a href="https://example.org" target="_blank" rel="noopener noreferrer">rock</a>'
    )


def test_plain_is_the_text_on_one_line() -> None:
    text = "# A *ridge*\n\nof\\\n`rock` & <b>\n\n- [more](https://example.org) P~2~O~5~\n- &copy;"
    assert plain(text) == "A ridge of rock & <b> more P2O5 ©"
    assert plain("") == plain("\n\n---\n") == ""


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "“A ‘b’ c”"),
        ("en-GB", "“A ‘b’ c”"),
        ("ru", "«A „b“ c»"),
        ("kk", "«A „b“ c»"),
        ("de", "„A ‚b‘ c“"),
        ("fr", "«\u00a0A “b” c\u00a0»"),
        ("xx", "“A ‘b’ c”"),
    ],
)
def test_quotation_marks_by_language(lang: str, said: str) -> None:
    assert smart("\"A 'b' c\"", lang) == said
    assert to_html("\"A 'b' c\"", lang=lang) == f"<p>{said}</p>".replace("\u00a0", "&nbsp;")
    assert quoted('A "b" c', lang) == said


def test_quotation_marks_across_emphasis_and_apostrophes() -> None:
    assert to_html('"*A ridge*," he said. It\'s so.') == "<p>“<em>A ridge</em>,” he said. It’s so.</p>"


@pytest.mark.parametrize(
    ("text", "lang", "said"),
    [
        ("5 km, 24 000 people", "en", "5\u00a0km, 24\u00a0000 people"),
        ("176 км, 1964 год", "ru", "176\u00a0км, 1964\u00a0год"),
        ("5 kmx 3 mice", "en", "5 kmx 3 mice"),
        ("wait -- no", "en", "wait\u00a0– no"),
        ("город - это", "ru", "город\u00a0— это"),
        ("a---b", "en", "a—b"),
        ("1997--98, 1964-1970", "en", "1997–98, 1964–1970"),
        ("2021-03-17 and 5 - 3 and 1990-1991-1992", "en", "2021-03-17 and 5 - 3 and 1990-1991-1992"),
        ("-5 °C, +-3 km, x-5", "en", "−5\u00a0°C, ±3\u00a0km, x-5"),
        ("and so on... .. ....", "en", "and so on… .. ...."),
        ("(a) (b) (c) (r) (tm)", "en", "(a) (b) (c) (r) (tm)"),
        ("--flag", "en", "--flag"),
    ],
)
def test_dashes_and_spaces(text: str, lang: str, said: str) -> None:
    assert smart(text, lang) == said
    assert plain(text, lang=lang) == said


def test_the_ending_of_a_number_does_not_begin_a_line() -> None:
    assert to_html("В 1989-м, 120 км-ден", lang="ru") == "<p>В 1989-\u2060м, 120&nbsp;км-ден</p>"
    assert to_html("**57 000**-ның", lang="kk") == "<p><strong>57&nbsp;000</strong>-\u2060ның</p>"
    assert to_html("Zhanatas-**5** -x 2019-2023 <https://a.example/9-a>").count("\u2060") == 0
    assert inline("1980-х", lang="ru") == "1980-\u2060х"
    assert plain("1980-х", lang="ru") == "1980-х"


def test_addresses_and_code_keep_their_characters() -> None:
    assert "https://example.org/a--b...c" in to_html("<https://example.org/a--b...c>")
    assert to_html('`a -- "b"...`') == '<p><code>a -- "b"...</code></p>'


@settings(max_examples=200, deadline=None)
@given(text=st.text(characters, max_size=60))
def test_typography_keeps_every_letter(text: str) -> None:
    letters = [c for c in text if c.isalnum()]
    assert [c for c in smart(text, "ru") if c.isalnum()] == letters
