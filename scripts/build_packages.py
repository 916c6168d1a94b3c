"""Build what AWS runs: `dist/lambda.zip` and `dist/metriccare.gluewheels.zip`.

Both come out the same, byte for byte, from the same commit on any machine: names sorted, times
fixed, contents stored without compression (compressors differ between versions). Terraform deploys
by their hash, so an unchanged package is not deployed again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCE = REPOSITORY / "src"
LOCK = REPOSITORY / "requirements-glue.lock"
# What the functions import; nothing in it reaches Spark, and boto3 comes with Lambda.
LAMBDA_PARTS = (
    "lambda_functions",
    "src/metriccare/__init__.py",
    "src/metriccare/bootstrap_lambda.py",
    "src/metriccare/causes.py",
    "src/metriccare/errors.py",
    "src/metriccare/naming.py",
    "src/metriccare/aws",
    "src/metriccare/fhir/__init__.py",
    "src/metriccare/fhir/byte_account.py",
    "src/metriccare/steps",
    "src/metriccare/tracking",
)
# The first moment a zip file can name; also the wheel's build time.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_SOURCE_DATE_EPOCH = "315532800"
_LIMIT_BYTES = 10 * 2**20


def main() -> int:
    """Build both packages into a folder and print their sizes and hashes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "dist", help="folder")
    parser.add_argument("--wheels", type=Path, default=REPOSITORY / ".cache" / "glue-wheels")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    packages = {
        "lambda.zip": lambda_contents(),
        "metriccare.gluewheels.zip": bundle_contents(arguments.wheels),
    }
    for name, contents in packages.items():
        path = arguments.out / name
        write_zip(path, contents)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sys.stdout.write(f"{name}  {path.stat().st_size:,} bytes  sha256 {digest}\n")
    return 0


def lambda_contents() -> dict[str, bytes]:
    """Return the functions' code by its path in the zip; stop when it outgrows its limit."""
    contents = {}
    for part in LAMBDA_PARTS:
        place = REPOSITORY / part
        files = [place] if place.is_file() else sorted(place.rglob("*.py"))
        for file in files:
            contents[file.relative_to(REPOSITORY).as_posix().removeprefix("src/")] = (
                file.read_bytes()
            )
    size = sum(len(content) for content in contents.values())
    if size > _LIMIT_BYTES:
        raise SystemExit(f"lambda.zip would have {size:,} bytes; the limit is {_LIMIT_BYTES:,}.")
    return contents


def bundle_contents(cache: Path) -> dict[str, bytes]:
    """Return Glue's "zip of wheels": ours and its pinned dependencies, each with its hash."""
    with tempfile.TemporaryDirectory() as folder:
        wheels = [build_wheel(Path(folder)), *locked_wheels(cache)]
        contents = {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in wheels}
    contents["wheels/requirements.txt"] = "".join(
        f"{requirement(Path(name).name)} --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"
        for name, content in sorted(contents.items())
    ).encode()
    return contents


def build_wheel(folder: Path) -> Path:
    """Build the project's wheel, its files dated at the zip epoch."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": _SOURCE_DATE_EPOCH}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        check=True,
        capture_output=True,
        cwd=REPOSITORY,
        env=environment,
    )
    built = next(folder.glob("*.whl"))
    with zipfile.ZipFile(built) as wheel:
        contents = {name: wheel.read(name) for name in wheel.namelist()}
    write_zip(built, contents)
    return built


def locked_wheels(cache: Path) -> list[Path]:
    """Return the wheels of the lock for Glue's Python, downloaded once and checked by hash."""
    wanted = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.M))
    found = cached_wheels(cache, wanted)
    if len(found) < len(wanted):
        cache.mkdir(parents=True, exist_ok=True)
        target = ("--python-version", "3.11", "--platform", "manylinux2014_x86_64")
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet"),
                *("--require-hashes", "--no-deps", "--only-binary", ":all:", *target),
                *("--dest", cache, "--requirement", LOCK),
            ],
            check=True,
        )
        found = cached_wheels(cache, wanted)
    return found


def cached_wheels(cache: Path, wanted: Mapping[str, str]) -> list[Path]:
    """Return the wheels in the cache whose content the lock names."""
    allowed = set(re.findall(r"sha256:([0-9a-f]{64})", LOCK.read_text(encoding="utf-8")))
    names = tuple(f"{name.replace('-', '_')}-{version}-" for name, version in wanted.items())
    return [
        wheel
        for wheel in sorted(cache.glob("*.whl"))
        if wheel.name.startswith(names)
        and hashlib.sha256(wheel.read_bytes()).hexdigest() in allowed
    ]


def requirement(wheel_name: str) -> str:
    """Return `name==version` of a wheel file."""
    name, version, *_ = wheel_name.split("-")
    return f"{name}=={version}"


def write_zip(path: Path, contents: Mapping[str, bytes]) -> None:
    """Write a zip whose bytes depend on names and contents alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted_for_zip(contents):
            entry = zipfile.ZipInfo(name, date_time=_ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])


def sorted_for_zip(names: Iterable[str]) -> list[str]:
    """Return names in order, a wheel's own record last, where installers look for it."""
    return sorted(names, key=lambda name: (name.endswith(".dist-info/RECORD"), name))


if __name__ == "__main__":
    sys.exit(main())
