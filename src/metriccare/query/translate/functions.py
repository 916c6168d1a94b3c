"""The functions a query may call: Trino's words, DuckDB's words, and what both take and give.

A function passes only if it is here. tests/trino holds every line against Trino over the odd
values of its types. `O` is any type with an order, `T` for any; a word in angle brackets
is an argument that must be written out (`literals.py`); `{to}` is the type it gives. In an aggregate `{tail}` is where FILTER
and OVER go, `{distinct}` and `{order}` where DISTINCT and ORDER BY are possible.
"""

from __future__ import annotations

from dataclasses import dataclass

SCALAR, AGGREGATE, WINDOW = "scalar", "aggregate", "window"


@dataclass(frozen=True)
class Function:
    """One way to call a function; several of one name are tried in order."""

    name: str
    takes: tuple[str, ...]
    gives: str
    duckdb: str
    kind: str = SCALAR


def _listed(kind: str, lines: str) -> tuple[Function, ...]:
    """Read lines of `name(types; ..) -> type = DuckDB's words`."""
    found = []
    for line in lines.strip().splitlines():
        head, duckdb = line.split(" = ", 1)
        call, gives = head.rsplit(" -> ", 1)
        name, inside = call.strip().split("(", 1)
        takes = tuple(part.strip() for part in inside[:-1].split(";") if part.strip())
        found.append(Function(name, takes, gives.strip(), duckdb.strip(), kind))
    return tuple(found)


