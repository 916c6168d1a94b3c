"""Write every generated file again, or with `--check` fail if one is out of date."""

from __future__ import annotations

import subprocess
import sys

GENERATORS = (
    # The catalog and the dictionary are derived from the views that this one writes.
    ("-m", "metriccare.report.generated_sql"),
    ("scripts/build_catalog.py",),
    ("-m", "metriccare.report.dictionary"),
    ("-m", "metriccare.report.measure_page"),
    ("-m", "metriccare.report.kpi_page"),
    ("-m", "metriccare.report.rules_page"),
    ("-m", "metriccare.report.dataset_list"),
    ("-m", "metriccare.api.document"),
    ("-m", "scripts.build_serving"),
)


def main() -> int:
    """Run every generator with this interpreter; return 1 if one fails."""
    arguments = sys.argv[1:]
    results = [
        subprocess.run([sys.executable, *generator, *arguments], check=False).returncode
        for generator in GENERATORS
    ]
    return int(any(results))


if __name__ == "__main__":
    sys.exit(main())
