"""Trino's jars and the JDK it needs: found, or assembled once into the project's cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from importlib import resources
from pathlib import Path

from metriccare.errors import SetupError

VERSION = "483"
JAVA = 25
HOME_VARIABLE = "METRICCARE_TRINO"
# Trino's own packaging adds these service files; they are missing in its Maven artifacts.
_PLUGINS = ("io.trino.plugin.hudi.HudiPlugin", "io.trino.plugin.hive.HivePlugin")
_SERVICE = "META-INF/services/io.trino.spi.Plugin"
_JDK_FOLDERS = ("/usr/lib/jvm", "/opt", "/Library/Java/JavaVirtualMachines")


def trino_home() -> Path:
    """Return Trino's folder: `METRICCARE_TRINO`, else in the project's cache."""
    named = os.environ.get(HOME_VARIABLE)
    cache = Path(__file__).resolve().parents[4] / ".cache" / f"trino-{VERSION}"
    return Path(named) if named else cache


def server_jars(home: Path) -> Path:
    """Return the folder of the server's jars."""
    return home / "server"


def plugin_jars(home: Path) -> Path:
    """Return the folder of the one plugin, which reads Hudi and Hive tables."""
    return home / "plugin" / "hudi"


def is_installed(home: Path) -> bool:
    """Return True if Trino was assembled completely: the service jar is written last."""
    return (plugin_jars(home) / "services.jar").is_file()


def install(home: Path) -> None:
    """Fetch Trino with Maven (240 MB) unless it is there; SetupError if that fails."""
    if is_installed(home):
        return
    if shutil.which("mvn") is None:
        raise SetupError("Trino is fetched by Maven, which is not installed; install `mvn`.")
    _fetch("server", server_jars(home))
    _fetch("hudi", plugin_jars(home))
    with zipfile.ZipFile(plugin_jars(home) / "services.jar", "w") as jar:
        jar.writestr(_SERVICE, "\n".join(_PLUGINS) + "\n")


def jdk() -> Path:
    """Return a JDK of the version Trino needs; SetupError if there is none."""
    for home in _candidates():
        if _major_version(home) >= JAVA and (home / "bin" / "javac").is_file():
            return home
    raise SetupError(
        f"Trino needs a JDK {JAVA} and none was found; install one (for example Temurin {JAVA})"
        f" or name it in JAVA{JAVA}_HOME. `metriccare query` works without it."
    )


def main() -> None:
    """Fetch Trino into its folder."""
    install(trino_home())


def _candidates() -> list[Path]:
    named = [os.environ.get(name) for name in (f"JAVA{JAVA}_HOME", "JAVA_HOME")]
    found = [Path(home) for home in named if home]
    for folder in map(Path, _JDK_FOLDERS):
        found += sorted(folder.glob(f"*{JAVA}*")) if folder.is_dir() else []
        found += sorted(folder.glob(f"*{JAVA}*/Contents/Home"))
    return found


def _major_version(home: Path) -> int:
    """Read the version from the JDK's `release` file, without starting it."""
    release = home / "release"
    if not release.is_file():
        return 0
    found = re.search(r'JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8"))
    return int(found[1]) if found else 0


def _fetch(pom: str, folder: Path) -> None:
    source = resources.files("metriccare.query.trino").joinpath(f"poms/{pom}.xml")
    with resources.as_file(source) as path:
        done = subprocess.run(
            [
                "mvn",
                "--quiet",
                "--batch-mode",
                f"--file={path}",
                f"-Dtrino.version={VERSION}",
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                f"-DoutputDirectory={folder}",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "")
        raise SetupError(f"Maven could not fetch Trino: {reason or 'see mvn --version'}")


if __name__ == "__main__":
    main()