_TEXT = _listed(
    SCALAR,
    """
length(varchar) -> bigint = length({0})
lower(varchar) -> varchar = trino_lower({0})
upper(varchar) -> varchar = trino_upper({0})
trim(varchar) -> varchar = trim({0}, trino_spaces())
ltrim(varchar) -> varchar = ltrim({0}, trino_spaces())
rtrim(varchar) -> varchar = rtrim({0}, trino_spaces())
concat(varchar; varchar; varchar...) -> varchar = ({all:||})
concat_ws(varchar; varchar; varchar...) -> varchar = concat_ws({all:,})
replace(varchar; varchar) -> varchar = trino_replace({0}, {1}, '')
replace(varchar; varchar; varchar) -> varchar = trino_replace({0}, {1}, {2})
reverse(varchar) -> varchar = trino_reverse({0})
strpos(varchar; varchar) -> bigint = strpos({0}, {1})
starts_with(varchar; varchar) -> boolean = starts_with({0}, {1})
substr(varchar; bigint) -> varchar = trino_from({0}, {1})
substr(varchar; bigint; bigint) -> varchar = trino_substr({0}, {1}, {2})
substring(varchar; bigint) -> varchar = trino_from({0}, {1})
substring(varchar; bigint; bigint) -> varchar = trino_substr({0}, {1}, {2})
split(varchar; varchar) -> array(varchar) = trino_split({0}, {1})
split_part(varchar; varchar; bigint) -> varchar = trino_split_part({0}, {1}, {2})
lpad(varchar; bigint; varchar) -> varchar = lpad({0}, CAST(trino_pad_size({1}, {2}) AS INTEGER), {2})
rpad(varchar; bigint; varchar) -> varchar = rpad({0}, CAST(trino_pad_size({1}, {2}) AS INTEGER), {2})
chr(bigint) -> varchar = trino_chr({0})
codepoint(varchar) -> integer = trino_codepoint({0})
regexp_like(varchar; <pattern>) -> boolean = regexp_matches({0}, {1})
regexp_extract(varchar; <pattern>) -> varchar = trino_regexp_group({0}, regexp_extract({0}, {1}, 0), regexp_matches({0}, {1}))
regexp_extract(varchar; <pattern>; <group>) -> varchar = trino_regexp_group({0}, regexp_extract({0}, {1}, {2}), regexp_matches({0}, {1}))
regexp_replace(varchar; <full pattern>) -> varchar = regexp_replace({0}, {1}, '', 'g')
regexp_replace(varchar; <full pattern>; <replacement>) -> varchar = regexp_replace({0}, {1}, {2}, 'g')
regexp_extract_all(varchar; <full pattern>) -> array(varchar) = regexp_extract_all({0}, {1})
regexp_count(varchar; <full pattern>) -> bigint = len(regexp_extract_all({0}, {1}))
""",
)
_JSON = _listed(
    SCALAR,
    """
json_extract_scalar(json; <path>) -> varchar = json_scalar({0}, {1})
json_extract_scalar(varchar; <path>) -> varchar = json_scalar({0}, {1})
json_extract(json; <path>) -> json = json_extract({0}, {1})
json_extract(varchar; <path>) -> json = json_extract(valid_json({0}), {1})
json_array_length(json) -> bigint = json_items({0})
json_array_length(varchar) -> bigint = json_items({0})
json_parse(varchar) -> json = valid_json({0})
""",
)
_NUMBERS = _listed(
    SCALAR,
    """
abs(N) -> N = abs({0})
ceil(integer) -> integer = {0}
ceil(bigint) -> bigint = {0}
ceil(double) -> double = ceil({0})
ceiling(integer) -> integer = {0}
ceiling(bigint) -> bigint = {0}
ceiling(double) -> double = ceil({0})
ceil(decimal) -> whole decimal = CAST(ceil({0}) AS {to})
ceiling(decimal) -> whole decimal = CAST(ceil({0}) AS {to})
floor(decimal) -> whole decimal = CAST(floor({0}) AS {to})
floor(integer) -> integer = {0}
floor(bigint) -> bigint = {0}
floor(double) -> double = floor({0})
round(integer) -> integer = {0}
round(bigint) -> bigint = {0}
round(double) -> double = trino_round({0}, 0)
round(double; <digits>) -> double = trino_round({0}, {1})
round(decimal) -> whole decimal = CAST(round({0}) AS {to})
round(decimal; <digits>) -> rounded decimal = CAST(round({0}, {1}) AS {to})
sign(double) -> double = trino_sign({0})
sqrt(double) -> double = trino_sqrt({0})
truncate(double) -> double = trunc({0})
mod(N; N) -> N = {op:%}
greatest(O; O...) -> O = CASE WHEN {all: IS NULL OR } IS NULL THEN NULL ELSE greatest({all:,}) END
least(O; O...) -> O = CASE WHEN {all: IS NULL OR } IS NULL THEN NULL ELSE least({all:,}) END
is_nan(double) -> boolean = isnan({0})
is_finite(double) -> boolean = isfinite({0})
is_infinite(double) -> boolean = isinf({0})
nan() -> double = CAST('NaN' AS DOUBLE)
infinity() -> double = CAST('Infinity' AS DOUBLE)
pi() -> double = pi()
""",
)
_CONDITIONS = _listed(
    SCALAR,
    """
coalesce(T; T; T...) -> T = coalesce({all:,})
try(T) -> T = TRY({0})
""",
)
_TIMES = _listed(
    SCALAR,
    """
date(date) -> date = {0}
date(timestamp) -> date = CAST({0} AS DATE)
date(timestamp with time zone) -> date = CAST(wall({0}) AS DATE)
date_diff(<unit of dates>; date; date) -> bigint = date_sub({0}, {1}, {2})
date_diff(<unit of times>; timestamp; timestamp) -> bigint = date_sub({0}, {1}, {2})
date_diff(<fixed unit>; timestamp with time zone; timestamp with time zone) -> bigint = date_sub({0}, utc_of({1}), utc_of({2}))
date_add(<adder of dates>; bigint; date) -> date = CAST({2} + {0}(CAST({1} AS INTEGER)) AS DATE)
date_add(<adder of times>; bigint; W) -> W = ({2} + {0}(CAST({1} AS INTEGER)))
date_add(<fixed adder>; bigint; timestamp with time zone) -> timestamp with time zone = at_zone(utc_of({2}) + {0}(CAST({1} AS INTEGER)), struct_extract({2}, 'zone'))
date_trunc(<unit of dates>; date) -> date = CAST(date_trunc({0}, {1}) AS DATE)
date_trunc(<unit of times>; W) -> W = date_trunc({0}, {1})
last_day_of_month(date) -> date = last_day({0})
last_day_of_month(timestamp) -> date = last_day({0})
date_format(timestamp; <date format>) -> varchar = strftime(in_years({0}), {1})
date_format(timestamp with time zone; <date format>) -> varchar = strftime(in_years(wall({0})), {1})
format_datetime(timestamp; <joda format>) -> varchar = strftime(in_years({0}), {1})
format_datetime(timestamp with time zone; <joda format>) -> varchar = strftime(in_years(wall({0})), {1})
from_unixtime(double) -> timestamp with time zone = at_zone(make_timestamp(CAST(round(a_number({0}) * 1000) AS BIGINT) * 1000), 'UTC')
to_unixtime(timestamp) -> double = (epoch_us({0}) / 1000000e0)
to_unixtime(timestamp with time zone) -> double = (epoch_us(utc_of({0})) / 1000000e0)
from_iso8601_date(varchar) -> date = iso_date({0})
from_iso8601_timestamp(varchar) -> timestamp with time zone = from_iso({0})
to_iso8601(date) -> varchar = strftime(in_years({0}), '%Y-%m-%d')
at_timezone(timestamp; <zone>) -> timestamp with time zone = at_zone({0}, {1})
at_timezone(timestamp with time zone; <zone>) -> timestamp with time zone = at_zone(utc_of({0}), {1})
at_timezone(timestamp; varchar) -> timestamp with time zone = at_zone({0}, known_zone({1}))
at_timezone(timestamp with time zone; varchar) -> timestamp with time zone = at_zone(utc_of({0}), known_zone({1}))
with_timezone(timestamp; <zone>) -> timestamp with time zone = local_in({0}, {1})
now() -> timestamp with time zone = at_zone(to_precision(timezone('UTC', now()), 1000), 'UTC')
""",
)
_PARTS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "week_of_year": "week",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "dayofyear",
    "doy": "dayofyear",
    "year_of_week": "isoyear",
    "yow": "isoyear",
}
_PARTS_OF_TIMES = {"hour": "hour", "minute": "minute", "second": "second"}
_EXTRACTED = tuple(
    Function(name, (kind,), "bigint", f"{duckdb}({value})")
    for parts, kinds in (
        (_PARTS, ("date", "timestamp", "timestamp with time zone")),
        (_PARTS_OF_TIMES, ("timestamp", "timestamp with time zone")),
    )
    for name, duckdb in parts.items()
    for kind in kinds
    for value in ("wall({0})" if "zone" in kind else "{0}",)
)
_ARRAYS = _listed(
    SCALAR,
    """
cardinality(array(T)) -> bigint = len({0})
cardinality(map(K, V)) -> bigint = cardinality({0})
element_at(array(T); bigint) -> T = trino_element({0}, {1})
element_at(map(K, V); K) -> V = list_extract(map_extract({0}, {1}), 1)
contains(array(O); O) -> boolean = trino_contains({0}, {1})
array_max(array(O)) -> O = trino_array_max({0})
array_min(array(O)) -> O = trino_array_min({0})
array_position(array(O); O) -> bigint = trino_position({0}, {1})
array_sort(array(O)) -> array(O) = list_sort({0}, 'ASC', 'NULLS LAST')
array_join(array(varchar); <text>) -> varchar = trino_array_join({0}, {1})
array_join(array(varchar); <text>; varchar) -> varchar = CASE WHEN {2} IS NOT NULL THEN trino_array_join(list_transform({0}, lambda one: coalesce(one, {2})), {1}) END
sequence(bigint; bigint) -> array(bigint) = trino_numbers({0}, {1})
any_match(array(T); x -> boolean) -> boolean = trino_any(list_transform({0}, {1}))
all_match(array(T); x -> boolean) -> boolean = trino_all(list_transform({0}, {1}))
none_match(array(T); x -> boolean) -> boolean = NOT trino_any(list_transform({0}, {1}))
filter(array(T); x -> boolean) -> array(T) = list_filter({0}, {1})
transform(array(T); x -> V) -> array(V) = list_transform({0}, {1})
map(array(K); array(V)) -> map(K, V) = trino_map({0}, {1})
map_keys(map(K, V)) -> array(K) = map_keys({0})
map_values(map(K, V)) -> array(V) = map_values({0})
""",
)
_AGGREGATES = _listed(
    AGGREGATE,
    """
count(T) -> bigint = count({distinct}{0}){tail}
count_if(boolean) -> bigint = count(CASE WHEN {0} THEN 1 END){tail}
sum(bigint) -> bigint = CAST(sum({distinct}{0}){tail} AS BIGINT)
sum(decimal) -> sum decimal = sum({distinct}{0}){tail}
sum(double) -> double = sum({distinct}{0}){tail}
avg(bigint) -> double = avg({distinct}CAST({0} AS DOUBLE)){tail}
avg(decimal) -> decimal = {mean}
avg(double) -> double = avg({distinct}{0}){tail}
min(O) -> O = min({0}){tail}
max(O) -> O = max({0}){tail}
min_by(T; O) -> T = arg_min_null({0}, {1}){tail}
max_by(T; O) -> T = arg_max_null({0}, {1}){tail}
array_agg(T) -> array(T) = list({distinct}{0}{order}){tail}
arbitrary(T) -> T = any_value({0}){tail}
any_value(T) -> T = any_value({0}){tail}
bool_and(boolean) -> boolean = bool_and({0}){tail}
every(boolean) -> boolean = bool_and({0}){tail}
bool_or(boolean) -> boolean = bool_or({0}){tail}
map_agg(K; V) -> map(K, V) = trino_map_agg({0}, {1})
""",
)
_WINDOWS = _listed(
    WINDOW,
    """
row_number() -> bigint = row_number(){tail}
rank() -> bigint = rank(){tail}
dense_rank() -> bigint = dense_rank(){tail}
ntile(<whole>) -> bigint = ntile({0}){tail}
percent_rank() -> double = percent_rank(){tail}
cume_dist() -> double = cume_dist(){tail}
lag(T) -> T = lag({0}{nulls}){tail}
lag(T; <whole>) -> T = lag({0}, {1}{nulls}){tail}
lead(T) -> T = lead({0}{nulls}){tail}
lead(T; <whole>) -> T = lead({0}, {1}{nulls}){tail}
first_value(T) -> T = first_value({0}{nulls}){tail}
last_value(T) -> T = last_value({0}{nulls}){tail}
""",
)

FUNCTIONS: tuple[Function, ...] = (
    *_TEXT,
    *_JSON,
    *_NUMBERS,
    *_CONDITIONS,
    *_TIMES,
    *_EXTRACTED,
    *_ARRAYS,
    *_AGGREGATES,
    *_WINDOWS,
)
