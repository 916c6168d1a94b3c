"""`serve`: the API and its page on this machine, with sign-in."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from metriccare.commands.options import DEFAULT_LAKE, ConfigOption, LakeOption, example
from metriccare.errors import SetupError, UsageError
from metriccare.interruption import Interrupted

if TYPE_CHECKING:
    import uvicorn

    from metriccare.wiring.api import Address, Served

app = typer.Typer()
_PORT = 8440
# Idle browsers come back within a minute; uvicorn's 5 seconds reset connections they still use.
_KEEP_ALIVE_SECONDS = 75
_END_SECONDS = 2


@app.command(epilog=example("metriccare serve --lake ./lake --open"))
def serve(
    port: Annotated[int, typer.Option(envvar="METRICCARE_PORT", min=1, max=65534)] = _PORT,
    host: Annotated[
        str, typer.Option(envvar="METRICCARE_HOST", help="Another one needs [serve.oidc] and TLS.")
    ] = "127.0.0.1",
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.")
    ] = False,
    token: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="Print a bearer token of a role for an hour, and end."),
    ] = None,
    rotate_keys: Annotated[
        bool, typer.Option("--rotate-keys", help="Sign with a new key from now on.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every request.")] = False,
    config: ConfigOption = None,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Serve the API and the page of published results; read-only, each read is audited.

    Without [serve.oidc] in the settings, a development issuer on the next port signs people in
    without passwords, on this machine only.
    """
    # Collecting while modules load takes a tenth of the start, and nothing is garbage yet.
    gc.disable()
    _require_packages()
    from metriccare.settings import Lake, load_settings
    from metriccare.wiring.api import Address, development_provider, served

    place = Lake(lake)
    settings, address = load_settings(place, config), Address(host, port)
    if token is not None or rotate_keys:
        if settings.serve.oidc is not None:
            raise UsageError("[serve.oidc] names an issuer: it makes the tokens and the keys.")
        provider = development_provider(place, settings, address)
        if rotate_keys:
            provider.keys.rotate()
        if token is not None:
            from metriccare.local.issuer.users import user_with_role

            user = user_with_role(tuple(provider.users.values()), token)
            sys.stdout.write(provider.access_token(user) + "\n")
            return
    _log_to_stderr(verbose)
    sockets = _sockets(address, with_issuer=settings.serve.oidc is None)
    running = served(place, settings, address)
    # What is there now stays to the end: later collections leave it out.
    gc.freeze()
    gc.enable()
    try:
        _announce(running, address, open_browser)
        _run(running, sockets, verbose)
    finally:
        running.close()
    _end()


def _end() -> None:
    """End the process at once: nothing is left to do.

    A thread that is inside DuckDB while Python shuts down aborts the process.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _log_to_stderr(verbose: bool) -> None:
    """Show errors on stderr, and with --verbose each request as a line of JSON."""
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name, level in (("metriccare.api", logging.ERROR), ("metriccare.requests", logging.INFO)):
        logger = logging.getLogger(name)
        if verbose or level == logging.ERROR:
            logger.addHandler(handler)
            logger.setLevel(level)


def _require_packages() -> None:
    try:
        import jwt  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise SetupError(
            f"`serve` needs the package {error.name}: pip install 'metriccare[serve]'."
        ) from error


def _sockets(address: Address, *, with_issuer: bool) -> list[socket.socket]:
    """Return the bound sockets; SetupError names the next free port if one is taken."""
    ports = [address.port, address.issuer_port] if with_issuer else [address.port]
    sockets = [_bound(address.host, port) for port in ports]
    taken = [port for port, bound in zip(ports, sockets, strict=True) if bound is None]
    if not taken:
        return [bound for bound in sockets if bound is not None]
    for bound in sockets:
        if bound is not None:
            bound.close()
    raise SetupError(f"Port {taken[0]} is taken. Free is --port {_next_free(address, len(ports))}.")


def _next_free(address: Address, count: int) -> int:
    for port in range(address.port + 1, 65535 - count):
        tried = [_bound(address.host, port + number) for number in range(count)]
        for bound in tried:
            if bound is not None:
                bound.close()
        if None not in tried:
            return port
    raise SetupError("No port is free on this machine.")


def _bound(host: str, port: int) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        return None
    return bound


def _announce(running: Served, address: Address, open_browser: bool) -> None:
    scheme = "https" if running.services.is_tls else "http"
    where = f"{scheme}://{address.host}:{address.port}"
    lines = [f"MetricCare is served at {where}"]
    if running.services.site is None:
        lines.append("The page is not built (`make setup` builds it); the API answers below /v1.")
    if running.provider is None:
        lines.append(f"People sign in at {running.services.issuer}.")
    else:
        lines.append("Development sign-in, without passwords, for this machine only:")
        lines += [
            f"  {user.name}: {', '.join(user.roles)}; tenant {', '.join(user.tenants)}"
            for user in running.provider.users.values()
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    if open_browser:
        import webbrowser

        # The sockets listen already: the browser waits a moment.
        threading.Timer(0.5, webbrowser.open, (where,)).start()


def _run(running: Served, sockets: list[socket.socket], verbose: bool) -> None:
    """Serve until a signal comes; then finish what is in flight, for at most 2 seconds."""
    import uvicorn

    serve = running.serve
    tls = {} if not running.services.is_tls else {
        "ssl_certfile": str(serve.tls_certificate), "ssl_keyfile": str(serve.tls_key)
    }  # fmt: skip
    api = uvicorn.Server(_config(running.app, verbose, **tls))
    issuer = None
    if running.issuer is not None:
        issuer = uvicorn.Server(_config(running.issuer, verbose))
        threading.Thread(target=issuer.run, args=([sockets[1]],), daemon=True).start()
    try:
        with contextlib.suppress(Interrupted):  # uvicorn raises the signal again when it has ended
            api.run(sockets[:1])
    finally:
        if issuer is not None:
            issuer.should_exit = True


def _config(app: object, verbose: bool, **tls: str) -> uvicorn.Config:
    import uvicorn

    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_level="info" if verbose else "warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_END_SECONDS,
        **tls,  # type: ignore[arg-type]
    )
