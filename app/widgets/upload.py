"""Files on their way in: what they are, the files themselves, and how they are to be read."""

import hashlib
import shutil
import tempfile
import weakref
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import streamlit as st

from app.use_cases import load
from app.use_cases.load import LoadChoice
from app.widgets import empty, session
from app.widgets import words_of as naming
from grid_cells.datum import DATUMS
from grid_cells.vocabulary import KINDS
from loaders.checking import ZONE_STATED
from loaders.contract import ColumnMap

KIND: Final = "data_kind"
_FILES: Final = "data_files"
_DATUM: Final = "data_datum"
_ENCODING: Final = "data_encoding"
_ZONE: Final = "data_zone"
_FOLDER: Final = "data_folder"
ENCODINGS: Final = ("utf-8", "gb18030", "utf-16")
_BY_FILE: Final = "file"
_FIRST: Final = "customers"


@dataclass(frozen=True)
class Upload:
    """The kind and the files as they lie in this session's folder."""

    kind: str
    files: tuple[Path, ...]

    @property
    def mark(self) -> str:
        """A word that differs for other files or another kind."""
        parts = [self.kind, *(f"{file.name}:{file.stat().st_size}" for file in self.files)]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def ask() -> Upload | None:
    """The kind chosen and the files given so far; None, with the reason, where none may be."""
    kinds = _kinds()
    if not kinds:
        empty.hint(session.say("data_whole_only"))
        return None
    kind = st.selectbox(
        session.say("data_kind"),
        kinds,
        index=kinds.index(_FIRST) if _FIRST in kinds else 0,
        format_func=naming.kind,
        key=KIND,
        persist_state="session",
    )
    required = [naming.column(name) for name in KINDS[kind].required]
    others = [
        naming.column(name) for name in KINDS[kind].columns if name not in KINDS[kind].required
    ]
    st.caption(session.say("data_needs", needed=required, others=others))
    return Upload(kind, tuple(_given()))


def _given() -> list[Path]:
    """The files given so far; another kind does not throw them away."""
    given = st.file_uploader(session.say("data_files"), accept_multiple_files=True, key=_FILES)
    return [_kept(file) for file in given]


def _kinds() -> list[str]:
    """The kinds of file that the person may bring."""
    return load.kinds_for(session.database(), session.actor())


def choice(kind: str, mapping: ColumnMap) -> LoadChoice:
    """How the files are to be read, as the controls stand."""
    has_place, is_zone_asked = KINDS[kind].has_place, kind in ZONE_STATED
    left, right = st.columns(2)
    with left:
        datum = _datum() if has_place else None
        zone = _zone() if is_zone_asked else None
    mapping = replace(mapping, timezone=zone or mapping.timezone)
    with right if has_place or is_zone_asked else left:
        encoding = st.selectbox(
            session.say("data_encoding"),
            (_BY_FILE, *ENCODINGS),
            format_func=_encoding_name,
            key=_ENCODING,
        )
    named = None if encoding == _BY_FILE else str(encoding)
    return LoadChoice(datum=datum, mapping=mapping, encoding=named)


def _datum() -> str | None:
    chosen = st.selectbox(
        session.say("data_datum"),
        (_BY_FILE, *DATUMS),
        format_func=_datum_name,
        key=_DATUM,
        accept_new_options=True,
        help=session.say("data_datum_help"),
    )
    return None if chosen in (None, _BY_FILE) else str(chosen)


def _zone() -> str | None:
    """The zone of times that carry none; None: the file or its mapping states it."""
    own = str(session.zone())
    others = sorted(name for name in available_timezones() if "/" in name and name != own)
    chosen = st.selectbox(
        session.say("data_zone"),
        (_BY_FILE, own, *others),
        format_func=lambda name: session.say("data_zone_stated") if name == _BY_FILE else name,
        key=_ZONE,
        help=session.say("data_zone_help"),
    )
    return None if chosen == _BY_FILE else str(chosen)


def _encoding_name(name: str) -> str:
    return session.say("data_encoding_auto") if name == _BY_FILE else name.upper()


def _datum_name(name: str) -> str:
    if name == _BY_FILE:
        return session.say("data_datum_by_file")
    return session.say(f"datum_{name}") if name in DATUMS else name


class _Folder:
    """A folder that lasts as long as the session that holds it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="gridcells-upload-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def _kept(given: Any) -> Path:
    if _FOLDER not in st.session_state:
        st.session_state[_FOLDER] = _Folder()
    path: Path = st.session_state[_FOLDER].path / given.file_id / Path(given.name).name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(given.getbuffer())
    return path
