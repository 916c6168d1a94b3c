"""The lengths of the periods that results are given for."""

ALL, YEAR, QUARTER, MONTH = "all", "year", "quarter", "month"
# From the longest to the shortest period.
GRAINS = (ALL, YEAR, QUARTER, MONTH)
