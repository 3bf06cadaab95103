"""The file that tells how a foreign table reads: `--map FILE.toml`, read and written."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from grid_cells.errors import FileRejected
from grid_cells.vocabulary import COLUMNS
from loaders.contract import ColumnMap

_TABLES = ("columns", "values", "formats", "defaults", "wide")
_WIDE_KEYS = {"columns", "format", "value"}


def read_mapping(source: Path) -> ColumnMap:
    """The mapping in a TOML file; raises FileRejected mapping_invalid with what is wrong."""
    try:
        text = source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileRejected("file_missing", file=source.name) from error
    except UnicodeDecodeError as error:
        raise FileRejected("encoding_wrong", file=source.name, encoding="UTF-8") from error
    return parse_mapping(text, file=source.name)


def parse_mapping(text: str, *, file: str = "map.toml") -> ColumnMap:
    """The mapping in TOML text; raises FileRejected mapping_invalid with what is wrong."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileRejected("mapping_invalid", file=file, detail=str(error)) from error
    _check_shape(given, file)
    columns = {ours: _one_name(theirs, ours, file) for ours, theirs in _table(given, "columns")}
    values = {
        ours: {str(theirs): _text(word) for theirs, word in words.items()}
        for ours, words in _table(given, "values")
    }
    mapping = ColumnMap(
        columns=columns,
        values=values,
        formats={ours: str(form) for ours, form in _table(given, "formats")},
        defaults={ours: _text(value) for ours, value in _table(given, "defaults")},
        timezone=given.get("timezone"),
        wide={key: str(value) for key, value in _table(given, "wide")},
    )
    _check_names(mapping, file)
    return mapping


def _table(given: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    return list(given.get(name, {}).items())


def _one_name(theirs: Any, ours: str, file: str) -> str:
    if not isinstance(theirs, str):
        raise FileRejected("mapping_invalid", file=file, detail=f"columns.{ours} = {theirs!r}")
    return theirs


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _check_shape(given: Mapping[str, Any], file: str) -> None:
    unknown = sorted(set(given) - {*_TABLES, "timezone"})
    flat = [name for name in _TABLES if not isinstance(given.get(name, {}), dict)]
    deep = [n for n, words in _table(given, "values") if not isinstance(words, dict)]
    wrong = unknown + flat + [f"values.{name}" for name in deep]
    if wrong:
        raise FileRejected("mapping_invalid", file=file, detail=", ".join(wrong))
    zone = given.get("timezone")
    if zone is not None and zone not in available_timezones():
        raise FileRejected("timezone_unknown", file=file, timezone=zone)


def _check_names(mapping: ColumnMap, file: str) -> None:
    named = {*mapping.columns, *mapping.values, *mapping.formats, *mapping.defaults}
    if mapping.wide:
        named |= set(wide_pattern(mapping, file).groupindex) | {mapping.wide["value"]}
    unknown = sorted(named - set(COLUMNS))
    if unknown:
        raise FileRejected("mapping_invalid", file=file, detail=", ".join(unknown))


def wide_pattern(mapping: ColumnMap, file: str) -> re.Pattern[str]:
    """The compiled pattern of a wide table's headings, its named groups being our columns."""
    missing = {"columns", "value"} - set(mapping.wide)
    surplus = set(mapping.wide) - _WIDE_KEYS
    if missing or surplus:
        detail = "wide: " + ", ".join(sorted(missing or surplus))
        raise FileRejected("mapping_invalid", file=file, detail=detail)
    try:
        pattern = re.compile(mapping.wide["columns"])
    except re.error as error:
        raise FileRejected("mapping_invalid", file=file, detail=f"wide: {error}") from error
    if not pattern.groupindex:
        raise FileRejected("mapping_invalid", file=file, detail="wide: (?P<day>…)")
    return pattern


def mapping_text(mapping: ColumnMap) -> str:
    """The mapping as TOML text that `parse_mapping` reads back equal."""
    lines = [f"timezone = {_quoted(mapping.timezone)}"] if mapping.timezone else []
    for name in ("columns", "formats", "defaults", "wide"):
        lines += _table_lines(name, getattr(mapping, name))
    for ours, words in mapping.values.items():
        lines += _table_lines(f"values.{ours}", words)
    return "\n".join(lines) + "\n"


def write_mapping(mapping: ColumnMap, target: Path) -> None:
    """Save the mapping for the next load."""
    target.write_text(mapping_text(mapping), encoding="utf-8")


def _table_lines(name: str, table: Mapping[str, Any]) -> list[str]:
    if not table:
        return []
    return ["", f"[{name}]", *(f"{_quoted(k)} = {_quoted(_text(v))}" for k, v in table.items())]


def _quoted(text: str | None) -> str:
    shown = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m[0]):04x}", shown) + '"'
