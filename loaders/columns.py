"""Which of our columns each heading of a file is: by the user's word, by name, by alias."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grid_cells.errors import FileRejected
from grid_cells.vocabulary import COLUMNS, KIND_ALIASES, KINDS

_NOISE = re.compile(r"[\s_\-·.:：/]+")
_SHAPEFILE_LENGTH = 10
_UNIT = re.compile(r"[(（\[【].*?[)）\]】]")


@dataclass(frozen=True)
class Match:
    """Our column → the file's heading, and the headings nobody reads."""

    matched: Mapping[str, str]
    unmatched: tuple[str, ...]


def plain_heading(heading: str) -> str:
    """The heading without case, spaces, underscores and full-width letters."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", heading).casefold())


def match_columns(
    headings: Sequence[str], kind: str, *, wanted: Mapping[str, str], file: str
) -> Match:
    """The file's heading for each of the kind's columns it has.

    `wanted` is the user's own choice (our column → heading) and goes first. Headings starting
    with an underscore are notes of ours in a reject file and are passed over. Raises
    FileRejected mapping_column_missing, columns_ambiguous.
    """
    open_headings = [h for h in headings if not h.startswith("_")]
    matched = _chosen(open_headings, wanted, file)
    columns = [c for c in KINDS[kind].columns if c not in matched]
    for tier in _tiers(kind, columns):
        free = [h for h in open_headings if h not in set(matched.values())]
        matched |= _matched_by(tier, free, matched, file)
    taken = set(matched.values())
    return Match(matched, tuple(h for h in open_headings if h not in taken))


def missing_columns(kind: str, present: set[str], file: str, headings: Sequence[str]) -> None:
    """Raise FileRejected columns_missing, with what was found, if a required column is absent."""
    lacking = [c for c in KINDS[kind].required if c not in present]
    if lacking:
        raise FileRejected(
            "columns_missing",
            file=file,
            missing=", ".join(f"{c} ({COLUMNS[c].zh})" for c in lacking),
            found=", ".join(h for h in headings if not h.startswith("_")),
            expected=", ".join(KINDS[kind].columns),
        )


def _chosen(headings: Sequence[str], wanted: Mapping[str, str], file: str) -> dict[str, str]:
    by_plain = {plain_heading(h): h for h in headings}
    chosen = {}
    for ours, theirs in wanted.items():
        found = theirs if theirs in headings else by_plain.get(plain_heading(theirs))
        if found is None:
            raise FileRejected(
                "mapping_column_missing",
                file=file,
                column=ours,
                heading=theirs,
                found=", ".join(headings),
            )
        chosen[ours] = found
    return chosen


def _tiers(kind: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Plain spelling → our column: exact names, the kind's own aliases, everyone's, cut names."""
    exact = {plain_heading(c): c for c in columns}
    own: dict[str, str] = {}
    shared: dict[str, str] = {}
    for column in columns:
        for alias in KIND_ALIASES.get((kind, column), ()):
            own.setdefault(plain_heading(alias), column)
        for alias in (COLUMNS[column].zh, *COLUMNS[column].aliases):
            shared.setdefault(plain_heading(alias), column)
    return [exact, own, shared, _cut(columns)]


def _cut(columns: Sequence[str]) -> dict[str, str]:
    """Names as a Shapefile cuts them, after ten characters, where no two become the same."""
    cut = [column[:_SHAPEFILE_LENGTH] for column in columns]
    return {
        plain_heading(short): column
        for short, column in zip(cut, columns, strict=True)
        if len(column) > _SHAPEFILE_LENGTH and cut.count(short) == 1
    }


def _matched_by(
    tier: Mapping[str, str], free: Sequence[str], taken: Mapping[str, str], file: str
) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for heading in free:
        column = tier.get(plain_heading(heading)) or tier.get(plain_heading(_UNIT.sub("", heading)))
        if column is not None and column not in taken:
            found.setdefault(column, []).append(heading)
    for column, headings in found.items():
        if len(headings) > 1:
            exact = [h for h in headings if h == column]
            if len(exact) != 1:
                raise FileRejected(
                    "columns_ambiguous", file=file, column=column, found=", ".join(headings)
                )
            found[column] = exact
    return {column: headings[0] for column, headings in found.items()}
