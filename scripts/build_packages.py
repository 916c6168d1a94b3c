"""Build AWS packages into `dist`: three zips for functions, and the bundle of wheels for Glue.

`site/` is the built page beside them, where it was built.

They come out the same, byte for byte, from the same commit on any machine: names sorted, times
fixed, contents stored without compression (compressors differ between versions). Terraform deploys
by their hash, so an unchanged package is not deployed again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCE = REPOSITORY / "src"
LOCK = REPOSITORY / "requirements-glue.lock"
SMALL_LOCK = REPOSITORY / "requirements-small.lock"
SERVING_LOCK = REPOSITORY / "requirements-serving.lock"
# What the functions import; nothing in it reaches Spark, and boto3 comes with Lambda.
LAMBDA_PARTS = (
    "lambda_functions",
    "src/metriccare/__init__.py",
    "src/metriccare/causes.py",
    "src/metriccare/errors.py",
    "src/metriccare/naming.py",
    "src/metriccare/aws",
    "src/metriccare/sources/__init__.py",
    "src/metriccare/sources/fhir/__init__.py",
    "src/metriccare/sources/fhir/byte_account.py",
    "src/metriccare/ingest",
    "src/metriccare/monitoring",
    "src/metriccare/tracking",
    "src/metriccare/upkeep/__init__.py",
    "src/metriccare/upkeep/month.py",
    "src/metriccare/wiring/__init__.py",
    "src/metriccare/wiring/lambda_functions.py",
)
VIEWS = REPOSITORY / "sql" / "athena"
# What the function for small runs does not import: commands, the API, Spark, and what asks lakes.
NOT_SMALL = (
    *("access", "api", "aws/serving", "commands", "engine/spark", "local", "report", "web"),
    *("query/datasets", "query/duckdb", "query/trino"),
)
# What the functions that serve do not import: commands, every engine, the stages, this machine.
NOT_SERVED = (
    *("commands", "engine", "incremental", "ingest", "local", "monitoring", "pipeline"),
    *("publishing", "query/duckdb", "query/trino", "upkeep", "web"),
)
# Functions whose imports are not in lambda.zip.
_WITH_OWN_PACKAGE = ("make_export", "run_small", "serve_published", "serving")
_SERVING_WIRING = ("__init__", "api_checks", "api_published", "serving_published")
_OWN_FILES = (".py", ".sql", ".json")
_GLUE_TARGET = ("--python-version", "3.11", "--platform", "manylinux2014_x86_64")
# Wheels name the oldest C library they run with; Lambda's for Python 3.13 is 2.34.
_LAMBDA_PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_26_aarch64", "manylinux_2_28_aarch64")
_LAMBDA_TARGET = (
    *("--python-version", "3.13"),
    *(word for platform in _LAMBDA_PLATFORMS for word in ("--platform", platform)),
)
# Of a wheel: folders, types, tests.
_NOT_RUN = re.compile(r"/$|\.pyi$|/tests/")
_THIS_MACHINE: tuple[str, ...] = ()
# The first moment a zip file can name; also the wheel's build time.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_SOURCE_DATE_EPOCH = "315532800"
_LIMIT_BYTES = 10 * 2**20
# Lambda takes 250 MB, unpacked; the rest is for growth.
_SMALL_LIMIT_BYTES = 180 * 2**20
_SERVING_LIMIT_BYTES = 120 * 2**20


def main() -> int:
    """Build the packages into a folder and print their sizes and hashes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=REPOSITORY / "dist", help="folder")
    parser.add_argument("--wheels", type=Path, default=REPOSITORY / ".cache" / "glue-wheels")
    parser.add_argument("--small-wheels", type=Path, default=REPOSITORY / ".cache" / "small-wheels")
    parser.add_argument(
        "--serving-wheels", type=Path, default=REPOSITORY / ".cache" / "serving-wheels"
    )
    parser.add_argument(
        "--this-machine",
        action="store_true",
        help="small_run.zip and serving.zip for this Python, to try them here",
    )
    arguments = parser.parse_args()
    target = _THIS_MACHINE if arguments.this_machine else _LAMBDA_TARGET
    arguments.out.mkdir(parents=True, exist_ok=True)
    packages = {
        "lambda.zip": lambda_contents(),
        "small_run.zip": small_contents(arguments.small_wheels, target),
        "serving.zip": serving_contents(arguments.serving_wheels, target),
        "metriccare.gluewheels.zip": bundle_contents(arguments.wheels),
    }
    for name, contents in packages.items():
        path = arguments.out / name
        write_zip(path, contents)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sys.stdout.write(f"{name}  {path.stat().st_size:,} bytes  sha256 {digest}\n")
    files = copy_page(SOURCE / "metriccare" / "web", arguments.out / "site")
    sys.stdout.write(
        f"site  {files} files\n" if files else "site  not built: python -m scripts.build_web\n"
    )
    return 0


def lambda_contents() -> dict[str, bytes]:
    """Return the functions' code by its path in the zip; stop if it exceeds its limit."""
    contents = {}
    for part in LAMBDA_PARTS:
        place = REPOSITORY / part
        files = [place] if place.is_file() else sorted(place.rglob("*.py"))
        # Its imports are not in this package.
        own = (file for file in files if file.parent.name not in _WITH_OWN_PACKAGE)
        contents |= {_place_in_zip(file): file.read_bytes() for file in own}
    _check_size("lambda.zip", contents, _LIMIT_BYTES)
    return contents


