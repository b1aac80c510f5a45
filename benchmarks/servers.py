"""Servers to be measured: started, asked as often as they can answer, and their CPU and memory read."""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
WRK = shutil.which("wrk")
TICKS = 1e9  # of /proc/*/schedstat


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return found.getsockname()[1]


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        asked = http.client.HTTPConnection(HOST, self.port, timeout=30)
        with contextlib.closing(asked):
            asked.request("GET", path, headers=headers)
            answer = asked.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def pids(self) -> list[int]:
        return family(self.process.pid)

    def memory(self) -> int:
        """Its proportional share of memory, in bytes: what workers have in common counts once."""
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids()]
        return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) for text in rollups) * 1024


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def cpu_seconds(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended just now
                total += int(task.read_text().split()[0])
    return total / TICKS


@contextlib.contextmanager
def serving(command: list[str], env: dict[str, str], port: int, log: Path) -> Iterator[Server]:
    """Until the block ends; raises SystemExit with its log if it does not answer."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for(port, process, log)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{' '.join(process.args)} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def gunicorn(application: str, port: int, workers: int = 1) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "-b", f"{HOST}:{port}", "-k", "gthread", "-w", str(workers),
        "--threads", "4", "--log-level", "error", application,
    ]  # fmt: skip


def granian(application: str, port: int) -> list[str]:
    """Raises FileNotFoundError if it is not installed."""
    program = _program(str(Path(sys.executable).with_name("granian")))
    return [
        program, "--interface", "wsgi", "--host", HOST, "--port", str(port),
        "--workers", "1", "--blocking-threads", "1", "--log-level", "error", application,
    ]  # fmt: skip


def varnish_in_front(folder: Path, port: int, behind: int) -> list[str]:
    """In front of a port of the portal, by the rules of deploy/. Raises FileNotFoundError."""
    rules = (Path(__file__).parent.parent / "deploy/varnish.vcl").read_text()
    (folder / "portal.vcl").write_text(rules.replace('"8000"', f'"{behind}"'))
    return [
        _program("varnishd"), "-F", "-a", f"{HOST}:{port}", "-f", str(folder / "portal.vcl"),
        "-n", str(folder / "varnish"), "-j", "none", "-s", "malloc,64m", "-p", "thread_pools=1",
    ]  # fmt: skip


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError(name)
    return found


def nginx(folder: Path, port: int) -> list[str]:
    """Serves `folder`/www, with the .gz beside each file. Raises FileNotFoundError."""
    return _nginx(folder, f"server {{ listen {HOST}:{port}; root {folder}/www; gzip_static on; }}")


def nginx_in_front(folder: Path, port: int, behind: int, certificate: Path | None = None) -> list[str]:
    """Of a port of the portal, by the rules of deploy/; with TLS if there is a file with a certificate and
    its key. Raises FileNotFoundError."""
    rules = (Path(__file__).parent.parent / "deploy/nginx.conf").read_text()
    rules = re.sub(r"/etc/letsencrypt/\S+\.pem", str(certificate), rules)
    if certificate is None:
        rules = re.sub(r"(?m)^ *ssl_certificate.*$", "", rules).replace("ssl http2 ", "")
    for standing, here in {
        "listen 443": f"listen {HOST}:{port}",
        "listen 80": f"listen {HOST}:{free_port()}",
        "server 127.0.0.1:8000": f"server {HOST}:{behind}",
        "/var/cache/newsportal": f"{folder}/kept",
        "/srv/newsportal/var/media/": f"{folder}/media/",
    }.items():
        rules = rules.replace(standing, here)
    return _nginx(folder, rules)


def _nginx(folder: Path, rules: str) -> list[str]:
    program = _program("nginx")
    # Run by root, it gives its workers to a user who may not be let into a private folder.
    user = "user root;" if Path("/proc/self").owner() == "root" else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(f"""
        {user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
        events {{}}
        http {{ access_log off; types {{ text/html html; }} {temporary} {rules} }}
    """)
    return [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)]


@dataclass(frozen=True)
class Load:
    """What a server did for a while: requests a second, and the CPU of each."""

    number: int
    a_second: float
    cpu_ms: float


def load(
    server: Server,
    path: str,
    headers: dict[str, str],
    *,
    database: int | None,
    connections: int,
    seconds: int,
) -> Load:
    """As fast as it answers, by wrk. `database`: the process whose family's CPU counts too."""
    command = _wrk(server, path, headers, connections, seconds)
    pids = server.pids() + (family(database) if database else [])
    before, began = cpu_seconds(pids), time.perf_counter()
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    took, used = time.perf_counter() - began, cpu_seconds(pids) - before
    if "Non-2xx" in told and "If_None_Match" not in headers:
        raise SystemExit(f"{path} is not always answered with 200:\n{told}")
    number = int(re.search(r"(\d+) requests in", told)[1])
    return Load(number, number / took, used / max(number, 1) * 1000)


@contextlib.contextmanager
def reading(server: Server, path: str, **headers: str) -> Iterator[None]:
    """Sixteen connections ask for the page as fast as they are answered until the block ends."""
    process = subprocess.Popen(_wrk(server, path, headers, 16, 3600), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _wrk(server: Server, path: str, headers: dict[str, str], connections: int, seconds: int) -> list[str]:
    said = [word for name, value in headers.items() for word in ("-H", f"{name.replace('_', '-')}: {value}")]
    return [WRK, "-t1", f"-c{connections}", f"-d{seconds}s", *said, f"http://{HOST}:{server.port}{path}"]
