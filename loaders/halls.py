"""Business halls."""

from pathlib import Path

from grid_cells.hall_choice import words_of
from loaders.checking import Sheet, deduplicated, finished, located, open_sheet
from loaders.contract import Loaded, LoadOptions
from loaders.visits import matter_words

_SHOWN = 8


def load_halls(source: Path, options: LoadOptions) -> Loaded:
    """Checked halls, one row each, all with a place; raises FileRejected.

    Words of `capabilities` that `options.known` ("matters": code, words) does not have are told in
    a warning: what such a hall cannot do is unknown.
    """
    sheet = open_sheet(source, "halls", options)
    _warn_of_words(sheet)
    return finished(deduplicated(located(sheet)))


def _warn_of_words(sheet: Sheet) -> None:
    table = sheet.options.known.get("matters")
    if table is None or "capabilities" not in sheet.frame.columns:
        return
    known = matter_words(table)
    told = {one: None for row in sheet.frame["capabilities"] for one in words_of(row)}
    unknown = [one for one in told if one.casefold() not in known]
    if unknown:
        sheet.findings.warn(
            "capabilities_unknown", file=sheet.findings.raw.file, count=len(unknown),
            words=", ".join(unknown[:_SHOWN]),
        )  # fmt: skip
