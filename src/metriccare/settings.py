"""What a person may set: the lake's place, tenants, facilities' time zones.

Order of precedence: a flag, the environment (`METRICCARE_<FLAG>`), the settings file, the default.
Flags and environment are read by the entry points; this module reads the file and checks it.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from metriccare import naming
from metriccare.causes import cause_of
from metriccare.errors import UsageError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SECTIONS = {"tenant", "facility", "measures", "gates", "run"}
_TENANT_KEYS = {"time_zone", "name"}
_FACILITY_KEYS = {"time_zone"}
_MEASURE_KEYS = {"code_sets", "planned_tables", "predictions"}
_AGES_KEY = "ages"
AUTO, DUCKDB, SPARK = "auto", "duckdb", "spark"
ENGINES = (AUTO, DUCKDB, SPARK)
_AGES = re.compile(r"(\d{1,3})(?:\+|-(\d{1,3}))")

# What each key of [gates] wants, in words and as a test.
_GATE_KEYS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "drop_share": (
        "a share from 0 to 1",
        lambda value: isinstance(value, int | float) and 0 <= value <= 1,
    ),
    "drop_base": ("a number of rows", lambda value: isinstance(value, int) and value >= 0),
    "stale_days": ("a number of days", lambda value: isinstance(value, int) and value >= 0),
    "accept": ("the id of a refused run", lambda value: isinstance(value, str)),
}


@dataclass(frozen=True)
class Lake:
    """The root of a lake: a folder or `s3://bucket/prefix`."""

    root: str

    def path(self, relative: str) -> str:
        """Return the place of something below the root: an `s3://` URL or an absolute path."""
        is_url = naming.is_in_bucket(self.root)
        root = self.root.rstrip("/") if is_url else os.path.abspath(self.root)
        return f"{root}/{relative}"

    @property
    def folder(self) -> Path:
        """Return the root as a folder; UsageError for a lake in S3."""
        if naming.is_in_bucket(self.root):
            raise UsageError(f"{self.root} is not a folder; this needs a lake on this machine.")
        return Path(self.root)


def lake_root(text: str) -> str:
    """Return the root of the lake a person named: `~` and `file://` become a folder's path.

    Raises UsageError for an address that is neither a folder nor in S3.
    """
    scheme = _SCHEME.match(text)
    if scheme is None:
        return os.path.expanduser(text) if text.startswith("~") else text
    name, rest = scheme[1].lower(), text[scheme.end() :]
    if name == "s3":
        return f"s3://{rest}"
    if name != "file":
        advice = f" Did you mean s3://{rest}?" if name in {"s3a", "s3n"} else ""
        raise UsageError(f"A lake is a folder or s3://bucket/prefix, found {text!r}.{advice}")
    path = unquote(rest.removeprefix("localhost"))
    if not path.startswith("/"):
        raise UsageError(f"{text!r} names another machine: wanted file:///folder, or the folder.")
    return path


def read_text(path: Path) -> str:
    """Return the text of a file a person wrote; a byte order mark is no part of it.

    Raises UsageError when it cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(cause_of(error)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = "UTF-16" if content.startswith(_UTF_16_MARKS) else "another encoding"
        raise UsageError(
            f"{path} is not UTF-8 text: it is in {found}. Save it as UTF-8, then try again."
        ) from error


@dataclass(frozen=True)
class TenantSettings:
    """One tenant: its default time zone and its name for people."""

    time_zone: str = naming.DEFAULT_TIME_ZONE
    name: str | None = None


@dataclass(frozen=True)
class Ages:
    """The ages at admission a measure counts, in whole years, both included; None: no limit."""

    least: int = 18
    most: int | None = None

    def __str__(self) -> str:
        """Return them as the settings spell them."""
        return f"{self.least}+" if self.most is None else f"{self.least}-{self.most}"


@dataclass(frozen=True)
class MeasureFiles:
    """A user's own files and ages that measures are computed by; see docs/measures.md."""

    code_sets: Path | None = None
    planned_tables: Path | None = None
    predictions: Path | None = None
    ages: Mapping[str, Ages] = field(default_factory=dict)


@dataclass(frozen=True)
class GateLimits:
    """What the gates before publication let pass; see docs/rules.md.

    `drop_share` is the share of candidates or of a denominator that may vanish from one run to the
    next, looked at from `drop_base` on. `stale_days` is how old the newest arrival may be at
    as_of; None sets no limit. `accept` names a refused run whose drop or age is right as it is.
    """

    drop_share: float = 0.2
    drop_base: int = 100
    stale_days: int | None = None
    accept: str | None = None


@dataclass(frozen=True)
class Settings:
    """Everything read from the settings file, checked."""

    tenants: Mapping[str, TenantSettings] = field(default_factory=dict)
    facility_time_zones: Mapping[str, str] = field(default_factory=dict)
    measures: MeasureFiles = field(default_factory=MeasureFiles)
    gates: GateLimits = field(default_factory=GateLimits)
    engine: str = AUTO

    def time_zone(self, tenant: str) -> str:
        """Return the tenant's default IANA time zone."""
        return self.tenants.get(tenant, TenantSettings()).time_zone


def load_settings(lake: Lake, config: Path | None = None) -> Settings:
    """Read the settings file: the one named, else the working folder's, else the lake's.

    Raises UsageError when a named file is missing, is not TOML, or has an unknown key or zone.
    """
    path = _settings_file(lake, config)
    if path is None:
        return Settings()
    try:
        document = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    return _settings_of(document, path)


def _settings_file(lake: Lake, config: Path | None) -> Path | None:
    if config is not None:
        # A pipe will do, as in `--config <(...)`.
        if not config.exists() or config.is_dir():
            raise UsageError(f"There is no settings file {config}.")
        return config
    places = [Path(naming.SETTINGS_FILE)]
    if not naming.is_in_bucket(lake.root):
        places.append(lake.folder / naming.SETTINGS_FILE)
    return next((place for place in places if place.is_file()), None)


def _settings_of(document: Mapping[str, object], path: Path) -> Settings:
    tenants = {
        _tenant(name, path): TenantSettings(
            time_zone=_zone(path, f"tenant.{name}", values.get("time_zone")),
            name=_text_or_none(values.get("name")),
        )
        for name, values in _section(document, "tenant", _TENANT_KEYS, path).items()
    }
    facilities = {
        name: _zone(path, f"facility.{name}", values.get("time_zone"))
        for name, values in _section(document, "facility", _FACILITY_KEYS, path).items()
    }
    unknown = sorted(set(document) - _SECTIONS)
    if unknown:
        raise UsageError(
            f"{path}: unknown section [{unknown[0]}]; known: {', '.join(sorted(_SECTIONS))}."
        )
    files = _measure_files(document.get("measures", {}), path)
    limits = _gate_limits(document.get("gates", {}), path)
    engine = _engine(document.get("run", {}), path)
    return Settings(tenants, facilities, files, limits, engine)


def _engine(section: object, path: Path) -> str:
    if not isinstance(section, dict) or set(section) - {"engine"}:
        raise UsageError(f'{path}: [run] has one key, such as engine = "{AUTO}".')
    try:
        return engine_named(section.get("engine", AUTO))
    except UsageError as error:
        raise UsageError(f"{path}: engine in [run] {error}") from error


def engine_named(word: object) -> str:
    """Return the engine a person named; UsageError says which there are."""
    if word not in ENGINES:
        raise UsageError(f"wants {', '.join(ENGINES[:-1])} or {ENGINES[-1]}, found {word!r}.")
    return str(word)


def _tenant(name: str, path: Path) -> str:
    if not naming.TENANT_NAME.fullmatch(name):
        raise UsageError(
            f"{path}: no tenant can be called {name!r} in [tenant.{name!r}]; wanted 1-63 letters,"
            " digits, '-' or '_'."
        )
    return name


def _gate_limits(section: object, path: Path) -> GateLimits:
    if not isinstance(section, dict):
        raise UsageError(f"{path}: [gates] must be a table with keys such as drop_share = 0.2.")
    for key, value in section.items():
        if key not in _GATE_KEYS:
            raise UsageError(
                f"{path}: unknown key {key!r} in [gates]; known: {', '.join(sorted(_GATE_KEYS))}."
            )
        wanted, holds = _GATE_KEYS[key]
        if isinstance(value, bool) or not holds(value):
            raise UsageError(f"{path}: {key} in [gates] wants {wanted}, found {value!r}.")
    return GateLimits(**section)


def _measure_files(section: object, path: Path) -> MeasureFiles:
    """Return what [measures] names; relative paths begin at the settings file's folder.

    Settings that come through a pipe have none: theirs begin at the working folder.
    """
    files = dict(section) if isinstance(section, dict) else {}
    ages = files.pop(_AGES_KEY, {})
    if not isinstance(section, dict) or not all(isinstance(v, str) for v in files.values()):
        raise UsageError(f'{path}: [measures] wants paths such as code_sets = "codes".')
    unknown = sorted(set(files) - _MEASURE_KEYS)
    if unknown:
        raise UsageError(
            f"{path}: unknown key {unknown[0]!r} in [measures];"
            f" known: {', '.join(sorted(_MEASURE_KEYS | {_AGES_KEY}))}."
        )
    folder = path.parent if path.is_file() else Path()
    places = {key: folder / value for key, value in files.items()}
    return MeasureFiles(**places, ages=_ages(ages, path))


def _ages(section: object, path: Path) -> dict[str, Ages]:
    if not isinstance(section, dict):
        raise UsageError(f'{path}: [measures.ages] wants ages such as readmission_30d = "65+".')
    return {measure: _ages_of(text, measure, path) for measure, text in section.items()}


def _ages_of(text: object, measure: str, path: Path) -> Ages:
    found = _AGES.fullmatch(text) if isinstance(text, str) else None
    ages = Ages(int(found[1]), int(found[2]) if found[2] else None) if found else None
    if ages is None or (ages.most is not None and ages.most < ages.least):
        raise UsageError(
            f'{path}: {measure} in [measures.ages] wants ages such as "65+" or "65-94",'
            f" found {text!r}."
        )
    return ages


def _section(
    document: Mapping[str, object], name: str, known: set[str], path: Path
) -> dict[str, dict[str, object]]:
    section = document.get(name, {})
    if not isinstance(section, dict) or not all(isinstance(v, dict) for v in section.values()):
        raise UsageError(f'{path}: [{name}] must be tables such as [{name}."some-id"].')
    for entry, values in section.items():
        unknown = sorted(set(values) - known)
        if unknown:
            raise UsageError(
                f"{path}: unknown key {unknown[0]!r} in [{name}.{entry}];"
                f" known: {', '.join(sorted(known))}."
            )
    return section


def _zone(path: Path, where: str, value: object) -> str:
    if value is None:
        return naming.DEFAULT_TIME_ZONE
    try:
        ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"{path}: {value!r} in [{where}] is not an IANA time zone such as"
            f" {naming.DEFAULT_TIME_ZONE!r}."
        ) from error
    return str(value)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
