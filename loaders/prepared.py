"""Our columns as the file has them: the shape column found, words exchanged, defaults filled in."""

from collections.abc import Mapping

import pyarrow as pa

from grid_cells.vocabulary import COLUMNS, Kind
from loaders.columns import Match
from loaders.contract import LoadOptions
from loaders.raw import RawTable, as_text

PLACE = ("lon", "lat")


def with_shape_column(match: Match, raw: RawTable, kind: Kind) -> Match:
    """Points may come as a column of shapes where the kind itself has lon and lat."""
    if raw.shapes is not None or "geometry" in kind.columns or "lon" not in kind.columns:
        return match
    if "lon" in match.matched or "lat" in match.matched:
        return match
    names = {"geometry", "geom", "wkt", "shape", "wkb_geometry", COLUMNS["geometry"].zh}
    found = [heading for heading in match.unmatched if heading.casefold() in names]
    if not found:
        return match
    rest = tuple(heading for heading in match.unmatched if heading != found[0])
    return Match({**match.matched, "geometry": found[0]}, rest)


def present_columns(match: Match, raw: RawTable, kind: Kind, options: LoadOptions) -> set[str]:
    """Our columns that the file or the mapping's defaults bring."""
    present = set(match.matched) | set(options.mapping.defaults)
    if raw.shapes is not None or "geometry" in match.matched:
        present |= {"geometry", *PLACE} & {*kind.columns, "geometry"}
    return present


def prepared_columns(
    raw: RawTable, matched: Mapping[str, str], kind: Kind, options: LoadOptions
) -> dict[str, pa.Array]:
    """Our columns as the file has them, the user's words exchanged and defaults filled in."""
    columns = {ours: raw.columns[theirs] for ours, theirs in matched.items()}
    if raw.shapes is not None:
        for name in PLACE:
            columns.pop(name, None)
    for name, words in dict(options.mapping.values).items():
        if name in columns:
            columns[name] = _exchanged(columns[name], words)
    for name, value in options.mapping.defaults.items():
        if name in kind.columns:
            columns[name] = _filled(columns.get(name), str(value), raw.rows)
    return columns


def _exchanged(array: pa.Array, words: Mapping[str, str]) -> pa.Array:
    texts = as_text(array)
    codes = texts.dictionary_encode()
    known = codes.dictionary.to_pylist()
    ours = [words.get(word, words.get(word.strip(), word)) for word in known]
    return pa.array(ours, pa.large_string()).take(codes.indices)


def _filled(array: pa.Array | None, value: str, rows: int) -> pa.Array:
    if array is None:
        return pa.array([value] * rows, pa.large_string())
    texts = as_text(array)
    return pa.array(
        [value if text is None or not text.strip() else text for text in texts.to_pylist()],
        pa.large_string(),
    )
