"""A PostgreSQL server for tests, on a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Server", "programs", "running_server"]

# PostgreSQL refuses to run as root.
_USER = "nobody" if os.name == "posix" and os.geteuid() == 0 else None
_SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "autovacuum=off")


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; ``None`` if it is not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    folders += [Path(found).parent] if found is not None else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Server:
    """A running server.

    Parameters
    ----------
    folder : Path
        The folder of its data and its socket.
    bin : Path
        The folder of the programs.
    """

    def __init__(self, folder: Path, bin: Path) -> None:
        self.folder = folder
        self._bin = bin
        self._databases = 0
        self._unused: list[str] = []

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Return the URL of an empty database."""
        import psycopg

        if self._unused:
            return self._unused.pop()
        self._databases += 1
        name = f"test{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def empty(self, url: str) -> None:
        """Empty a database, which another test may use then.

        A new one takes twice as long, and hundreds of files that are removed slowly.
        """
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        self._unused.append(url)

    def control(self, *arguments: str) -> None:
        """Start or stop the server."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", *arguments)

    def start(self) -> None:
        """Start the server."""
        settings = [f"unix_socket_directories={self.folder}", *_SETTINGS]
        options = " ".join(f"-c {setting}" for setting in settings)
        self.control("-l", str(self.folder / "server.log"), "-o", options, "start")

    def create(self) -> None:
        """Make the data of the server."""
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust",
            "-E", "UTF8", "--locale", "C", "--no-sync",
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._bin / program, *arguments],
            check=True,
            user=_USER,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def running_server(bin: Path) -> Iterator[Server]:
    """Yield a server that stops at the end."""
    # Short: a socket has a path of at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    try:
        if _USER is not None:
            shutil.chown(folder, _USER)
        server = Server(folder, bin)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
