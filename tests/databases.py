"""Databases for tests: a fresh SQLite file or PostgreSQL database each, made from a template.

PostgreSQL runs as a private cluster on a Unix socket, one for each test session (and each xdist
worker). Its programs refuse root, so as root they run as another user. Without them the tests skip
visibly; under HOMTHU_TESTS_MUST_NOT_SKIP=1 they fail.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, Engine, create_engine, make_url

from storage import engines
from storage.database import Database
from storage.migrations import VERSION_TABLE

TEMPLATE = "homthu_template"
_SETTINGS = (
    "listen_addresses=''",
    "fsync=off",  # a test that stops the server stops a process, never a machine
    "full_page_writes=off",
    "deadlock_timeout=100ms",
    "max_connections=200",
    "autovacuum=off",
)
_EMPTY = f"""
    DO $$
    DECLARE one regclass;
    BEGIN
        SET LOCAL session_replication_role = replica;
        SET LOCAL lock_timeout = '1s';
        FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relname <> '{VERSION_TABLE}'
            AND relnamespace = 'public'::regnamespace
        LOOP EXECUTE 'DELETE FROM ' || one; END LOOP;
    END $$"""
_OWN_DATABASE = ("storage", "promises", "journeys", "running")
"""Folders of tests that change the schema or look below the rows: each gets a fresh database."""


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Let all databases of a kind share what is compiled: each would compile every statement anew.

    That was a quarter of the processor time of a test that asks a database.
    """
    first: dict[tuple[str, object], Engine] = {}

    def create(url: str | URL, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        kind = make_url(url).get_backend_name(), options.get("isolation_level")
        known = first.setdefault(kind, engine)
        if known is not engine and known.dialect.default_schema_name:  # it has connected once
            engine.dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "create_engine", create)
        yield


def skip(reason: str) -> None:
    """Skip this test visibly, or fail it where nothing may be skipped."""
    if os.environ.get("HOMTHU_TESTS_MUST_NOT_SKIP") == "1":
        pytest.fail(f"must not be skipped here: {reason}")
    pytest.skip(reason)


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    return next((each for each in reversed(folders) if (each / "initdb").exists()), None)


class Cluster:
    """A private PostgreSQL server in a folder of its own."""

    def __init__(self, programs: Path, settings: tuple[str, ...] = _SETTINGS) -> None:
        self._programs = programs
        self._owner = _unprivileged_user() if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="homthu-pg-"))
        if self._owner is not None:
            os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
        self._run("initdb", "-U", "homthu", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with (self.folder / "data" / "postgresql.auto.conf").open("a") as written:
            lines = [*settings, f"unix_socket_directories='{self.folder}'"]
            written.write("\n".join([*lines, ""]))
        self._made = 0

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def close(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://homthu@/{name}?host={self.folder}"

    def admin(self, statement: str) -> None:
        """Run a statement outside any database of a test."""
        address = f"host={self.folder} user=homthu dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def make_template(self) -> None:
        self.admin(f"CREATE DATABASE {TEMPLATE}")
        database = Database(self.url(TEMPLATE))
        database.upgrade()
        database.close()

    def new_database(self) -> str:
        """Make a database with the current schema and return its name."""
        self._made += 1
        name = f"homthu_{self._made}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def empty(self, name: str) -> bool:
        """Take every row out of a database that no test uses any more; False where that fails."""
        address = f"host={self.folder} user=homthu dbname={name}"
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(_EMPTY.encode())
        except psycopg.Error:  # somebody still holds a lock in it
            return False
        return True

    def drop(self, name: str) -> None:
        self.admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> None:
        owner = self._owner
        identity = {} if owner is None else {
            "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []
        }  # fmt: skip
        subprocess.run(
            [self._programs / program, "-D", self.folder / "data", *arguments],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **identity,
        )


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise LookupError("no user to run PostgreSQL as")


def new_cluster() -> Cluster:
    """Start a private cluster, or skip the test."""
    programs = postgres_programs()
    if programs is None:
        skip("PostgreSQL's initdb and pg_ctl are not installed")
    cluster = Cluster(programs)
    try:
        cluster.start()
        cluster.make_template()
    except BaseException:
        cluster.close()
        raise
    return cluster


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One running cluster for the whole session. Do not stop it: take `own_cluster` for that."""
    cluster = new_cluster()
    yield cluster
    cluster.close()


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A cluster that this test may stop and start."""
    cluster = new_cluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the current schema and nothing in it."""
    path = tmp_path_factory.mktemp("template") / "homthu.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.checkpoint()
    database.close()
    return path


@pytest.fixture
def new_sqlite(sqlite_template: Path, tmp_path: Path) -> Callable[..., Database]:
    """Makes a SQLite database with the current schema in this test's folder."""

    def make(name: str = "homthu.db", busy_seconds: float = 5.0) -> Database:
        path = tmp_path / name
        shutil.copy(sqlite_template, path)
        path.chmod(0o600)
        return Database(f"sqlite:///{path}", busy_seconds)

    return make


@pytest.fixture
def sqlite_database(new_sqlite: Callable[..., Database]) -> Iterator[Database]:
    """An empty SQLite database."""
    database = new_sqlite()
    yield database
    database.close()


@pytest.fixture(scope="session")
def emptied() -> list[str]:
    """PostgreSQL databases that a test has used and that hold nothing any more."""
    return []


@pytest.fixture
def postgres_database(
    request: pytest.FixtureRequest, postgres_cluster: Cluster, emptied: list[str]
) -> Iterator[Database]:
    """An empty PostgreSQL database; emptying one takes a hundredth of the time of making one."""
    own = bool(set(_OWN_DATABASE) & set(request.path.parts))
    name = emptied.pop() if emptied and not own else postgres_cluster.new_database()
    database = Database(postgres_cluster.url(name))
    yield database
    database.close()
    if not own and postgres_cluster.empty(name):
        emptied.append(name)
    else:
        postgres_cluster.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database of each kind in turn."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of four megabytes."""
    if os.geteuid() != 0:
        skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        skip("this machine does not let us mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
