"""The rules of the house: sizes, floors, words, and documents that are complete."""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for path in (ROOT / "bot").rglob("*.py") if "versions" not in path.parts)
FUNCTIONS = [
    (path, node)
    for path in FILES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]
CLASSES = [
    (path, node)
    for path in FILES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.ClassDef)
]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def _ninth_decile(values: list[int]) -> float:
    return statistics.quantiles(values, n=10)[-1]


def test_files_are_small() -> None:
    """Median at most 150 lines, nine in ten at most 400, none above 500."""
    sizes = {path: _lines(path) for path in FILES}
    assert statistics.median(sizes.values()) <= 150
    assert _ninth_decile(list(sizes.values())) <= 400
    assert not {path.name: size for path, size in sizes.items() if size > 500}


def test_functions_are_small() -> None:
    """Nine in ten at most 35 lines, none above 80."""
    sizes = {f"{path.name}:{node.name}": _length(node) for path, node in FUNCTIONS}
    assert _ninth_decile(list(sizes.values())) <= 35
    assert not {name: size for name, size in sizes.items() if size > 80}


def test_classes_are_small() -> None:
    """None above 250 lines."""
    assert not {node.name: _length(node) for _, node in CLASSES if _length(node) > 250}


def test_the_floors_hold() -> None:
    """Imports go down only, and each library has its one door."""
    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("trafilatura", {"parse"}),
        ("feedparser", {"parse"}),
        ("bs4", {"parse"}),
        ("yaml", {"config"}),
        ("aiosmtplib", {"deliver"}),
        ("lark", {"match"}),
        ("ahocorasick_rs", {"match"}),
        ("re2", {"match"}),
        ("apscheduler", {"run", "digest"}),
        ("protego", {"fetch"}),
    ],
)
def test_a_library_has_one_door(library: str, doors: set[str]) -> None:
    """A library is imported in the room that it serves, and nowhere else."""
    importing = {
        path.relative_to(ROOT / "bot").parts[0]
        for path in FILES
        if re.search(rf"^\s*(?:from|import) {library}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importing <= doors


def test_only_the_clock_reads_the_clock() -> None:
    """`now` is an argument everywhere else."""
    asking = re.compile(
        r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|time\.time\(|time\.monotonic\(|perf_counter"
    )
    guilty = [
        path.name for path in FILES if path.name != "clock.py" and asking.search(path.read_text("utf-8"))
    ]
    assert not guilty


def test_no_left_overs() -> None:
    """No notes to ourselves, no bare except, no blanket ignores."""
    left = re.compile(
        r"TODO|FIXME|XXX|raise NotImplementedError|except:\s|# type: ignore$|pragma: no cover", re.MULTILINE
    )
    assert not [path.name for path in FILES if left.search(path.read_text("utf-8"))]


def test_every_module_says_what_it_is_for() -> None:
    """A module begins with its purpose."""
    assert not [path.name for path in FILES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]


def test_tests_neither_sleep_nor_mock() -> None:
    """Fakes rather than mocks, conditions rather than naps."""
    forbidden = re.compile(
        r"\btime\.sleep|unittest\.mock|MagicMock|monkeypatch\.setattr|mark\.skip|pytest\.skip\("
    )
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.name != Path(__file__).name]
    assert not [path.name for path in tests if forbidden.search(path.read_text("utf-8"))]


def test_nothing_names_a_registry_or_a_machine() -> None:
    """Files hold no registry's address and no path of somebody's machine."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    banned = re.compile(r"(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com)|/(?:work|farm)/", re.IGNORECASE)
    guilty = []
    for name in tracked:
        path = ROOT / name
        if (
            name
            and path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".json", ".sh", ""}
            and path.is_file()
        ):
            text = path.read_text("utf-8", errors="replace")
            if banned.search(text) and path.name != Path(__file__).name:
                guilty.append(name)
    assert not guilty


def test_the_readme_names_only_commands_that_exist() -> None:
    """Every `newsbot …` in the README is a command of ours."""
    from typer.main import get_command

    from bot.cli import app

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"newsbot ([a-z]+)", (ROOT / "README.md").read_text("utf-8"))) - {"newsbot"}
    assert named <= known, named - known


def test_the_readme_links_to_files_that_exist() -> None:
    """No dead link into the repository."""
    text = (ROOT / "README.md").read_text("utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    assert not [target for target in targets if "://" not in target and not (ROOT / target).exists()]


def test_the_version_stands_in_one_place() -> None:
    """The package's version is the program's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", __import__("bot").__version__)
