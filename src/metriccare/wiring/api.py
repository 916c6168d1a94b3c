"""Wiring of the API on this machine: its stores, its issuer, and the app."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp

import metriccare
from metriccare import naming
from metriccare.access.issuer_client import HttpIssuerClient
from metriccare.access.issuer_keys import IssuerKeys
from metriccare.access.pseudonyms import Pseudonyms
from metriccare.api.app import create_app
from metriccare.api.body_cache import BodyCache
from metriccare.api.cursors import Cursors
from metriccare.api.frame import Frame
from metriccare.api.gate import Gate
from metriccare.api.limits import MemoryLimiter
from metriccare.api.metrics import Metrics
from metriccare.api.published import PublishedReads
from metriccare.api.readiness import Readiness
from metriccare.api.services import Services
from metriccare.api.sessions import Lifetimes, MemorySessions, SessionKeeper
from metriccare.api.sign_in import SignIn
from metriccare.api.streams import Streams
from metriccare.errors import UsageError
from metriccare.local.acknowledgements import AcknowledgementFile
from metriccare.local.audit_files import AuditFiles
from metriccare.local.export_jobs import ExportJobs
from metriccare.local.folder_store import FolderStore
from metriccare.local.issuer.keys import KeyFile
from metriccare.local.issuer.pages import issuer_app
from metriccare.local.issuer.provider import AUDIENCE, CLIENT, Provider
from metriccare.local.issuer.users import users_of
from metriccare.local.saved_views import SavedViewFile
from metriccare.local.secrets_folder import FOLDER as SERVE_FOLDER
from metriccare.local.secrets_folder import secret_of
from metriccare.object_store import read_if_there
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.publication import OPERATIONS
from metriccare.serve_settings import OidcSettings, ServeSettings
from metriccare.settings import Lake, Settings
from metriccare.wiring.api_checks import checks_of
from metriccare.wiring.api_evidence import LakeEvidence
from metriccare.wiring.api_operations import LakeOperations
from metriccare.wiring.api_published import PublishedFigures

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# Whoever runs a server on the user's loopback sees its cookies: sessions there are shorter.
_LAPTOP = Lifetimes(whole=3600)


@dataclass(frozen=True)
class Address:
    """Where the API listens; the development issuer listens on the port after it."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Return True if only this machine can connect."""
        return self.host in {"127.0.0.1", "localhost", "::1"}

    @property
    def issuer_port(self) -> int:
        """Return the port of the development issuer."""
        return self.port + 1


@dataclass(frozen=True)
class Served:
    """The API of a lake; `issuer` is None where a configured one signs people in."""

    app: Frame
    services: Services
    serve: ServeSettings
    provider: Provider | None
    issuer: ASGIApp | None
    close: Callable[[], None]


def served(lake: Lake, settings: Settings, address: Address) -> Served:
    """Return the API of a lake on this machine; UsageError for an unsafe address."""
    serve = settings.serve
    check_address(address, serve)
    folder = _existing(lake)
    provider = None if serve.oidc else development_provider(lake, settings, address)
    oidc = serve.oidc or _development_oidc(address)
    audit = AuditFiles(folder, "api")
    services, exports = _services(lake, settings, oidc, address, audit)

    def close() -> None:
        services.readiness.close()
        exports.close()
        audit.close()

    issuer = issuer_app(provider, _hosts(address.issuer_port, ())) if provider else None
    return Served(create_app(services), services, serve, provider, issuer, close)


def development_provider(lake: Lake, settings: Settings, address: Address) -> Provider:
    """Return the development issuer of a lake."""
    users = users_of(settings.serve.users, tenants_of(_existing(lake), settings))
    names = (*LOOPBACK, address.host)
    redirects = frozenset(f"http://{name}:{address.port}/auth/callback" for name in names)
    return Provider(_issuer(address), KeyFile(lake.folder), users, redirects)


def check_address(address: Address, serve: ServeSettings) -> None:
    """Raise UsageError for an address that others reach without a real sign-in and TLS."""
    if address.is_loopback:
        return
    if serve.oidc is None or serve.tls_certificate is None or serve.tls_key is None:
        raise UsageError(
            f"--host {address.host} can be reached from other machines: that needs [serve.oidc],"
            " tls_certificate and tls_key in [serve] of the settings. Leave --host out to serve"
            " this machine only."
        )


