"""The rows of the audit, a page at a time, under a line of how many there were each day."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import streamlit as st

from app import language as words
from app.use_cases import audit, clock
from app.use_cases.audit import AuditQuery
from app.widgets import audit_filter, audit_words, choice_list, empty, plain, session, spark, who

_DAYS: Final = 14
_ROW_PX: Final = 52
"""Two lines of text: long sentences wrap."""


def show(query: AuditQuery) -> None:
    """The chart, the page of rows, and the ways to newer and older ones."""
    total = audit.count(session.database(), session.actor(), query)
    if not total:
        empty.hint(session.say("audit_none"))
        return
    _chart(query)
    frame = audit.search(session.database(), session.actor(), query)
    rows, units = frame.to_dict("records"), who.unit_names()
    if session.is_phone():
        st.html("".join(_line(row, units) for row in rows))
    else:
        _table(rows, units)
    _pager(query, len(rows), total)


def _line(row: dict[Any, Any], units: Mapping[str, str]) -> str:
    """A row on a phone: when and who, what, about what."""
    by = audit_words.person(row["actor"], row["actor_name"])
    about = audit_words.subject(row["subject"], row["subject_name"])
    number = f"{session.say('audit_column_number')} {row['event_id']}"
    return choice_list.line(
        audit_words.sentence(row, units),
        " · ".join(filter(None, (about, number))),
        above=f"{_moment(row['happened_at'])} · {by}",
    )


def _table(rows: Sequence[dict[Any, Any]], units: Mapping[str, str]) -> None:
    st.dataframe(
        {
            session.say("audit_column_at"): [_moment(row["happened_at"]) for row in rows],
            session.say("audit_column_who"): [
                audit_words.person(row["actor"], row["actor_name"]) for row in rows
            ],
            session.say("audit_column_what"): [audit_words.sentence(row, units) for row in rows],
            session.say("audit_column_about"): [
                audit_words.subject(row["subject"], row["subject_name"]) for row in rows
            ],
            session.say("audit_column_number"): [str(row["event_id"]) for row in rows],
        },
        hide_index=True,
        row_height=_ROW_PX,
        column_config={session.say("audit_column_what"): st.column_config.Column(width="large")},
        key="audit_table",
    )


def _pager(query: AuditQuery, shown: int, total: int) -> None:
    with st.container(key="audit_pager", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            session.say("audit_newer"), icon=":material/chevron_left:", key="audit_newer",
            disabled=not query.offset,
            on_click=audit_filter.turn, args=(-query.limit,),
        )  # fmt: skip
        first, last = query.offset + 1, query.offset + shown
        st.html(
            '<p class="gc-note">'
            + plain.escaped(session.say("audit_shown", first=first, last=last, total=total))
            + "</p>"
        )
        st.button(
            session.say("audit_older"), icon=":material/chevron_right:", key="audit_older",
            disabled=last >= total,
            on_click=audit_filter.turn, args=(query.limit,),
        )  # fmt: skip


def _chart(query: AuditQuery) -> None:
    """Rows a day over the last two weeks, within the filter."""
    zone = session.zone()
    today = clock.real_now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today - timedelta(days=back) for back in range(_DAYS - 1, -1, -1)]
    counts = [
        audit.count(
            session.database(),
            session.actor(),
            replace(query, start=start, end=start + timedelta(days=1)),
        )
        for start in starts
    ]
    alt = plain.escaped(session.say("audit_by_day"))
    labels = [words.day(start.date(), session.language()) for start in starts]
    titles = [f"{label}: {words.number(n)}" for label, n in zip(labels, counts, strict=True)]
    st.html(
        f'<div class="gc-trend gc-bars"><h4>{alt}</h4>'
        f"{spark.bars(counts, [plain.escaped(one) for one in titles])}"
        f"<div><span>{plain.escaped(labels[0])}</span><span>{plain.escaped(labels[-1])}</span>"
        "</div></div>"
    )


def _moment(at: object) -> str:
    local = at.to_pydatetime().astimezone(session.zone())  # type: ignore[attr-defined]
    return f"{local:%Y-%m-%d %H:%M:%S}"
