"""The project itself: what it declares, pins, packs and starts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from storymap.targets import DRIVERS

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DECLARED = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
OPTIONAL = [
    Requirement(line)
    for extra, lines in PROJECT["project"]["optional-dependencies"].items()
    if extra != "test"
    for line in lines
]
# Services that no test can reach: their drivers are not installed here, so nothing pins them.
ELSEWHERE = [Requirement(line) for extra in ("gs", "az") for line in PROJECT["project"]["optional-dependencies"][extra]]
FOR_TESTS = [Requirement(line) for line in PROJECT["project"]["optional-dependencies"]["test"]]
BUILD = [Requirement(line) for line in PROJECT["build-system"]["requires"]]
PINS = {
    canonicalize_name(line.split("==")[0]): line.split("==")[1]
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
}


def pulled_in(requirements: list[Requirement]) -> Iterator[tuple[str, Requirement]]:
    """Every distribution that these requirements bring on this machine, with who asked for it."""
    todo = [("pyproject.toml", requirement) for requirement in requirements]
    seen: set[tuple[str, str]] = set()
    while todo:
        asker, requirement = todo.pop()
        yield asker, requirement
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for line in distribution(name).requires or []:
                inner = Requirement(line)
                if inner.marker is None or inner.marker.evaluate({"extra": extra}):
                    todo.append((name, inner))


def test_everything_that_is_installed_is_pinned() -> None:
    here = [requirement for requirement in OPTIONAL if requirement not in ELSEWHERE]
    for asker, requirement in pulled_in([*DECLARED, *here, *FOR_TESTS, *BUILD]):
        name = canonicalize_name(requirement.name)
        assert name in PINS, f"{asker} needs {name}, which constraints.txt does not pin: run 'make constraints'"
        assert requirement.specifier.contains(PINS[name], prereleases=True), f"{asker} needs {requirement}"


def test_constraints_hold_versions_and_no_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line
    assert len(PINS) == len([line for line in lines if not line.startswith("#")]), "a name twice"
    assert not (ROOT / "uv.lock").exists()


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Top-level names that a file imports from elsewhere, and whether it does so as soon as it is imported itself."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            if name.split(".")[0] not in sys.stdlib_module_names | {"storymap"}:
                yield name.split(".")[0], node in tree.body


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    distributions = packages_distributions()
    declared = {canonicalize_name(requirement.name) for requirement in DECLARED}
    optional = {canonicalize_name(requirement.name) for requirement in OPTIONAL}
    used = {driver.module.split(".")[0] for driver in DRIVERS.values()}  # publishing imports them by name
    used |= {"authlib", "httpx"}  # Streamlit imports them where someone signs in
    for path in [*(ROOT / "src").rglob("*.py"), ROOT / "streamlit_app.py"]:
        for name, at_once in imports(path):
            needed = canonicalize_name(distributions[name][0])
            used.add(needed)
            assert needed in declared or (needed in optional and not at_once), f"{path.name} imports {needed}"
    assert (declared | optional) - used == set(), "declared, but nothing imports it"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without an index."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = out.glob("*.whl")
    return path


def test_the_wheel_holds_all_that_the_package_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
        metadata = archive.read(next(name for name in packed if name.endswith("/METADATA"))).decode()
    source = ROOT / "src" / "storymap"
    wanted = [path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    names = {f"storymap/{path.relative_to(source).as_posix()}" for path in wanted}
    assert names <= packed
    for needed in ("py.typed", "page/page.html.j2", "page/story.css", "page/js/story.js", "app/reader.css"):
        assert f"storymap/{needed}" in packed
    assert any(re.fullmatch(r"storymap/page/vendor/leaflet-[\d.]+/LICENSE", name) for name in packed)
    assert "storymap/basemap/basemap.yaml" in packed
    assert not any(name.split("/")[0] in ("tests", "geodata", "docs") for name in packed)
    assert "License-Expression: MIT" in metadata and "Requires-Python: >=3.11" in metadata


def test_the_wheel_works_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    story = tmp_path / "stories" / "one"
    story.mkdir(parents=True)
    (story / "story.yaml").write_text(
        "title: Alone\nsteps: [{id: a, title: A, view: {bounds: [60, 40, 80, 50]}, alt: A map, text: Some text.}]\n"
    )
    code = f"import storymap; print(storymap.__file__); print(len(storymap.render(storymap.load({str(story)!r}))))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": "site"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    path, size = done.stdout.split()
    assert Path(path).is_relative_to(tmp_path)
    assert int(size) > 100_000


def flattened(settings: dict[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{at}{key}.")
        else:
            yield f"{at}{key}", value


def test_streamlit_finds_the_app_and_its_settings() -> None:
    from streamlit import config
    from streamlit.web.server.app_discovery import discover_asgi_app

    script = ROOT / "streamlit_app.py"
    assert discover_asgi_app(script).import_string == "streamlit_app:app"
    assert len(script.read_text("utf-8").splitlines()) <= 30
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    flat = dict(flattened(settings))
    assert set(flat) <= set(config._config_options_template), "a setting that Streamlit does not know"
    assert flat["browser.gatherUsageStats"] is False
    assert flat["client.showErrorDetails"] == "none"
    assert flat["client.allowedOrigins"] == []
    assert flat["server.address"] == flat["browser.serverAddress"] == "localhost"


@pytest.mark.parametrize("script", [".ci/run", ".ci/setup", ".ci/pin"])
def test_scripts_can_be_read_by_a_plain_shell(script: str) -> None:
    shell = "bash" if "bash" in (ROOT / script).read_text("utf-8").splitlines()[0] else "sh"
    subprocess.run([shell, "-n", str(ROOT / script)], check=True)


def test_the_two_commands_set_up_and_start(tmp_path: Path) -> None:
    def plan(*words: str) -> str:
        done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout

    assert "sh .ci/setup app" in plan("app")
    assert 'streamlit run streamlit_app.py --server.address "localhost"' in plan("app")
    assert "--server.port" not in plan("app", "PORT=")
    assert '--server.port "9123"' in plan("app", "PORT=9123")
    test = plan("test")
    for part in ("sh .ci/setup test", "ruff check", "mypy", "lint-imports", 'pytest -m "not thorough" -n 2'):
        assert part in test
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-2:] == ["make test", "make thorough"]


def test_tests_have_no_network() -> None:
    import socket

    from offline import LEFT

    for attempt in (
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.org", 80),
    ):
        with pytest.raises(OSError, match="no network"):
            attempt()
        LEFT.pop()
