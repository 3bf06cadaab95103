"""What one browser session knows: the database, who is there, the language and the time."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit import runtime
from streamlit.errors import StreamlitAPIException

from app import language as words
from app.store.database import Database
from app.use_cases import clock, sessions, units
from app.use_cases.actors import Actor
from app.use_cases.sessions import Session
from grid_cells.errors import AccessDenied

HEADER = "X-Gridcells-Session"
"""Set by the gate on what it lets through, and stripped from whatever comes in."""

_ENTERED = "entered_as"

_LANGUAGE = "language"
_PARAM = "lang"
_FRESH = "fresh_run"
_QUERY = "last_query"


class _Process:
    """The process owns one database; every session reads through it."""

    database: Database | None = None
    stand_in: str | None = None


def use_database(database: Database | None) -> None:
    """Make this the database of every session of the process."""
    _Process.database = database


def database() -> Database:
    """The process-wide database; RuntimeError before one was opened."""
    if _Process.database is None:
        raise RuntimeError("no database was opened for the pages")
    return _Process.database


def has_database() -> bool:
    """Whether the process already holds a database."""
    return _Process.database is not None


def close_database() -> None:
    """Let go of the database and close its file."""
    opened, _Process.database = _Process.database, None
    if opened is not None:
        opened.close()


def basemap_path() -> Path:
    """Where the streets drawn under the map lie, once they were built."""
    return database().path.with_suffix(".pmtiles")


def stand_in(session_id: str | None) -> None:
    """Whose session the runs without a browser belong to; RuntimeError while anything is served.

    A run for a browser always has headers, and never looks here.
    """
    if runtime.exists():
        raise RuntimeError("a served process takes the session from its gate alone")
    _Process.stand_in = session_id


def actor() -> Actor:
    """Who acts in this run."""
    return signed_in().actor


def signed_in() -> Session:
    """The session behind this run, asked anew each time; without a valid one the run ends here."""
    try:
        # the gate has counted the message behind this run as use, if a person sent it
        found = sessions.of_id(database(), _session_id(), at=clock.real_now(), is_use=False)
    except AccessDenied:
        if st.session_state.pop(_ENTERED, None) is not None:
            st.rerun()  # also out of a fragment: nothing of the page may stay
        _say_signed_out()
    if st.session_state.get(_ENTERED, found.session_id) != found.session_id:
        st.session_state.clear()  # the same tab, somebody else
        st.rerun()
    st.session_state[_ENTERED] = found.session_id
    return found


def _session_id() -> str:
    headers = st.context.headers
    given = headers.get(HEADER) if len(headers) else _Process.stand_in
    return given or ""


def _say_signed_out() -> NoReturn:
    sentence, link = html.escape(say("access_signed_out")), html.escape(say("access_sign_in"))
    st.html(f'<p style="padding:24px">{sentence} <a href="/sign-in" target="_self">{link}</a></p>')
    st.stop()


def now() -> datetime:
    """The moment the pages show: the demo clock's while the sample runs."""
    return clock.read_clock(database()).now.astimezone(UTC)


def zone() -> tzinfo:
    """The time zone of the loaded units, else the one of this browser."""
    named = units.timezone(database()) or st.context.timezone or "UTC"
    try:
        return ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def hear_language() -> None:
    """Take the language that the address asks for; the whole script begins with it.

    Asked of the address for each word it would be most of what a long table costs.
    """
    wish = st.query_params.get(_PARAM)
    if wish in words.LANGUAGES:
        st.session_state[_LANGUAGE] = wish


def language() -> str:
    """The language of this session: as the address said, else as chosen, else the browser's."""
    kept = st.session_state.get(_LANGUAGE)
    if kept in words.LANGUAGES:
        return str(kept)
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def choose_language(chosen: str) -> None:
    """Speak that language from the next run on, and say so in the address."""
    st.session_state[_LANGUAGE] = chosen
    st.query_params[_PARAM] = chosen


def language_query() -> dict[str, str]:
    """What a link must carry so that the next page speaks the same language."""
    chosen = st.session_state.get(_LANGUAGE)
    return {_PARAM: str(chosen)} if chosen else {}


def begin_run(page: str) -> None:
    """Note that the whole script runs anew, on that page; a fragment's rerun does not pass here."""
    st.session_state[_FRESH] = page


def is_fresh(page: str) -> bool:
    """Whether the page runs in a run of the whole script; told once a run."""
    return bool(st.session_state.pop(_FRESH, None) == page)


def remember_query(page: str, query: dict[str, list[str]]) -> None:
    """Keep what a page last wrote into its address."""
    st.session_state[f"{_QUERY}_{page}"] = query


def keep_open(
    page: str, name: str, value: str | None, beside: Mapping[str, list[str]] | None = None
) -> None:
    """Keep what is open on a page in its address; `beside`: what else stands there."""
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value
    remember_query(page, {**(beside or {}), **({name: [value]} if value else {})})


def last_query(page: str) -> dict[str, list[str]]:
    """What a page last wrote into its address, so that a link leads back to the same sight."""
    query: dict[str, list[str]] = st.session_state.get(f"{_QUERY}_{page}", {})
    return query


def again() -> NoReturn:
    """Run the fragment anew, or the whole page where all of it has run."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:
        st.rerun()


def is_phone() -> bool:
    """Whether this browser says that it runs on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def say(code: str, /, **values: Any) -> str:
    """The sentence for a code in this session's language."""
    return words.say(code, language(), **local(values))


def local(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with their moments worded in the session's time zone."""
    return {
        name: moment(value) if isinstance(value, datetime) and value.tzinfo else value
        for name, value in values.items()
    }


def moment(value: datetime) -> str:
    """A moment as this session's person reads it."""
    return words.moment(value, language(), zone(), now=now())