def tenants_of(folder: Path, settings: Settings) -> tuple[str, ...]:
    """Return the tenants of a lake: those with published marts, uploads, or settings."""
    found = [
        *_folders(folder / naming.MARTS_FOLDER),
        *_folders(folder / naming.RAW_FOLDER),
        *settings.tenants,
    ]
    known = [name for name in found if naming.TENANT_NAME.fullmatch(name)]
    return tuple(dict.fromkeys(known)) or (naming.DEFAULT_TENANT,)


def _services(
    lake: Lake, settings: Settings, oidc: OidcSettings, address: Address, audit: AuditFiles
) -> tuple[Services, ExportJobs]:
    folder, serve = lake.folder, settings.serve
    client, limiter, is_tls = HttpIssuerClient(), MemoryLimiter(), serve.tls_certificate is not None
    keys = IssuerKeys(oidc.issuer, client)
    sessions = MemorySessions()
    keeper = SessionKeeper(sessions, Lifetimes() if serve.oidc else _LAPTOP)
    secret = _secret(oidc.client_secret) if oidc.client_secret else None
    sign_in = SignIn(oidc, secret, client, keys, keeper)
    cache, metrics = BodyCache(), Metrics()
    objects = FolderStore(folder)
    lake_files = PublishedFigures(PointerFiles(objects), PointerFiles(objects, OPERATIONS))
    lake_files.open_in_background()
    published, operations = (
        PublishedReads(lake_files.engine, lake_files.files),
        LakeOperations(lake),
    )
    metrics.gauge("metriccare_sessions", "Sessions that are open", sessions.count)
    metrics.gauge("metriccare_cache_bytes", "Bytes of cached answers", lambda: cache.bytes)
    metrics.gauge("metriccare_publication_age_seconds", "Age of the oldest publication",
                  lake_files.age_seconds)  # fmt: skip
    checks = {
        **checks_of(sign_in, audit, cache),
        "storage": lambda: _listed(folder),
        "publication": lake_files.check,
        "tracking": operations.check,
        "last_run": operations.check_last_run,
    }
    exports = ExportJobs(folder / SERVE_FOLDER / "exports", published, _now)
    services = Services(
        published=published,
        cursors=Cursors(secrets.token_bytes(32)),
        gate=Gate(sign_in, limiter, is_tls),
        sign_in=sign_in,
        audit=audit,
        audit_rows=audit,
        limiter=limiter,
        metrics=metrics,
        cache=cache,
        readiness=Readiness(checks, _now),
        operations=operations,
        evidence=LakeEvidence(lake, settings),
        exports=exports,
        views=SavedViewFile(folder / SERVE_FOLDER / "views.db"),
        acknowledgements=AcknowledgementFile(folder / SERVE_FOLDER / "acknowledgements.db"),
        beacon=lambda: read_if_there(objects, naming.BEACON_FILE),
        streams=Streams(),
        pseudonyms=Pseudonyms(secret_of(folder, "pseudonyms")),
        clock=_now,
        hosts=_hosts(address.port, (*serve.allowed_hosts, address.host)),
        issuer=oidc.issuer,
        is_tls=is_tls,
        is_development=serve.oidc is None,
        allowed_origins=frozenset(serve.allowed_origins),
        site=built_page(),
    )
    return services, exports


def built_page() -> Path | None:
    """Return the folder of the built page; None where it was not built."""
    folder = Path(metriccare.__file__).parent / "web"
    return folder if (folder / "index.html").is_file() else None


def _listed(folder: Path) -> str:
    next(folder.iterdir(), None)
    return "the lake's folder can be read"


def _existing(lake: Lake) -> Path:
    if not lake.folder.is_dir():
        raise UsageError(
            f"There is no lake in {lake.root}. Make one (`metriccare demo`, or `metriccare ingest`"
            " and `metriccare run`), or name another with --lake."
        )
    return lake.folder


def _development_oidc(address: Address) -> OidcSettings:
    return OidcSettings(_issuer(address), CLIENT, audience=AUDIENCE)


def _issuer(address: Address) -> str:
    return f"http://127.0.0.1:{address.issuer_port}"


def _hosts(port: int, others: Sequence[str]) -> frozenset[str]:
    names = [*LOOPBACK, *others]
    return frozenset(f"{name.lower()}:{port}" for name in names) | {n.lower() for n in others}


def _folders(folder: Path) -> list[str]:
    return (
        sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    )


def _secret(name: str) -> str:
    """Return a secret of AWS Secrets Manager by its name."""
    import boto3

    client = boto3.client("secretsmanager")
    found: str = client.get_secret_value(SecretId=name)["SecretString"]
    return found


def _now() -> datetime:
    return datetime.now(UTC)
