"""Certificates for the servers of the tests, made for a run: no key lies in the repository."""

import shutil
import subprocess
from pathlib import Path

import pytest


def make_certificate(folder: Path, name: str) -> Path:
    """Key and certificate in one file, for a name (as subjectAltName has it) and nobody else."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl is installed (Debian: apt install openssl)")
    file = folder / "server.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    )
    subprocess.run(
        [
            *command.split(),
            "-addext",
            f"subjectAltName={name}",
            "-keyout",
            file,
            "-out",
            file.with_suffix(".crt"),
        ],
        check=True,
        capture_output=True,
    )
    file.write_bytes(file.read_bytes() + file.with_suffix(".crt").read_bytes())
    return file
