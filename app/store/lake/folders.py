"""The folders that jobs read and write: what is there, what it was made of, and putting days in their place."""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from grid_cells.errors import UserError
from grid_cells.lake import DAILY, DAY_FOLDER, FACTS, FOLDERS, STANDING, DayFiles, day_of

MANIFEST: Final = "_rollup.json"
_LOCK: Final = "_rollup.lock"
_PARQUET: Final = "*.parquet"


@dataclass(frozen=True)
class Lake:
    """A folder of Parquet folders, as `grid_cells.lake` names them. Raises UserError `lake_missing`."""

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise UserError("lake_missing", lake=str(self.path))

    def standing(self, name: str) -> list[Path]:
        """Files of a folder without days. Raises UserError `lake_folder_missing` where it is needed."""
        found = sorted((self.path / name).glob(_PARQUET))
        if not found and FOLDERS[name].is_needed:
            raise UserError("lake_folder_missing", folder=name, lake=str(self.path))
        return found

    def daily(self, name: str) -> dict[date, list[Path]]:
        """Files of a folder by day. Raises UserError `lake_folder_missing`, `lake_day_unreadable`."""
        found = {}
        for folder in sorted((self.path / name).glob(f"{DAY_FOLDER}*")):
            day = day_of(folder.name)
            if day is None:
                raise UserError("lake_day_unreadable", folder=str(folder))
            files = sorted(folder.glob(_PARQUET))
            if files:
                found[day] = files
        if not found and FOLDERS[name].is_needed:
            raise UserError(
                "lake_folder_missing", folder=f"{name}/{DAY_FOLDER}…", lake=str(self.path)
            )
        return found

    def standing_mark(self) -> str:
        """Tells any change in the folders without days."""
        return _mark(path for name in STANDING for path in self.standing(name))

    def days(self, held: Mapping[str, Mapping[date, list[Path]]]) -> dict[date, DayFiles]:
        """What is there of each day, of folders by day. Raises UserError `lake_file_unreadable`."""
        every = sorted({day for by_day in held.values() for day in by_day})
        found = {}
        for day in every:
            files = [path for name in DAILY for path in held[name].get(day, ())]
            read = held["readings"].get(day, [])
            found[day] = DayFiles(_mark(files), sum(map(rows_of, read)), len(read))
        return found


def rows_of(path: Path) -> int:
    """Rows of a Parquet file. Raises UserError `lake_file_unreadable`."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError) as error:
        raise UserError("lake_file_unreadable", file=str(path), reason=str(error)) from error


def in_order(files: Iterable[Path]) -> list[Path]:
    """Files as they were written one after the other; of one moment by name."""
    return sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name))


def columns_without_type(files: Iterable[str]) -> set[str]:
    """Columns that are empty in every file, so that whoever wrote them gave them no type."""
    schemas = [_schema_of(path) for path in files]
    empty = [{field.name for field in schema if pa.types.is_null(field.type)} for schema in schemas]
    return set.intersection(*empty) if empty else set()


def _schema_of(path: str) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise UserError("lake_file_unreadable", file=path, reason=str(error)) from error


def _mark(files: Iterable[Path]) -> str:
    told = hashlib.sha256()
    for path in files:
        held = path.stat()
        told.update(f"{path.parent.name}/{path.name}:{held.st_size}:{held.st_mtime_ns}\n".encode())
    return told.hexdigest()


@dataclass(frozen=True)
class Facts:
    """A folder of facts by day, with a note of what each day was made of."""

    path: Path

    @property
    def work(self) -> Path:
        """Room for what is not a fact yet."""
        return self.path / "_work"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes here meanwhile; a process that dies lets go. Raises UserError `facts_busy`."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(mode=0o700, exist_ok=True)
        with (self.path / _LOCK).open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError("facts_busy", facts=str(self.path)) from error
            yield

    def note(self) -> dict[str, Any]:
        """What was made of what so far. Raises UserError `facts_note_unreadable`."""
        path = self.path / MANIFEST
        if not path.exists():
            return {}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return dict(found) if isinstance(found["days"], dict) else {}
        except (ValueError, KeyError, TypeError) as error:
            raise UserError("facts_note_unreadable", file=str(path)) from error

    def keep_note(self, note: Mapping[str, Any]) -> None:
        """Put the note in place of the one before, at once or not at all."""
        _replace_text(self.path / MANIFEST, json.dumps(note, indent=1, sort_keys=True))

    def room_to_stage(self, engine: str) -> Path:
        """An empty folder to stage days in; what a run that died left there is nobody's."""
        staged = self.work / engine / "staged"
        shutil.rmtree(staged, ignore_errors=True)
        return staged

    def put(self, staged: Path, days: Iterable[date]) -> None:
        """Put the staged days of every fact in place: each file at once or not at all.

        Raises UserError `facts_day_missing` where a day was not staged: what stands stays.
        """
        for day in days:
            if not any((staged / "cell_day" / f"{DAY_FOLDER}{day}").glob(_PARQUET)):
                raise UserError("facts_day_missing", day=str(day), folder=str(staged))
            for fact in FACTS:
                self._put_day(
                    staged / fact / f"{DAY_FOLDER}{day}", self.path / fact / f"{DAY_FOLDER}{day}"
                )
        shutil.rmtree(staged, ignore_errors=True)

    def drop_others(self, days: Iterable[str]) -> None:
        """Take away the days of facts that are not among these."""
        named = {f"{DAY_FOLDER}{day}" for day in days}
        for fact in FACTS:
            for folder in (self.path / fact).glob(f"{DAY_FOLDER}*"):
                if folder.name not in named:
                    shutil.rmtree(folder)

    def put_whole(self, fact: str, staged: Path) -> None:
        """Put what is no fact of days in place."""
        self._put_day(staged / fact, self.path / fact)

    @staticmethod
    def _put_day(staged: Path, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        named = []
        for number, path in enumerate(sorted(staged.glob(_PARQUET))):
            named.append(target / f"part-{number}.parquet")
            path.replace(named[-1])
        for old in set(target.glob(_PARQUET)) - set(named):
            old.unlink()


def _replace_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


@dataclass(frozen=True)
class Stage:
    """What an engine has worked out of the folders without days, and for which state of them."""

    path: Path

    def stands(self, mark: str) -> bool:
        """Whether it was worked out to its end for this state."""
        path = self.path / "stage.json"
        return path.exists() and path.read_text(encoding="utf-8") == mark

    def begin(self) -> None:
        """Nothing stands until `done`."""
        (self.path / "stage.json").unlink(missing_ok=True)

    def done(self, mark: str) -> None:
        """All is worked out for this state."""
        _replace_text(self.path / "stage.json", mark)
