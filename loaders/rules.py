"""What is done about every problem a file can have: one table, read by code and by people."""

from dataclasses import dataclass
from typing import Literal

Fate = Literal["reject_row", "correct", "reject_file", "warn"]


@dataclass(frozen=True)
class Rule:
    """One problem: its code (worded in the catalogues), what happens, and why so."""

    code: str
    fate: Fate
    why: str


_REJECT_ROW = (
    ("torn_row", "a missing or surplus separator moves values under wrong headings"),
    ("unclosed_quote", "where the field ends is unknown; the lines after it are kept"),
    ("bad_bytes", "a broken or control character may be part of a name or number"),
    ("required_missing", "the row cannot be told from others or has no meaning"),
    ("needs_one_of", "the row names nothing it could belong to"),
    ("excel_number", "a spreadsheet rounded the digits away; the number cannot be got back"),
    ("excel_error", "a formula of the spreadsheet has failed"),
    ("not_a_number", "guessing a figure is worse than lacking it"),
    ("not_finite", "NaN and infinity are no figures"),
    ("not_whole", "a count has no fraction"),
    ("out_of_range", "the figure cannot be true"),
    ("not_a_day", "day and month may not be guessed"),
    ("not_a_time", "day and month may not be guessed"),
    ("no_such_day", "the calendar has no such day"),
    ("year_impossible", "a mistyped year would move the event by centuries"),
    ("in_future", "what has not happened yet cannot have been recorded"),
    ("time_gap", "the clocks skipped this hour"),
    ("ends_before_start", "one of the two is wrong, which one is unknown"),
    ("shift_too_long", "nobody works that long; one of the two days is mistyped"),
    (
        "unknown_hall",
        "what belongs to a hall that nobody knows would be missing from every hall's figures",
    ),
    ("unknown_choice", "only the listed words have a meaning here"),
    ("not_a_flag", "yes and no may not be guessed"),
    ("half_position", "one coordinate alone is no place"),
    ("coordinates_out_of_range", "no such place on Earth"),
    ("null_island", "0, 0 stands for an unknown place; leave both empty to load it unplaced"),
    ("lon_lat_exchanged", "the point fits the others only with its two coordinates exchanged"),
    ("far_from_rest", "mistyped digits; a place truly that far loads from a file of its own"),
    ("bad_shape", "the text is no shape"),
    ("wrong_shape", "the kind needs another sort of shape"),
    ("bad_cell", "no H3 cell"),
    ("cell_finer", "a part of a cell cannot stand for the whole"),
    ("bad_scope", "the scope names nothing"),
    ("unknown_timezone", "no such zone in the IANA list"),
    ("duplicate_key", "the first row stands; the later one contradicts it"),
)
_CORRECT = (
    ("trimmed", "spaces around a value mean nothing"),
    ("full_width", "full-width letters and digits are the same letters and digits"),
    ("excel_text", '="00123" and \'00123 are how spreadsheets keep leading zeros'),
    ("decimal_id", "12345.0 is how spreadsheets write the number 12345"),
    ("number_written", "thousands separators and units are not part of the figure"),
    ("time_dropped", "a day needs no time of day"),
    ("time_ambiguous", "the hour came twice; the first is taken"),
    ("open_end", "9999-12-31 means: no end"),
    ("shape_mended", "an outline crossing itself is redrawn"),
    ("duplicate_row", "the same row again says nothing new and is left out"),
    ("claimed_twice_alike", "the same claim again says nothing new and is left out"),
)
_REJECT_FILE = (
    ("file_missing", "nothing to read"),
    ("file_unreadable", "damaged or not what its name says"),
    ("file_empty", "a file without a heading"),
    ("file_without_rows", "a heading without rows is most likely a failed export"),
    ("format_unknown", "no reader for it"),
    ("format_old_excel", "the binary .xls has no safe reader"),
    ("archive_without_data", "nothing to read inside"),
    ("layers_ambiguous", "which layer is meant must not be guessed"),
    ("encoding_unknown", "the text cannot be read"),
    ("encoding_wrong", "the stated encoding does not fit"),
    ("columns_missing", "the rows have no meaning without them"),
    ("columns_ambiguous", "which of two columns is meant must not be guessed"),
    ("mapping_column_missing", "the mapping names a column the file lacks"),
    ("mapping_invalid", "the mapping itself cannot be read"),
    ("timezone_unknown", "times without a zone have no moment"),
    ("timezone_missing", "a queue's hours read in the wrong zone move every rush by hours"),
    ("datum_missing", "a datum read wrongly moves every point by half a kilometre"),
    ("lon_lat_exchanged_all", "the two columns are exchanged"),
    ("streets_missing", "no streets in the file"),
    ("streets_download_failed", "no internet, or the place is unknown"),
)
_WARN = (
    ("datum_fits_better", "the points lie nearer to known things in another datum"),
    ("capabilities_unknown", "words for what a hall can do that the table of matters lacks"),
    ("file_crs_used", "the file's own projected system is used to read its coordinates"),
    ("other_sheets", "only one sheet of the workbook was read"),
)

_BY_FATE: dict[Fate, tuple[tuple[str, str], ...]] = {
    "reject_row": _REJECT_ROW,
    "correct": _CORRECT,
    "reject_file": _REJECT_FILE,
    "warn": _WARN,
}
RULES: dict[str, Rule] = {
    code: Rule(code, fate, why) for fate, rows in _BY_FATE.items() for code, why in rows
}
"""By code: whether the row is left out, put right and counted, the file refused, or only said."""

RANGES: dict[str, tuple[float, float]] = {
    "capacity_kva": (0, 1_000_000),
    "multiplier": (0.000_001, 1_000_000),
    "month_energy_kwh": (0, 1e12),
    "counters": (0, 1_000),
    "customers_affected": (0, 1e8),
    "register_kwh": (0, 1e12),
    "energy_kwh": (0, 1e9),
    "reverse_kwh": (0, 1e9),
    "payments": (0, 1e9),
    "amount": (-1e12, 1e12),
    "length_m": (0, 1e7),
    "maxspeed_kmh": (0, 400),
    "wait_min": (0, 1_440),
    "visits": (0, 100_000),
}
"""Smallest and largest figure believed, in the column's unit."""

FIRST_YEAR, LAST_YEAR = 1900, 2100
FIRST_OUTAGE_YEAR = 1990
"""Outages before are mistyped: no system holding single outages is older."""
OPEN_END_YEAR = 2900
"""Years from here on (2999, 9999) are how registers write "no end"."""
SAME_PLACE_DEGREES = 3.0
"""Points of one file further than this from its middle are looked at again."""
FAR_TIMES = 5.0
"""A point this many times further out than 95 % of its file's points (and further than
SAME_PLACE_DEGREES) is mistyped; judged only in files of FAR_ROWS placed rows or more."""
FAR_ROWS = 100

MISSING_WORDS = ("NULL", "null", "(null)", "\\N", "#N/A", "<NA>", "None")
"""Texts by which databases and spreadsheets write "nothing"."""
