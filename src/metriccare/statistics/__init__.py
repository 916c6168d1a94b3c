"""Statistics of charts: control limits, signals, funnel limits. Plain arithmetic, no library."""
