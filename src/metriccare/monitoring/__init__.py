"""What people learn of the pipeline: alerts, lag, and what a regular look finds."""
