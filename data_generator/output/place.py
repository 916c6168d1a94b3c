"""Where a run writes: aside first, moved into place when whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_generator.config import GeneratorConfig, GeneratorError

_ASIDE = ".generating"
# truth.json last: a folder without it holds no finished run.
PRODUCTS = ("json", "days", "truth.json")


@contextmanager
def output_folder(config: GeneratorConfig) -> Iterator[Path]:
    """A folder to write into; its products move to ``config.out`` only if nothing fails."""
    out = config.out
    _refuse_to_overwrite(out, config.force)
    aside = out / _ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
        _publish(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_to_overwrite(out: Path, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise GeneratorError(f"{out} is a file: choose a folder for the output.")
    kept = [path.name for path in out.iterdir() if path.name != _ASIDE] if out.exists() else []
    if kept and not force:
        raise GeneratorError(
            f"{out} is not empty (it holds {sorted(kept)[0]}): choose another folder, "
            "or --force to replace what an earlier run wrote there."
        )


def _publish(aside: Path, out: Path) -> None:
    for name in reversed(PRODUCTS):
        old = out / name
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    for name in PRODUCTS:
        if (aside / name).exists():
            (aside / name).rename(out / name)
