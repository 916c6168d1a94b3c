"""The output folder: files are written to a staging folder and moved when all are complete."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_generator.config import GeneratorConfig, GeneratorError

_STAGING = ".generating"
# truth.json is moved last: a folder without it has no finished run.
PRODUCTS = ("json", "feeds", "days", "truth_accounts.ndjson", "truth.json")


@contextmanager
def output_folder(config: GeneratorConfig) -> Iterator[Path]:
    """Yield a folder to write to; its products move to ``config.out`` if nothing fails."""
    out = config.out
    _refuse_to_overwrite(out, config.force)
    staging = out / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield staging
        _publish(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _refuse_to_overwrite(out: Path, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise GeneratorError(f"{out} is a file: choose a folder for the output.")
    kept = [path.name for path in out.iterdir() if path.name != _STAGING] if out.exists() else []
    if kept and not force:
        raise GeneratorError(
            f"{out} is not empty (it holds {sorted(kept)[0]}): choose another folder, "
            "or --force to replace what an earlier run wrote there."
        )


def _publish(staging: Path, out: Path) -> None:
    for name in reversed(PRODUCTS):
        old = out / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    for name in PRODUCTS:
        if (staging / name).exists():
            (staging / name).rename(out / name)
