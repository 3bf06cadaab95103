"""A first look into a file before anything of it is loaded: its headings and how they match."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.use_cases.load import LoadChoice
from grid_cells.errors import FileRejected
from loaders.columns import match_columns
from loaders.contract import LoadOptions
from loaders.reading import read_raw


@dataclass(frozen=True)
class FileLook:
    """The file's headings, our column → heading as matched, and whether it carries shapes."""

    headings: tuple[str, ...]
    matched: Mapping[str, str]
    unmatched: tuple[str, ...]
    has_shapes: bool
    rows: int


def look_into(file: Path, kind: str, choice: LoadChoice) -> FileLook | None:
    """What the file's table looks like; None for formats that are no table (OpenStreetMap)."""
    options = LoadOptions(datum=choice.datum, mapping=choice.mapping, encoding=choice.encoding)
    try:
        raw = read_raw(file, kind, options)
    except FileRejected as error:
        if error.code == "format_unknown":
            return None
        raise
    headings = [name for name in raw.columns if not name.startswith("_")]
    found = match_columns(headings, kind, wanted=choice.mapping.columns, file=file.name)
    return FileLook(
        headings=tuple(headings),
        matched=dict(found.matched),
        unmatched=found.unmatched,
        has_shapes=raw.shapes is not None,
        rows=len(raw.row_no),
    )
