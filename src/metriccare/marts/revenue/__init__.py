"""KPIs of the revenue cycle: evidence, sums, values, monthly close."""
