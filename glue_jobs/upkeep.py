"""Glue job a person starts: erasure, replay, redrive or rollback, as its argument `--task` says."""

import sys

from metriccare.wiring.glue import now
from metriccare.wiring.glue_upkeep import run_upkeep
from metriccare.wiring.upkeep_arguments import upkeep_arguments

if __name__ == "__main__":
    run_upkeep(upkeep_arguments(sys.argv[1:]), now)
