"""The commands ``storymap build`` and ``storymap withdraw``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storymap.errors import StoryError

if TYPE_CHECKING:
    from storymap.sitebuild import Built
    from storymap.story import Story

__all__ = ["build", "withdraw"]


_NO_FOLDERS = {
    ".htm", ".xhtml", ".mhtml", ".xml", ".svg", ".png", ".jpg", ".jpeg", ".json", ".yaml", ".txt", ".md", ".epub", ".docx",
    ".tar", ".gz", ".tgz", ".xz", ".7z", ".rar",
}  # fmt: skip
"""Ends of names that no folder is meant to have. Others, as in ``maps.example.org``, may well be a folder's."""


@click.command()
@click.argument("story", type=click.Path(path_type=Path), default=".")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="DIR",
    help="Folder for the site; or one file: NAME.html, NAME.pdf, or NAME.zip with the site in it.",
)  # fmt: skip
@click.option("--url", metavar="BASE", help="Address that the folder will have. [url in story.yaml]")
@click.option("--single-file", is_flag=True, help="Also offline.html: one file with everything in it.")
@click.option("--print", "handouts", is_flag=True, help="Also handout.pdf, where a Chromium is installed.")
@click.option("--lang", metavar="CODE", help="Language of NAME.html or NAME.pdf. [the story's own]")
@click.option("--anew", is_flag=True, help="Make everything again, whatever is there.")
def build(
    story: Path, out: Path, url: str | None, single_file: bool, handouts: bool, lang: str | None, anew: bool
) -> None:
    """Build STORY (a story folder; the current one when none is named) into plain files for any web host.

    The folder is replaced as a whole, or not at all. Files in it that no build made stay.
    """
    kind = out.suffix.lower()
    if kind in (".html", ".pdf"):
        spare = {"--url": url is not None, "--anew": anew, "--single-file": single_file and kind != ".html",
                 "--print": handouts and kind != ".pdf"}  # fmt: skip
        if any(spare.values()):
            named = ", ".join(name for name, given in spare.items() if given)
            raise click.UsageError(f"a single {kind} file takes no option but --lang: leave out {named}")
        _guarded(out, lambda: _one_file(story, out, lang))
        return
    if kind in _NO_FOLDERS:
        raise click.UsageError(f"{out.name}: build writes a folder, or a file named .html, .pdf or .zip")
    if lang:
        raise click.UsageError("--lang goes with -o NAME.html or -o NAME.pdf; a site has all languages")
    options: dict[str, Any] = {"url": url, "single_file": single_file, "handouts": handouts}
    if kind == ".zip":
        _guarded(out, lambda: _zip(story, out, options))
    else:
        _guarded(out, lambda: _site(story, out, {**options, "anew": anew}))


@click.command()
@click.argument("dist", type=click.Path(path_type=Path))
@click.option("--reason", metavar="TEXT", help="What readers are told, in place of a general sentence.")
def withdraw(dist: Path, reason: str | None) -> None:
    """Replace the built story in DIST by a notice at the same address, which articles show too."""

    def work() -> None:
        from storymap.withdrawal import withdraw as withdraw_site

        done = withdraw_site(dist, reason)
        click.echo(f"{dist}: '{done.manifest.title}' is withdrawn: {len(done.manifest.languages)} pages with a notice, "
                   f"{len(done.removed)} files gone")  # fmt: skip
        for place in done.moved:
            click.echo(f"{place}: withdrawn as well; it led on to the story")
        _tell_carried(done.carried)
        click.echo(
            "publish the folder again, so that readers see it; build the story again to take this back", err=True
        )

    _guarded(dist, work)


def _guarded(where: Path, work: Callable[[], None]) -> None:
    """Runs ``work``; what can go wrong ends in lines for people and exit code 1."""
    from storymap.browser import NoBrowser
    from storymap.embed import EmbedError
    from storymap.images import NoPicture
    from storymap.manifest import BadManifest
    from storymap.sitebuild import BuildRefused

    try:
        work()
    except (StoryError, BuildRefused, BadManifest, NoBrowser, NoPicture, EmbedError) as refused:
        raise SystemExit(_refused(str(refused))) from None
    except OSError as error:
        name = error.filename or where
        reason = (error.strerror or str(error)).lower()
        raise SystemExit(_refused(f"{name}: can not be written: {reason}")) from None


def _refused(lines: str) -> int:
    click.echo(lines, err=True)
    return 1


def _say(line: str) -> None:
    click.echo(line, err=True)


def _loaded(folder: Path, lang: str | None = None) -> Story:
    from storymap.storyfile import load

    return load(folder, lang)


def _site(story: Path, out: Path, options: dict[str, Any]) -> None:
    from storymap.geocache import user_cache
    from storymap.sitebuild import build_site

    built = build_site(_loaded(story), out, cache=user_cache(), say=_say, **options)
    _tell(built)


def _one_file(story: Path, out: Path, lang: str | None) -> None:
    from storymap.folderswap import check_place
    from storymap.geocache import user_cache
    from storymap.onefile import write_html, write_pdf

    check_place(out)
    write = write_pdf if out.suffix.lower() == ".pdf" else write_html
    size = write(_loaded(story, lang), out, cache=user_cache())
    click.echo(f"{out}: {_size(size)}")


def _zip(story: Path, out: Path, options: dict[str, Any]) -> None:
    from tempfile import TemporaryDirectory

    from storymap.folderswap import check_place
    from storymap.geocache import user_cache
    from storymap.onefile import write_zip
    from storymap.sitebuild import build_site

    check_place(out)
    with TemporaryDirectory() as folder:
        loaded = _loaded(story)
        built = build_site(loaded, Path(folder) / loaded.slug, cache=user_cache(), say=_say, alone=True, **options)
        size = write_zip(built.folder, out)
    _tell_notes(built)
    click.echo(f"{out}: {len(built.manifest.files) + 1} files, {_size(size)}")


def _tell(built: Built) -> None:
    total = len(built.manifest.files)
    size = sum(item.size for item in built.manifest.files)
    if not built.fresh:
        click.echo(f"{built.folder}: nothing has changed: {total} files, {_size(size)}")
    else:
        kept = total - len(built.changed)
        made = f"{built.drawn} pictures drawn, {built.reused} reused"
        gone = f", {len(built.removed)} gone" if built.removed else ""
        click.echo(f"{built.folder}: {total} files, {_size(size)}; {len(built.changed)} new or changed, {kept} as before"
                   f"{gone}; {made}")  # fmt: skip
    for place in built.moved:
        click.echo(f"{place}: leads on to {built.manifest.slug}; publish it at the old address")
    _tell_notes(built)
    _tell_carried(built.carried)


def _tell_notes(built: Built) -> None:
    from storymap.sitecheck import BUDGET

    for weight in built.weights:
        over = f": over the budget ({', '.join(weight.over)})" if weight.over else ""
        click.echo(
            f"{weight.path}: {_size(weight.page)} of {_size(BUDGET['page'])} compressed, "
            f"{_size(weight.first)} of {_size(BUDGET['first'])} up to the first step{over}"
        )
    for note in built.notes:
        click.echo(note, err=True)


def _tell_carried(carried: tuple[str, ...]) -> None:
    if carried:
        shown = ", ".join(carried[:5]) + (" …" if len(carried) > 5 else "")
        click.echo(f"no build made these, and they stay: {shown}", err=True)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1000:.1f} kB"