def small_contents(cache: Path, target: Sequence[str]) -> dict[str, bytes]:
    """Return the function for small runs with its packages and the models it needs, translated."""
    contents = _of_wheels(cache, SMALL_LOCK, target)
    contents |= own_small_contents()
    contents |= translated_models()
    _check_size("small_run.zip", contents, _SMALL_LIMIT_BYTES)
    return contents


def serving_contents(cache: Path, target: Sequence[str]) -> dict[str, bytes]:
    """Return the functions that serve, with their packages."""
    contents = _of_wheels(cache, SERVING_LOCK, target) | own_serving_contents()
    _check_size("serving.zip", contents, _SERVING_LIMIT_BYTES)
    return contents


def own_serving_contents() -> dict[str, bytes]:
    """Return the project's own files of the functions that serve by their path in the zip."""
    found = _own_contents(NOT_SERVED, ("serve_published", "make_export"))
    return {
        place: content
        for place, content in found.items()
        if not place.startswith("metriccare/wiring/") or Path(place).stem in _SERVING_WIRING
    }


def copy_page(page: Path, to: Path) -> int:
    """Copy the files of the built page in place of older ones; return how many there are."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    if not (page / "index.html").is_file():
        return 0
    shutil.copytree(page, to, dirs_exist_ok=True)
    return sum(1 for file in to.rglob("*") if file.is_file())


def _of_wheels(cache: Path, lock: Path, target: Sequence[str]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for wheel in locked_wheels(cache / "-".join(target[1::2] or ["this"]), lock, target):
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not _NOT_RUN.search(name)]
            contents |= {name: archive.read(name) for name in names}
    return contents


def own_small_contents() -> dict[str, bytes]:
    """Return the project's own files of the function for small runs by their path in the zip."""
    return _own_contents(NOT_SMALL, ("run_small",))


def _own_contents(rooms: Sequence[str], functions: Sequence[str]) -> dict[str, bytes]:
    """Return the package without some rooms, and some functions."""
    package, left_out = SOURCE / "metriccare", tuple(f"{room}/" for room in rooms)
    found = [
        file
        for file in sorted(package.rglob("*"))
        if file.suffix in _OWN_FILES
        and not file.relative_to(package).as_posix().startswith(left_out)
    ]
    for function in functions:
        found += (REPOSITORY / "lambda_functions").glob(f"{function}/*.py")
    # Where a wheel has them too: the published marts are made of views.
    views = {f"metriccare/query/athena/{file.name}": file for file in VIEWS.glob("*.sql")}
    places = {**{_place_in_zip(file): file for file in found}, **views}
    contents = {place: file.read_bytes() for place, file in places.items()}
    return {**contents, "lambda_functions/__init__.py": b""}


def translated_models() -> dict[str, bytes]:
    """Return the file of translations, which runs over a small lake made."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "scripts.translate_models", folder],
            check=True,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{REPOSITORY}"},
        )
        return {f"translations/{file.name}": file.read_bytes() for file in Path(folder).iterdir()}


def _place_in_zip(file: Path) -> str:
    return file.relative_to(REPOSITORY).as_posix().removeprefix("src/")


def _check_size(name: str, contents: Mapping[str, bytes], limit: int) -> None:
    size = sum(len(content) for content in contents.values())
    if size > limit:
        raise SystemExit(f"{name} would have {size:,} bytes; the limit is {limit:,}.")


def bundle_contents(cache: Path) -> dict[str, bytes]:
    """Return Glue's "zip of wheels": ours and its pinned dependencies.

    The names have no `--hash`: it is not known whether Glue gives the file to pip as it is. The
    wheels are checked by hash when the bundle is built, and no index is asked when it is installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        wheels = [build_wheel(Path(folder)), *locked_wheels(cache, LOCK, _GLUE_TARGET)]
        contents = {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in wheels}
    contents["wheels/requirements.txt"] = "".join(
        f"{requirement(Path(name).name)}\n" for name in sorted(contents)
    ).encode()
    return contents


def build_wheel(folder: Path) -> Path:
    """Build the project's wheel without the page, its files dated at the zip epoch."""
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": _SOURCE_DATE_EPOCH,
        "METRICCARE_WITHOUT_PAGE": "1",
    }
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


def locked_wheels(cache: Path, lock: Path, target: Sequence[str]) -> list[Path]:
    """Return the wheels of a lock for a target, downloaded once and checked by hash."""
    text = lock.read_text(encoding="utf-8")
    wanted = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.M))
    allowed = set(re.findall(r"sha256:([0-9a-f]{64})", text))
    found = cached_wheels(cache, wanted, allowed)
    if len(found) < len(wanted):
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet"),
                *("--require-hashes", "--no-deps", "--only-binary", ":all:", *target),
                *("--dest", cache, "--requirement", lock),
            ],
            check=True,
        )
        found = cached_wheels(cache, wanted, allowed)
    return found


def cached_wheels(cache: Path, wanted: Mapping[str, str], allowed: Collection[str]) -> list[Path]:
    """Return the wheels in the cache whose content a lock names."""
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
    """Write a zip whose bytes depend only on names and contents."""
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
