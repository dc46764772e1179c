"""The command ``storymap``, also ``python -m storymap``. Exit codes: 0 fine, 1 a refused input, 2 wrong usage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import click

from storymap.browser import NoBrowser
from storymap.build_command import build, withdraw
from storymap.errors import StoryError
from storymap.schema import story_schema
from storymap.stories_command import export, import_, new

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="storymap-desk", prog_name="storymap")
def main() -> None:
    """Geographic story maps from a folder of plain files."""


main.add_command(build)
main.add_command(withdraw)
main.add_command(new)
main.add_command(import_)
main.add_command(export)


@main.command()
def schema() -> None:
    """Print the JSON Schema of story.yaml, by which an editor completes and checks its keys."""
    click.echo(json.dumps(story_schema(), indent=2, ensure_ascii=False))


class _Size(click.ParamType[tuple[int, int]]):
    """``1280x800``: width and height in pixels."""

    name = "WIDTHxHEIGHT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", value)
        if found is None:
            self.fail(f"'{value}' is no size: write width x height in pixels, as in 1280x800", param, ctx)
        width, height = int(found[1]), int(found[2])
        if not (200 <= width <= 4096 and 200 <= height <= 4096):
            self.fail(f"'{value}' is no size of a screen: each side has 200 to 4096 pixels", param, ctx)
        return width, height


@main.command()
@click.argument("story", type=click.Path(path_type=Path), default=".")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the files."
)
@click.option("--size", "sizes", type=_Size(), multiple=True, help="Screen; several may be given. [1280x800, 390x844]")
@click.option("--scheme", "schemes", type=click.Choice(["light", "dark"]), multiple=True, help="Colours. [light]")
@click.option("--lang", "langs", multiple=True, metavar="CODE", help="Language, or 'all'. [the story's own]")
@click.option("--step", "steps", multiple=True, metavar="ID", help="Only this step; several may be given. [all]")
@click.option("--ratio", type=click.IntRange(1, 4), default=1, help="Pixels of the picture for each of the screen. [1]")
@click.option("--sheet", is_flag=True, help="A contact sheet of each set, too.")
@click.option("--stills", "as_stills", is_flag=True, help="The steps' static maps as SVG instead; needs no browser.")
def images(
    story: Path,
    out: Path,
    sizes: tuple[tuple[int, int], ...],
    schemes: tuple[Literal["light", "dark"], ...],
    langs: tuple[str, ...],
    steps: tuple[str, ...],
    ratio: int,
    sheet: bool,
    as_stills: bool,
) -> None:
    """Take pictures of every step of STORY (a story folder), as readers see them.

    Nothing is fetched from other machines: of online basemaps the pictures show no tiles.
    """
    # Imported here: `storymap --help` needs no map libraries.
    from storymap.images import SCREENS, STILL, NoPicture, Screen, pictures, stills

    schemes = schemes or ("light",)
    if as_stills:
        if sheet or ratio != 1 or len(sizes) > 1:
            raise click.UsageError("--stills takes one --size, and neither --sheet nor --ratio")
        files = stills(story, out, size=sizes[0] if sizes else STILL, schemes=schemes, langs=langs, steps=steps)
    else:
        sides = sizes or [(screen.width, screen.height) for screen in SCREENS]
        screens = [Screen(*size, scheme, ratio) for size in dict.fromkeys(sides) for scheme in dict.fromkeys(schemes)]
        files = pictures(story, out, screens=screens, langs=langs, steps=steps, sheet=sheet)
    try:
        count = _told(files)
    except (StoryError, NoBrowser, NoPicture) as refused:
        raise SystemExit(_refused(str(refused))) from None
    except OSError as error:
        where = error.filename or out
        raise SystemExit(_refused(f"{where}: can not be written: {(error.strerror or str(error)).lower()}")) from None
    click.echo(f"{count} files in {out}", err=True)


@main.command()
@click.argument("dist", type=click.Path(path_type=Path))
@click.argument("target")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--prune", is_flag=True, help="Delete at once what only readers of the version before still need.")
@click.option(
    "--gzip",
    type=click.Choice(["auto", "beside", "none"]),
    default="auto",
    help="auto: text is stored compressed where the target can say so; beside: NAME.gz beside each text file, "
    "for nginx's gzip_static; none. [auto]",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def publish(
    dist: Path, target: str, dry_run: bool, prune: bool, gzip: Literal["auto", "beside", "none"], as_json: bool
) -> None:
    """Publish DIST, a folder that `storymap build` wrote, to TARGET.

    TARGET is a folder, s3://bucket/folder, gs://bucket/folder, az://container/folder or sftp://user@host/folder.
    Credentials come from the service's usual places. Readers have the old story until the new one is there, whole;
    after a cut, run the same command again. Only files that were published before are ever deleted.
    """
    from storymap.publish import Refused, in_words
    from storymap.publish import publish as publish_folder

    try:
        report = publish_folder(
            dist,
            target,
            dry_run=dry_run,
            prune=prune,
            gzip=gzip,
            say=lambda done: click.echo(f"{done.number}/{done.of} {done.action} {done.path}", err=True),
        )
    except Refused as refused:
        raise SystemExit(_refused(str(refused))) from None
    click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2) if as_json else in_words(report))


def _told(files: Iterable[Path]) -> int:
    """Names each file when it is there; how many there were."""
    count = 0
    for path in files:
        click.echo(path)
        count += 1
    return count


def _refused(lines: str) -> int:
    click.echo(lines, err=True)
    return 1
