"""What a person may set: the lake's place, tenants, facilities' time zones, measures, gates.

Order of precedence: a flag, the environment (`METRICCARE_<FLAG>`), the settings file, the default.
Flags and environment are read by the entry points; this module reads the file and checks it.
A key is declared once, as a field: its type, its default, and in words what it wants.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from metriccare import naming
from metriccare.causes import cause_of
from metriccare.errors import UsageError
from metriccare.serve_settings import ServeSettings, read_serve
from metriccare.typed_tables import checked_value, read_table, wanted

AUTO, DUCKDB, SPARK = "auto", "duckdb", "spark"
ENGINES = (AUTO, DUCKDB, SPARK)
CMS, INTERNAL = "cms", "internal"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_AGES = re.compile(r"(\d{1,3})(?:\+|-(\d{1,3}))")
_SECTIONS = {"tenant", "facility", "measures", "gates", "run", "revenue", "quality", "serve"}
_Table = TypeVar("_Table")


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


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


TimeZone = Annotated[
    str, wanted(f"an IANA time zone such as {naming.DEFAULT_TIME_ZONE!r}", holds=_is_time_zone)
]
FilePath = Annotated[Path, wanted('a path such as "codes"')]
Share = Annotated[float, wanted("a share from 0 to 1", ge=0, le=1)]
Rows = Annotated[int, wanted("a number of rows", ge=0)]
Days = Annotated[int, wanted("a number of days", ge=0)]
Hours = Annotated[int, wanted("a number of hours from 1", ge=1)]
RunId = Annotated[str, wanted("the id of a refused run")]
Text = Annotated[str | int | float, wanted("text")]
SmallCells = Annotated[str, wanted("cms or internal", holds={CMS, INTERNAL}.__contains__)]
Engine = Annotated[
    str, wanted(f"{', '.join(ENGINES[:-1])} or {ENGINES[-1]}", holds=ENGINES.__contains__)
]


@dataclass(frozen=True)
class TenantSettings:
    """One tenant: its default time zone and its name for people."""

    time_zone: TimeZone = naming.DEFAULT_TIME_ZONE
    name: Text | None = None


@dataclass(frozen=True)
class FacilitySettings:
    """One facility: its time zone."""

    time_zone: TimeZone = naming.DEFAULT_TIME_ZONE


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

    code_sets: FilePath | None = None
    planned_tables: FilePath | None = None
    predictions: FilePath | None = None
    ages: Mapping[str, Ages] = field(default_factory=dict)


@dataclass(frozen=True)
class GateLimits:
    """What the gates before publication let pass; see docs/rules.md.

    `drop_share` is the share of candidates or of a denominator that may vanish from one run to the
    next, looked at from `drop_base` on. `stale_days` is how old the newest arrival may be at
    as_of; None sets no limit. `accept` names a refused run whose doubts are right as they are.
    The shares of revenue: answers without their claim, credits of open receivables, what changed of
    a closed month, accounts out of balance; shares of rows are looked at from `share_base` on.
    """

    drop_share: Share = 0.2
    drop_base: Rows = 100
    stale_days: Days | None = None
    accept: RunId | None = None
    orphan_share: Share = 0.01
    credit_share: Share = 0.05
    restated_share: Share = 0.02
    out_of_balance_share: Share = 0.01
    share_base: Rows = 100


@dataclass(frozen=True)
class RevenueSettings:
    """How KPIs of the revenue cycle are computed and shown; see docs/revenue.md.

    `small_cells` is cms (rows with 1 to 10 persons behind them are hidden) or internal (shown, for
    the covered entity's own operations). An account is judged `run_out_days` after its date; a
    charge is late more than `late_charge_days` after the service.
    """

    small_cells: SmallCells = CMS
    run_out_days: Days = 120
    late_charge_days: Days = 3


@dataclass(frozen=True)
class QualitySettings:
    """How data quality is scored; see docs/rules.md.

    A score is over the rows received in `window_days`. Rows are timely up to `sla_hours` after the
    newest arrival; a feed or table may have hours of its own in `sla_hours_by_feed`.
    """

    window_days: Annotated[int, wanted("a number of days from 1", ge=1)] = 30
    sla_hours: Hours = 24
    sla_hours_by_feed: Annotated[
        Mapping[str, Hours], wanted("hours by feed or table, such as { claims = 168 }")
    ] = field(default_factory=dict)

    def sla_of(self, feed: str) -> int:
        """Return the hours within which a feed's rows are timely."""
        return self.sla_hours_by_feed.get(feed, self.sla_hours)


@dataclass(frozen=True)
class RunSettings:
    """How runs are computed."""

    engine: Engine = AUTO


@dataclass(frozen=True)
class FeedsFile:
    """The file that declares how senders spell feeds; `sources/feeds/contracts.py` reads it."""

    text: str
    path: str


@dataclass(frozen=True)
class Settings:
    """Everything read from the settings file, checked."""

    tenants: Mapping[str, TenantSettings] = field(default_factory=dict)
    facility_time_zones: Mapping[str, str] = field(default_factory=dict)
    measures: MeasureFiles = field(default_factory=MeasureFiles)
    gates: GateLimits = field(default_factory=GateLimits)
    engine: str = AUTO
    revenue: RevenueSettings = field(default_factory=RevenueSettings)
    quality: QualitySettings = field(default_factory=QualitySettings)
    feeds: FeedsFile | None = None
    serve: ServeSettings = field(default_factory=ServeSettings)

    def time_zone(self, tenant: str) -> str:
        """Return the tenant's default IANA time zone."""
        return self.tenants.get(tenant, TenantSettings()).time_zone


def load_settings(lake: Lake, config: Path | None = None) -> Settings:
    """Read the settings file: the one named, else the working folder's, else the lake's.

    Raises UsageError when a named file is missing, is not TOML, or has an unknown key or zone.
    """
    path = _settings_file(lake, config)
    feeds = _feeds_file(lake, path)
    if path is None:
        return Settings(feeds=feeds)
    try:
        document = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    return replace(_settings_of(document, path), feeds=feeds)


def _feeds_file(lake: Lake, settings: Path | None) -> FeedsFile | None:
    """Return the feeds file: the one beside the settings file, else working folder's or lake's."""
    if settings is not None:
        places = [settings.parent / naming.FEEDS_FILE]
    else:
        places = [Path(naming.FEEDS_FILE)]
        if not naming.is_in_bucket(lake.root):
            places.append(lake.folder / naming.FEEDS_FILE)
    path = next((place for place in places if place.is_file()), None)
    return None if path is None else FeedsFile(read_text(path), str(path))


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


def _settings_of(document: Mapping[str, Any], path: Path) -> Settings:
    unknown = sorted(set(document) - _SECTIONS)
    if unknown:
        raise UsageError(
            f"{path}: unknown section [{unknown[0]}]; known: {', '.join(sorted(_SECTIONS))}."
        )
    facilities = _tables(document, "facility", FacilitySettings, path)
    return Settings(
        tenants=_tenants(document, path),
        facility_time_zones={name: facility.time_zone for name, facility in facilities.items()},
        measures=_measure_files(document.get("measures", {}), path),
        gates=read_table(document.get("gates", {}), GateLimits, path, "gates"),
        engine=read_table(document.get("run", {}), RunSettings, path, "run").engine,
        revenue=read_table(document.get("revenue", {}), RevenueSettings, path, "revenue"),
        serve=read_serve(document.get("serve", {}), path),
        quality=read_table(document.get("quality", {}), QualitySettings, path, "quality"),
    )


def _tenants(document: Mapping[str, Any], path: Path) -> dict[str, TenantSettings]:
    tenants = _tables(document, "tenant", TenantSettings, path)
    for name in tenants:
        if not naming.TENANT_NAME.fullmatch(name):
            raise UsageError(
                f"{path}: no tenant can be called {name!r} in [tenant.{name!r}]; wanted 1-63"
                " letters, digits, '-' or '_'."
            )
    # A name such as 2024 needs no quotes.
    return {
        name: replace(tenant, name=None if tenant.name is None else str(tenant.name))
        for name, tenant in tenants.items()
    }


def _tables(
    document: Mapping[str, Any], section: str, declared: type[_Table], path: Path
) -> dict[str, _Table]:
    tables = document.get(section, {})
    if not isinstance(tables, dict) or not all(isinstance(v, dict) for v in tables.values()):
        raise UsageError(f'{path}: [{section}] must be tables such as [{section}."some-id"].')
    return {
        name: read_table(table, declared, path, f"{section}.{name}")
        for name, table in tables.items()
    }


def _measure_files(section: Any, path: Path) -> MeasureFiles:
    """Return what [measures] names; relative paths begin at the settings file's folder.

    Settings that come through a pipe have none: theirs begin at the working folder.
    """
    ages = section.get("ages", {}) if isinstance(section, dict) else {}
    others = {**section, "ages": {}} if isinstance(section, dict) else section
    folder = path.parent if path.is_file() else Path()
    files = read_table(others, MeasureFiles, path, "measures", folder)
    if not isinstance(ages, dict):
        raise UsageError(f'{path}: [measures.ages] wants ages such as readmission_30d = "65+".')
    return replace(files, ages={name: _ages_of(text, name, path) for name, text in ages.items()})


def _ages_of(text: object, measure: str, path: Path) -> Ages:
    match = _AGES.fullmatch(text) if isinstance(text, str) else None
    ages = Ages(int(match[1]), int(match[2]) if match[2] else None) if match else None
    if ages is None or (ages.most is not None and ages.most < ages.least):
        raise UsageError(
            f'{path}: {measure} in [measures.ages] wants ages such as "65+" or "65-94",'
            f" found {text!r}."
        )
    return ages


def engine_named(word: object) -> str:
    """Return the engine a person named; UsageError says which there are."""
    return str(checked_value(word, Engine))
