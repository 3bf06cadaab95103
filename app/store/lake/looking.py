"""The folders of a lake made known to an engine as tables."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from app.store.lake import claims, text
from app.store.lake.engine import Engine
from app.store.lake.folders import Lake, columns_without_type, in_order
from grid_cells.lake import FOLDERS, STANDING, expressions, no_rows

Held = Mapping[date, Sequence[Path]]


def look_standing(engine: Engine, lake: Lake) -> None:
    """Make known what has no days, and which area claims what.

    Raises UserError `lake_column_missing`, `lake_column_type`, `lake_folder_missing`.
    """
    for name in STANDING:
        files = [str(path) for path in lake.standing(name)]
        engine.look(name, files, _expressions(engine, lake, name, files))
    for name, told in claims().items():
        engine.define(name, told)


def look_daily(engine: Engine, lake: Lake, name: str, held: Held) -> None:
    """Make days of a folder known; of readings that several files tell of, the last one's.

    Raises UserError `lake_column_missing`, `lake_column_type`.
    """
    several = {day: files for day, files in held.items() if len(files) > 1}
    if name != "readings" or not several:
        _look_days(engine, lake, name, name, held)
        return
    once = {day: files for day, files in held.items() if day not in several}
    _look_days(engine, lake, name, "readings_once", once)
    turns = [(day, str(file)) for day, files in several.items() for file in in_order(files)]
    select = _expressions(engine, lake, name, [file for _, file in turns])
    engine.look_turns("readings_told", turns, select)
    engine.define("readings", text("latest"))


def _look_days(engine: Engine, lake: Lake, name: str, known_as: str, held: Held) -> None:
    files = {day: [str(path) for path in paths] for day, paths in held.items()}
    every = [file for paths in files.values() for file in paths]
    engine.look_days(known_as, files, _expressions(engine, lake, name, every))


def _expressions(engine: Engine, lake: Lake, name: str, files: Sequence[str]) -> list[str]:
    """How the folder's columns are read from the files."""
    if not files:
        return no_rows(FOLDERS[name])
    empty = columns_without_type(files)
    found = {k: kind for k, kind in engine.columns(files).items() if k not in empty}
    return expressions(FOLDERS[name], found, where=str(lake.path / name))
