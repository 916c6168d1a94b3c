"""Glue job: arguments in, the silver stage of the pipeline run."""

import sys

from metriccare.wiring.glue import job_arguments, now, run_job

if __name__ == "__main__":
    run_job(job_arguments(sys.argv[1:]), ["silver"], now)
