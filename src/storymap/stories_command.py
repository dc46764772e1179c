"""``storymap new``, ``storymap import`` and ``storymap export``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from storymap.errors import StoryError

if TYPE_CHECKING:
    from storymap.incoming.receive import Received
    from storymap.incoming.stops import Report, Trip
    from storymap.newstory import NewStory

__all__ = ["export", "import_", "new"]

LANGS = ("en", "ru", "kk")


@click.command()
@click.argument("story", type=click.Path(path_type=Path))
@click.option("--template", type=click.Choice(["blank", "places", "route"]), default="blank", help="[blank]")
@click.option("--title", default="", help="Title of the story.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of the texts. [that of the title]")
@click.option("--country", default="Kazakhstan", help="Country that the story begins with. [Kazakhstan]")
def new(story: Path, template: str, title: str, lang: str | None, country: str) -> None:
    """Begin a story: make the folder STORY, from a template.

    From a spreadsheet a story is made by `storymap import`.
    """

    def work() -> None:
        from storymap.countries import basemap_beside, city_names, countries
        from storymap.errors import nearest
        from storymap.incoming.tongue import guess_lang
        from storymap.templates import from_template

        tongue = lang or guess_lang(title)
        where = _whole(story)
        known = {name.casefold(): one for one in countries(basemap_beside(where.parent)) for name in one.names.values()}
        if country.casefold() not in known:
            close = nearest(country, [one.name() for one in known.values()])
            raise click.UsageError(f"no country '{country}'{close}")
        made = from_template(
            template, known[country.casefold()], title=title, lang=tongue,  # type: ignore[arg-type]
            names=city_names(basemap_beside(where.parent), tongue),
        )  # fmt: skip
        _make(where, made)

    _guarded(work)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the new story. [the name of the first file]"
)
@click.option("--title", default="", help="Title, where the files have none.")
@click.option("--lang", type=click.Choice(LANGS), help="Language of the texts. [en, or as the files say]")
@click.option("--country", help="Spreadsheet: look for places in this country only.")
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Spreadsheet: which column holds what."
)
@click.option("--route", is_flag=True, help="Spreadsheet: a line that grows from place to place.")
def import_(
    files: Sequence[Path],
    out: Path | None,
    title: str,
    lang: str | None,
    country: str | None,
    columns: Sequence[str],
    route: bool,
) -> None:
    """Make a story of FILES that come from elsewhere.

    A zip that `storymap export` made; a JSON of StoryMapJS; the config.js of Mapbox' storytelling template; Chapters and
    Options of Leaflet Storymaps as CSV or XLSX; or a spreadsheet (CSV, XLSX) with a row for each step. Pictures may come
    along, also in a zip. Nothing is fetched. What could not be carried over is told, and kept in IMPORT.md.
    """

    def work() -> None:
        from storymap.incoming.receive import receive

        received = receive([(path.name, path.read_bytes()) for path in files], lang or "")
        if received.kind == "story":
            _import_story(received, out)
            return
        from storymap.incoming.compose import compose

        trip = received.trip or _sheet(received, title, lang or "en", country, columns, route=route)
        trip.title = title or trip.title or Path(received.name).stem
        made = compose(trip)
        _make(_whole(out or Path(_slug(trip.title))), made)
        _tell(trip.report)

    _guarded(work)


@click.command()
@click.argument("story", type=click.Path(path_type=Path), default=".")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE", help="The zip. [the story's name .zip]")
def export(story: Path, out: Path | None) -> None:
    """Pack the folder STORY into a zip that imports again, byte for byte.

    The same folder gives the same zip. Hidden files, such as the history, stay behind.
    """

    def work() -> None:
        from storymap.durable import replace
        from storymap.storyfile import STORY_FILE
        from storymap.storyzip import ZipRefused, pack

        where = _whole(story)
        if not (where / STORY_FILE).is_file():
            raise ZipRefused(f"{STORY_FILE}: not in folder '{where.name}': a story folder holds one")
        target = out or Path(f"{where.name}.zip")
        content = pack(where)
        replace(target, content)
        click.echo(f"{target}: {len(content) / 1000:.1f} kB")

    _guarded(work)


def _import_story(received: Received, out: Path | None) -> None:
    from storymap.storyzip import bring_in, unpack_story

    content = received.zipped or b""
    where = _whole(out or Path(_slug(unpack_story(content).name or Path(received.name).stem)))
    folder, said = bring_in(where.parent, content, where.name)
    click.echo(folder)
    for line in said:
        click.echo(line, err=True)


def _sheet(
    received: Received, title: str, lang: str, country: str | None, columns: Sequence[str], *, route: bool
) -> Trip:
    from storymap.incoming.carry import Refused
    from storymap.incoming.columns import guess_fields
    from storymap.incoming.sheet import Choices, questions, read_sheet, rows_of
    from storymap.placenames import country_code, place_label

    table = received.table
    assert table
    code = country_code(country) if country else None
    if country and code is None:
        raise click.UsageError(f"no country '{country}'")
    choices = Choices({**guess_fields(table.header), **_named(columns, table.header)}, title, lang, code, route)
    if not choices.fields.keys() & {"title", "text", "place"}:
        header = ", ".join(table.header)
        raise Refused(
            f"{received.name}: no column for title, text or place; name them with --column title=…; it has: {header}"
        )
    rows = rows_of(table.csv)
    if asked := questions(table.header, rows, choices):
        lines = [
            f"row {one.row}: which '{one.name}'? " + "; ".join(place_label(found) for found in one.found)
            for one in asked
        ]
        hint = "write the country behind the name ('Aktau, Kazakhstan'), its longitude and latitude, or use --country"
        raise Refused("\n".join([*lines, hint]))
    return read_sheet(table.header, rows, choices, received.files, f"spreadsheet '{received.name}'")


def _named(columns: Sequence[str], header: Sequence[str]) -> Mapping[str, str]:
    from storymap.errors import nearest
    from storymap.incoming.columns import FIELDS

    found = {}
    for said in columns:
        name, _, column = said.partition("=")
        if name not in FIELDS:
            raise click.UsageError(f"--column {said}: no field '{name}'{nearest(name, FIELDS)}")
        if column not in header:
            raise click.UsageError(f"--column {said}: no column '{column}'{nearest(column, header)}")
        found[name] = column
    return found


def _make(where: Path, made: NewStory) -> None:
    from storymap.storyfolders import create

    click.echo(create(where.parent, where.name, made.write))


def _tell(report: Report) -> None:
    for heading, lines in (("to be checked:", report.ask), ("not carried over:", list(report.lines()))):
        if lines:
            click.echo(heading, err=True)
        for line in lines:
            click.echo(f"  {line}", err=True)


def _slug(title: str) -> str:
    from storymap.slugs import slug_of

    return slug_of(title, "story")


def _whole(path: Path) -> Path:
    """With a name and a folder above it, also when it is ``.``."""
    return path.absolute() if path.name not in ("", "..") else path.resolve()


def _guarded(work: Callable[[], None]) -> None:
    """Runs ``work``; what can go wrong ends in lines for people and exit code 1."""
    from storymap.durable import SaveError
    from storymap.incoming.carry import Refused
    from storymap.storyzip import ZipRefused

    try:
        work()
    except (StoryError, SaveError, Refused, ZipRefused) as refused:
        click.echo(str(refused), err=True)
        raise SystemExit(1) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        click.echo(f"{error.filename or 'the file'}: {reason}", err=True)
        raise SystemExit(1) from None
