"""DuckDB macros that give a Trino function's value, made in every session.

Two kinds of failure. `trino_fails` is an error Trino gives too, which `try` turns into NULL.
`here_refused` is a value this engine cannot give as Trino would; DuckDB's `error` is volatile,
so that DuckDB itself refuses it inside TRY, where a refusal would pass for a NULL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# What Trino's trim takes for white space (Java's Character.isWhitespace), measured.
_SPACE_CODES = (*range(9, 14), *range(28, 33), 5760, *range(8192, 8199), *range(8200, 8203))
_SPACES = "".join(map(chr, (*_SPACE_CODES, 8232, 8233, 8287, 12288)))
# Letters whose case the two engines' Unicode versions do not share, measured over all of them.
_CASELESS = (
    r"[\x{1C89}\x{1C8A}\x{19B}\x{264}\x{A7CB}-\x{A7CD}\x{A7DA}-\x{A7DC}"
    r"\x{10D50}-\x{10D65}\x{10D70}-\x{10D85}]"
)
_ZONE_OFFSET = "^[+-][0-9]{2}:[0-9]{2}$"
_TIMESTAMP = (
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( ([01]?[0-9]|2[0-3]):[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,6})?)?)?"
)
_NUMBER = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"

MACROS = (
    # Failures.
    "trino_fails(sentence) AS CAST(CAST('Trino: ' || (sentence) AS INTEGER) AS VARCHAR)",
    "here_refused(sentence) AS error('not as in Athena: ' || sentence)",
    "trino_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END",
    "trino_sign(x) AS CASE WHEN isnan(x) OR x = 0 THEN x ELSE CAST(sign(x) AS DOUBLE) END",
    "trino_round(x, digits) AS CASE WHEN x = 0 THEN CAST(0 AS DOUBLE) ELSE round(x, digits) END",
    "a_number(x) AS CASE WHEN isnan(x) THEN here_refused('NaN is compared or ordered') ELSE x END",
    "ascii_only(x) AS CASE WHEN regexp_full_match(x, '[\\x00-\\x7f]*') THEN x"
    " ELSE here_refused('a character beyond ASCII meets this pattern or cast') END",
    # Text.
    f"trino_spaces() AS '{_SPACES}'",
    "trino_upper(x) AS CASE"
    f" WHEN regexp_matches(x, '{_CASELESS}') THEN here_refused('a letter is newer than Unicode 15')"
    " WHEN contains(x, 'ß') THEN"
    " array_to_string(list_transform(string_split(x, 'ß'), lambda part: upper(part)), 'ß')"
    " ELSE upper(x) END",
    "trino_lower(x) AS CASE"
    f" WHEN regexp_matches(x, '{_CASELESS}') THEN here_refused('a letter is newer than Unicode 15')"
    " ELSE lower(x) END",
    "trino_reverse(x) AS array_to_string(list_reverse(regexp_extract_all(x, '(?s).')), '')",
    "trino_from(x, start) AS CASE WHEN start = 0 OR -start > length(x) THEN ''"
    " WHEN start < 0 THEN substring(x, length(x) + start + 1) ELSE substring(x, start) END",
    "trino_substr(x, start, size) AS CASE WHEN size <= 0 THEN CASE WHEN x IS NULL OR start IS NULL"
    " THEN NULL ELSE '' END ELSE left(trino_from(x, start), size) END",
    "trino_split_part(x, mark, place) AS CASE WHEN mark IS NULL THEN NULL"
    " WHEN place <= 0 THEN trino_fails('Index must be greater than zero')"
    " WHEN mark = '' THEN here_refused('split by an empty text')"
    " ELSE list_extract(string_split(x, mark), place) END",
    "trino_split(x, mark) AS CASE WHEN mark IS NULL THEN NULL ELSE"
    " string_split(x, CASE WHEN mark = '' THEN"
    " trino_fails('The delimiter may not be the empty string') ELSE mark END) END",
    "trino_replace(x, old, new) AS replace(x, CASE WHEN old = '' THEN"
    " here_refused('replace of an empty text') ELSE old END, new)",
    "trino_pad_size(size, pad) AS CASE WHEN size IS NULL THEN NULL"
    " WHEN size < 0 OR pad = '' THEN CAST(trino_fails('Padding is out of range') AS BIGINT)"
    " ELSE size END",
    "trino_codepoint(x) AS CASE WHEN length(x) = 1 THEN unicode(x)"
    " ELSE CAST(trino_fails('codepoint wants one character') AS INTEGER) END",
    "trino_chr(n) AS CASE WHEN n BETWEEN 1 AND 55295 OR n BETWEEN 57344 AND 1114111"
    " THEN chr(CAST(n AS INTEGER)) ELSE here_refused('chr of no character') END",
    "no_last_newline(x) AS CASE WHEN ends_with(x, chr(10)) THEN"
    " here_refused('`$` meets a text that ends in a newline') ELSE x END",
    "trino_regexp_group(x, found, whole) AS CASE WHEN whole AND found = '' THEN"
    " here_refused('an empty group looks like one that took no part') ELSE"
    " CASE WHEN whole THEN found END END",
    # Whole numbers and decimals.
    "trino_divide(a, b) AS CASE WHEN a IS NULL THEN NULL WHEN b = 0 THEN"
    " CAST(trino_fails('Division by zero') AS INTEGER) ELSE a // b END",
    "trino_modulus(a, b) AS CASE WHEN a IS NULL THEN NULL WHEN b = 0 THEN"
    " CAST(trino_fails('Division by zero') AS INTEGER)"
    # The least number has no remainder by -1 in DuckDB.
    " WHEN b = -1 THEN a % 1 ELSE a % b END",
    "unscaled(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)",
    "half_up(a, b) AS (CASE WHEN (a < 0) <> (b < 0) THEN -1 ELSE 1 END)"
    " * (abs(a) // abs(b) + CASE WHEN abs(a) % abs(b) >= abs(b) - abs(a) % abs(b)"
    " THEN 1 ELSE 0 END)",
    "scaled_text(whole, digits) AS CASE WHEN digits = 0 THEN CAST(whole AS VARCHAR)"
    " ELSE (CASE WHEN whole < 0 THEN '-' ELSE '' END)"
    " || regexp_replace(lpad(CAST(abs(whole) AS VARCHAR),"
    " CAST(greatest(length(CAST(abs(whole) AS VARCHAR)), digits + 1) AS INTEGER), '0'),"
    " '([0-9]{' || CAST(digits AS VARCHAR) || '})$', '.\\1') END",
    "power_of_ten(n) AS CAST(rpad('1', CAST(n + 1 AS INTEGER), '0') AS HUGEINT)",
    "trino_decimal_ratio(a, b, shift, digits) AS CASE WHEN a IS NULL THEN NULL WHEN b = 0 THEN"
    " trino_fails('Division by zero')"
    " WHEN abs(unscaled(a)) > CAST('170141183460469231731687303715884105727' AS HUGEINT)"
    " // power_of_ten(shift) THEN here_refused('a division of decimals of more than 38 digits')"
    " ELSE scaled_text(half_up(unscaled(a) * power_of_ten(shift), unscaled(b)), digits) END",
    # Numbers with a binary point, in Java's words.
    "double_digits(x) AS regexp_extract(CAST(x AS VARCHAR),"
    " '^-?([0-9]+)[.]?([0-9]*)(?:e([+-]?[0-9]+))?$', ['whole', 'part', 'power'])",
    "double_text(minus, digits, power) AS minus || left(digits, 1) || '.'"
    " || coalesce(nullif(rtrim(substring(digits, 2), '0'), ''), '0') || 'E' || power",
    "double_power(d) AS coalesce(TRY_CAST(struct_extract(d, 'power') AS INTEGER), 0)"
    " + length(struct_extract(d, 'whole')) - 1"
    " - (length(struct_extract(d, 'whole') || struct_extract(d, 'part'))"
    " - length(ltrim(struct_extract(d, 'whole') || struct_extract(d, 'part'), '0')))",
    "trino_double_text(x) AS CASE WHEN isnan(x) THEN 'NaN'"
    " WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END"
    " WHEN x = 0 THEN CASE WHEN starts_with(CAST(x AS VARCHAR), '-') THEN '-0E0' ELSE '0E0' END"
    " WHEN abs(x) >= 1e17 OR abs(x) < 1e-5 THEN CAST(here_refused('the digits of a very large or"
    " very small double') AS VARCHAR)"
    " ELSE double_text(CASE WHEN x < 0 THEN '-' ELSE '' END,"
    " ltrim(struct_extract(double_digits(x), 'whole')"
    " || struct_extract(double_digits(x), 'part'), '0'), double_power(double_digits(x))) END",
    "decimal_text(x) AS regexp_replace(CAST(x AS VARCHAR), '^(-?)[.]', '\\10.')",
    # Text read as a value: NULL when Trino does not read it.
    "read_boolean(x) AS CASE WHEN lower(x) IN ('t', 'true', '1') THEN true"
    " WHEN lower(x) IN ('f', 'false', '0') THEN false END",
    "read_integer(x) AS CASE"
    " WHEN regexp_full_match(trim(x, trino_spaces()), '[+-]?[0-9]+') THEN trim(x, trino_spaces())"
    " WHEN regexp_full_match(x, '[\\x00-\\x7f]*') THEN NULL"
    " ELSE here_refused('a digit beyond ASCII') END",
    f"read_decimal(x) AS CASE WHEN regexp_matches(x, '{_NUMBER}') THEN x"
    " WHEN regexp_full_match(x, '[\\x00-\\x7f]*') THEN NULL"
    " ELSE here_refused('a digit beyond ASCII') END",
    "read_double(x) AS CASE"
    f" WHEN regexp_matches(trim(x, trino_spaces()), '{_NUMBER}')"
    " THEN coalesce(TRY_CAST(trim(x, trino_spaces()) AS DOUBLE),"
    " CAST(here_refused('a number beyond a double') AS DOUBLE))"
    " WHEN x IN ('NaN', 'Infinity', '-Infinity', '+Infinity') THEN CAST(ltrim(x, '+') AS DOUBLE)"
    " WHEN regexp_matches(x, '[0-9]') THEN"
    " CAST(here_refused('a number in an unusual form') AS DOUBLE) END",
    "read_date(x) AS CASE WHEN regexp_full_match(trim(x, trino_spaces()),"
    " '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') THEN TRY_CAST(trim(x, trino_spaces()) AS DATE)"
    " WHEN regexp_full_match(trim(x, trino_spaces()), '[+-]?[0-9]+-[0-9]+-[0-9]+') THEN"
    " CAST(here_refused('a date in an unusual form') AS DATE) END",
    "timestamp_words(x) AS CASE WHEN regexp_matches(x, ':[0-9]+:') OR NOT contains(x, ' ') THEN x"
    " ELSE x || ':00' END",
    "read_timestamp(x) AS CASE WHEN regexp_full_match(trim(x, trino_spaces()),"
    f" '{_TIMESTAMP}')"
    " THEN TRY_CAST(timestamp_words(trim(x, trino_spaces())) AS TIMESTAMP)"
    " WHEN regexp_matches(trim(x, trino_spaces()), '^[+-]?[0-9]+-[0-9]+-[0-9]+') THEN"
    " CAST(here_refused('a timestamp in an unusual form') AS TIMESTAMP) END",
    # Dates and times.
    # Counted from before year 1, so that what is cut is never below zero.
    "to_precision(x, micros) AS make_timestamp(CAST((epoch_us(x) + micros // 2"
    " + 100000000000000000) // micros * micros - 100000000000000000 AS BIGINT))",
    "in_years(x) AS CASE WHEN year(x) BETWEEN 1 AND 9999 THEN x ELSE"
    " here_refused('a year beyond 0001 to 9999') END",
    "timestamp_text(x, digits) AS strftime(x, '%Y-%m-%d %H:%M:%S')"
    " || CASE WHEN digits = 0 THEN '' ELSE '.' || left(strftime(x, '%f'), digits) END",
    "iso_date(x) AS CASE WHEN x IS NULL THEN NULL"
    " WHEN regexp_full_match(x, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN CAST(x AS DATE)"
    " ELSE CAST(here_refused('an ISO 8601 date in an unusual form') AS DATE) END",
    "at_zone(x, place) AS CASE WHEN x IS NULL OR place IS NULL THEN NULL"
    " ELSE struct_pack(utc := x, zone := place) END",
    "known_zone(place) AS CASE WHEN place = 'UTC' OR"
    " regexp_full_match(place, '[A-Z][A-Za-z_]+/[A-Z][A-Za-z_/-]+') THEN place"
    " ELSE here_refused('a time zone that is no region') END",
    "offset_minutes(place) AS (CASE WHEN starts_with(place, '-') THEN -1 ELSE 1 END)"
    " * (CAST(substring(place, 2, 2) AS INTEGER) * 60 + CAST(substring(place, 5, 2) AS INTEGER))",
    "utc_of(x) AS struct_extract(x, 'utc')",
    "wall(x) AS CASE"
    f" WHEN regexp_matches(struct_extract(x, 'zone'), '{_ZONE_OFFSET}')"
    " THEN struct_extract(x, 'utc')"
    " + to_minutes(offset_minutes(struct_extract(x, 'zone')))"
    " ELSE timezone(struct_extract(x, 'zone'), timezone('UTC', struct_extract(x, 'utc'))) END",
    f"local_in(x, place) AS CASE WHEN regexp_matches(place, '{_ZONE_OFFSET}')"
    " THEN at_zone(x - to_minutes(offset_minutes(place)), place)"
    " WHEN timezone(place, timezone(place, x)) = x"
    " AND timezone(place, x) = timezone(place, x + INTERVAL 1 DAY) - INTERVAL 1 DAY"
    " AND timezone(place, x) = timezone(place, x - INTERVAL 1 DAY) + INTERVAL 1 DAY"
    " THEN at_zone(timezone('UTC', timezone(place, x)), place)"
    " ELSE here_refused('a local time within a day of a change of the clock') END",
    "iso_parts(x) AS regexp_extract(x,"
    " '^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,3})?)?)"
    "(Z|[+-][0-9]{2}:[0-9]{2})?)?$', ['day', 'time', 'zone'])",
    "iso_zone(x) AS CASE WHEN x IN ('', 'Z', '+00:00', '-00:00') THEN 'UTC' ELSE x END",
    "iso_local(day, hours) AS CAST(day || ' ' || CASE WHEN hours = '' THEN '00:00:00'"
    " WHEN length(hours) = 5 THEN hours || ':00' ELSE hours END AS TIMESTAMP)",
    "read_iso(x, day, hours, place) AS CASE WHEN x IS NULL THEN NULL"
    " WHEN day = '' THEN here_refused('an ISO 8601 text in an unusual form')"
    " WHEN place = 'UTC' THEN at_zone(iso_local(day, hours), place)"
    " ELSE at_zone(iso_local(day, hours) - to_minutes(offset_minutes(place)), place) END",
    "from_iso(x) AS read_iso(x, struct_extract(iso_parts(x), 'day'),"
    " struct_extract(iso_parts(x), 'time'), iso_zone(struct_extract(iso_parts(x), 'zone')))",
    "iso_offset(seconds) AS CASE WHEN seconds = 0 THEN 'Z' ELSE"
    " (CASE WHEN seconds < 0 THEN '-' ELSE '+' END)"
    " || lpad(CAST(abs(seconds) // 3600 AS VARCHAR), 2, '0') || ':'"
    " || lpad(CAST(abs(seconds) % 3600 // 60 AS VARCHAR), 2, '0') END",
    "to_three_months(n) AS to_months(CAST(3 * n AS INTEGER))",
    # JSON.
    "json_scalar(x, path) AS CASE WHEN x IS NULL THEN NULL"
    " WHEN NOT json_valid(x) THEN here_refused('a text that is not JSON')"
    " WHEN json_type(x, path) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL"
    " WHEN json_type(x, path) IN ('VARCHAR', 'BOOLEAN') THEN json_extract_string(x, path)"
    " WHEN json_type(x, path) IS NULL THEN NULL"
    # Whole numbers come back as they are written, but for -0.
    " WHEN json_type(x, path) IN ('BIGINT', 'UBIGINT') AND json_extract_string(x, path) <> '0'"
    " THEN json_extract_string(x, path)"
    " ELSE json_number_text(x, path) END",
    "json_items(x) AS CASE WHEN x IS NULL THEN NULL"
    " WHEN NOT json_valid(x) THEN here_refused('a text that is not JSON')"
    " WHEN json_type(x) = 'ARRAY' THEN json_array_length(x) END",
    "valid_json(x) AS CASE WHEN x IS NULL THEN NULL"
    " WHEN NOT json_valid(x) THEN here_refused('a text that is not JSON')"
    " WHEN NOT json_is_plain(x) THEN here_refused('JSON with a name twice or with -0')"
    " ELSE CAST(x AS JSON) END",
    "json_array(x) AS CASE WHEN json_type(x) = 'ARRAY' THEN CAST(x AS JSON[])"
    " WHEN x IS NULL OR json_type(x) = 'NULL' THEN NULL"
    " ELSE here_refused('JSON that is no array') END",
    # Arrays and maps.
    "trino_array_join(x, mark) AS CASE WHEN x IS NULL OR mark IS NULL THEN NULL"
    " ELSE coalesce(array_to_string(x, mark), '') END",
    "no_null_in(x) AS (len(x) = list_count(x))",
    "trino_array_max(x) AS CASE WHEN len(x) = list_count(x) THEN list_max(x) END",
    "trino_array_min(x) AS CASE WHEN len(x) = list_count(x) THEN list_min(x) END",
    "trino_contains(x, one) AS CASE WHEN one IS NULL OR x IS NULL THEN NULL"
    " WHEN list_contains(x, one) THEN true WHEN len(x) = list_count(x) THEN false END",
    "trino_position(x, one) AS CASE WHEN x IS NULL OR one IS NULL THEN NULL"
    " ELSE coalesce(list_position(x, one), 0) END",
    "trino_item(x, place) AS list_extract(x, CASE WHEN place <= 0 OR place > len(x) THEN"
    " CAST(trino_fails('Array subscript is out of bounds') AS BIGINT) ELSE place END)",
    "trino_element(x, place) AS list_extract(x, CASE WHEN place = 0 THEN"
    " CAST(trino_fails('SQL array indices start at 1') AS BIGINT) ELSE place END)",
    "trino_numbers(a, b) AS generate_series(a, b, CASE WHEN b >= a THEN 1 ELSE -1 END)",
    "trino_any(x) AS CASE WHEN x IS NULL THEN NULL WHEN list_contains(x, true) THEN true"
    " WHEN len(x) = list_count(x) THEN false END",
    "trino_all(x) AS CASE WHEN x IS NULL THEN NULL WHEN list_contains(x, false) THEN false"
    " WHEN len(x) = list_count(x) THEN true END",
    "trino_map(k, v) AS CASE WHEN k IS NULL OR v IS NULL THEN NULL"
    " WHEN len(k) <> len(v) OR len(k) <> len(list_distinct(k)) THEN"
    " here_refused('keys that repeat or have no value') ELSE map(k, v) END",
    "trino_map_item(x, one) AS CASE WHEN x IS NULL OR one IS NULL OR map_contains(x, one)"
    " THEN list_extract(map_extract(x, one), 1)"
    " ELSE here_refused('a key that the map does not have') END",
    "trino_map_agg(k, v) AS CASE WHEN count(k) = 0 THEN NULL"
    " WHEN count(k) <> count(DISTINCT k) THEN here_refused('a key of map_agg repeats')"
    " ELSE map_from_entries(list((k, v)) FILTER (WHERE k IS NOT NULL)) END",
)
_BY_NAME = {text.partition("(")[0]: text for text in MACROS}
_WORD = re.compile(r"\b[a-z_]+(?=\()")


def macros_for(sql: Iterable[str]) -> tuple[str, ...]:
    """Return the macros that statements need, those first that others are made of."""
    wanted: set[str] = set()
    waiting = {name for text in sql for name in _WORD.findall(text)} & _BY_NAME.keys()
    while waiting:
        wanted |= waiting
        inner = {name for one in waiting for name in _WORD.findall(_BY_NAME[one])}
        waiting = (inner & _BY_NAME.keys()) - wanted
    return tuple(text for name, text in _BY_NAME.items() if name in wanted)
