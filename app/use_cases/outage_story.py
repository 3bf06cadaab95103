"""One outage's story: its facts, who is in it, calls, steps, estimates, what was done."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import outage_book as book
from app.store.database import Database
from app.use_cases import outage_scopes, outages, privacy
from app.use_cases.access import needs, note_refusal
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from grid_cells import outages as rules
from grid_cells.errors import UserError

PEOPLE_SHOWN: Final = 50
CALLS_SHOWN: Final = 200


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: when, a code `outage_entry_<code>`, what is told, whose id."""

    at: datetime
    code: str
    told: dict[str, Any]
    actor: str = ""


@dataclass(frozen=True)
class OutageStory:
    """Everything known of an outage at a moment.

    facts: outage_id, kind, status, cause, scope (as the actor may see it), started_at,
    estimated_restore_at, restored_at, parent_outage_id, customers_affected (told by the source).
    parts: (kind of thing, id) of the scope in order, those in sight; parts_beyond: how many are
    not, in steps `beyond`. Counts are of the store by the links of its
    day where it reaches anybody (`is_counted`), else as told. people: customers with a grade of
    importance or on life support as the actor may see them, with ref, is_out and supply: `own`
    (has power), `second_feeder`, `generator`, `none`; empty where the actor may not see which they
    are; important, life_support: how many are out, None where the actor may not know. by_cell:
    cell_id, customers_out, customers_affected. calls as `outage_book.calls`, a page of them,
    masked, with `reason` decoded. nested: outages under it; nested_out: how many are out in those
    still open.
    """

    facts: dict[str, Any]
    parts: tuple[tuple[str, str], ...]
    parts_beyond: int
    is_counted: bool
    customers_out: int
    customers_peak: int
    peak_at: datetime | None
    customers_ever: int
    by_cell: pd.DataFrame
    people: pd.DataFrame
    important: int | None
    life_support: int | None
    calls: pd.DataFrame
    calls_count: int
    calls_open: int
    steps: pd.DataFrame
    estimates: pd.DataFrame
    timeline: tuple[Entry, ...]
    nested: pd.DataFrame
    nested_out: int
    news_at: datetime | None
    is_open: bool
    is_silent: bool
    is_overdue: bool
    at: datetime


@needs("see_outages")
def story(
    db: Database, actor: Actor, outage_id: str, at: datetime | None = None, *, calls_from: int = 0
) -> OutageStory:
    """The story of an outage as known at `at`, by default now; its calls from the nth on.

    Raises UserError `outage_unknown` alike where none has the id and where it is out of sight.
    """
    at = at or clock_now(db)
    row = known(db, actor, outage_id, at, asked="outage_story.story")
    scope, beyond = outage_scopes.in_sight(db, pd.Series([row["scope"]]))
    row = {**row, "scope": scope.iloc[0]}
    connection = db.read()
    spans = book.spans(connection, outage_id, at)
    steps = _steps(db, outage_id, at)
    estimates = book.estimates(connection, outage_id, at)
    calls = book.calls(connection, outage_id, at)
    first = calls_from if calls_from < len(calls) else 0  # they may have become fewer
    events = book.events(connection, outage_id, at)
    under = book.nested(connection, rules.below(book.family(connection), outage_id), at)
    under["scope"] = outage_scopes.in_sight(db, under["scope"])[0]
    news = book.news(connection, at, outage_id)
    news_at = None if news.empty else news["news_at"].iloc[0].to_pydatetime()
    lots = book.counted(connection, outage_id, at) if spans.empty else spans
    counts = _counts(spans, lots, row, at)
    if counts["is_counted"]:  # who goes out twice is one all the same
        ever = book.ever_out(connection, outage_id, at)
        counts["customers_ever"] = int(ever["customers_affected"].sum())
        out = counts["by_cell"][["cell_id", "customers_out"]]
        counts["by_cell"] = out.merge(ever, on="cell_id")
    people = book.marked_people(connection, outage_id, at)
    is_open = _is_open(row, at)
    return OutageStory(
        facts=privacy.shown_row(actor, "outages", row),
        parts=_parts(actor, row["scope"]),
        parts_beyond=int(beyond.iloc[0]),
        **counts,
        **_marked(db, actor, people, counts["customers_ever"], at),
        calls=_calls(actor, calls.iloc[first : first + CALLS_SHOWN]),
        calls_count=len(calls),
        calls_open=int(calls["restored_at"].isna().sum()),
        steps=privacy.shown(actor, "outage_steps", steps),
        estimates=estimates,
        timeline=timeline(row, privacy.shown(actor, "outage_steps", steps), estimates, events, at),
        nested=privacy.shown(actor, "outages", under),
        nested_out=book.out_in(connection, under.loc[under["is_open"], "outage_id"].tolist(), at),
        news_at=news_at,
        is_open=is_open,
        is_silent=is_open and rules.is_silent(news_at, at, outages.rule("silent_after")),
        is_overdue=is_open and rules.is_overdue(row["estimated_restore_at"], at),
        at=at,
    )


def _steps(db: Database, outage_id: str, at: datetime) -> pd.DataFrame:
    """Its steps with the parts in sight and how many lie beyond."""
    steps = book.steps(db.read(), outage_id, at)
    scope, beyond = outage_scopes.in_sight(db, steps["scope"])
    return steps.assign(scope=scope, beyond=beyond)


def known(
    db: Database, actor: Actor, outage_id: str, at: datetime, *, asked: str
) -> dict[str, Any]:
    """The outage's row in the clear; none, one out of sight and a fault to come are alike."""
    row = book.one(db.read(), outage_id, at)
    is_unheard = (
        row is not None and row["started_at"] > at and not outages.is_announced(row["kind"])
    )
    if row is None or is_unheard:
        if db is not db.whole:
            about = f"outage:{outage_id}"
            note_refusal(db, actor, "access_out_of_scope", asked=asked, about=about)
        raise UserError("outage_unknown", outage=outage_id)
    return row


def _is_open(row: dict[str, Any], at: datetime) -> bool:
    is_out = row["started_at"] <= at and row["restored_at"] is None
    return is_out and row["status"] not in {*rules.OVER, "proposed"}


def _parts(actor: Actor, scope: str | None) -> tuple[tuple[str, str], ...]:
    shown = privacy.shown_value(actor, "outages", "scope", scope)
    every = [part.strip().partition(":") for part in str(shown or "").split(";") if part.strip()]
    return tuple((kind, name) for kind, _, name in every)


def _counts(
    spans: pd.DataFrame, lots: pd.DataFrame, row: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """Who is out and was, by the spans of its customers; as told where it reaches nobody known."""
    if spans.empty:
        return _told_counts(lots, at if _is_open(row, at) else None)
    moment = pd.Timestamp(at)
    is_out = (spans["out_at"] <= moment) & (spans["back_at"].isna() | (spans["back_at"] > moment))
    levels = rules.people_out(spans)
    top = levels.iloc[int(levels["customers"].to_numpy().argmax())]
    by_cell = (
        spans.assign(customers_out=spans["customers"].where(is_out, 0))
        .groupby("cell_id", as_index=False)
        .agg(customers_out=("customers_out", "sum"), customers_affected=("customers", "sum"))
    )
    return {
        "is_counted": True, "customers_out": int(by_cell["customers_out"].sum()),
        "customers_peak": int(top["customers"]), "peak_at": top["at"].to_pydatetime(),
        "customers_ever": int(by_cell["customers_affected"].sum()), "by_cell": by_cell,
    }  # fmt: skip


def _told_counts(lots: pd.DataFrame, at: datetime | None) -> dict[str, Any]:
    """The same from lots of customers that were told; `at` is None where nobody can be out."""
    levels = rules.people_out(lots)
    left = levels.loc[levels["at"] <= pd.Timestamp(at), "customers"] if at else levels.head(0)
    return {
        "is_counted": False,
        "customers_out": int(left.to_numpy()[-1]) if len(left) else 0,
        "customers_peak": int(levels["customers"].max()) if len(levels) else 0,
        "peak_at": None,
        "customers_ever": int(lots["customers"].sum()),
        "by_cell": pd.DataFrame(columns=["cell_id", "customers_out", "customers_affected"]),
    }


def _marked(
    db: Database, actor: Actor, people: pd.DataFrame, everybody: int, at: datetime
) -> dict[str, Any]:
    """Important customers and those on life support, as far as the actor may know who they are."""
    seconds = sorted(set(people["second_feeder_id"].dropna()))
    dark = book.dark_feeders(db.whole.read(), seconds, at)
    told = people.assign(
        ref=[privacy.customer_ref(db, one) for one in people["customer_no"]],
        supply=[_supply(one, dark) for one in people.to_dict("records")],
    ).drop(columns=["phone", "transformer_id", "notice_channel", "contact_confirmed_on"])
    counts = {
        "important": int((people["is_out"] & people["importance_code"].notna()).sum()),
        "life_support": int((people["is_out"] & people["life_support"]).sum()),
    }
    if not privacy.sees(actor, "customers", "importance_code"):
        told_counts = counts if outages.may_count(db, actor, everybody) else dict.fromkeys(counts)
        return {"people": told.head(0), **told_counts}
    ordered = told.sort_values(["life_support", "importance_code", "customer_no"],
                               ascending=[False, True, True])  # fmt: skip
    return {"people": privacy.shown(actor, "customers", ordered.head(PEOPLE_SHOWN)), **counts}


def _supply(one: dict[Any, Any], dark: set[str]) -> str:
    """What the customer lives on: nothing is known of whether a switch really closed."""
    if not one["is_out"]:
        return "own"
    second = one["second_feeder_id"]
    if isinstance(second, str) and second and second not in dark:
        return "second_feeder"
    return "generator" if one["own_generator"] else "none"


def _calls(actor: Actor, calls: pd.DataFrame) -> pd.DataFrame:
    reasons = [json.loads(text) if isinstance(text, str) and text.startswith("{") else {}
               for text in calls["group_reason"]]  # fmt: skip
    shown = privacy.shown(actor, "fault_reports", calls)
    return shown.drop(columns=["phone", "address"]).assign(reason=reasons)


def timeline(
    row: dict[str, Any],
    steps: pd.DataFrame,
    estimates: pd.DataFrame,
    events: pd.DataFrame,
    at: datetime,
) -> tuple[Entry, ...]:
    """What happened in order of time, `steps` as the reader may see them."""
    found = [Entry(row["started_at"], "began", {})] if row["started_at"] <= at else []
    for one in steps.to_dict("records"):
        values = {name: _none(one[name]) for name in ("scope", "customers")}
        values["beyond"] = int(one.get("beyond", 0))
        found.append(Entry(_moment(one["step_at"]), f"step_{one['change']}", values))
    for one in estimates.to_dict("records"):
        until = _none(one["estimated_restore_at"])
        values = {
            "until": None if until is None else _moment(until),
            "reason": _none(one["reason"]),
        }
        found.append(Entry(_moment(one["told_at"]), "estimate", values, str(one["actor"])))
    for one in events.to_dict("records"):
        detail = json.loads(one["detail"]) if isinstance(one["detail"], str) else {}
        found.append(
            Entry(_moment(one["happened_at"]), str(one["event"]), detail, str(one["actor"]))
        )
    if row["restored_at"] is not None:
        found.append(Entry(row["restored_at"], "ended", {}))
    return tuple(sorted(found, key=lambda entry: entry.at))


def _none(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value


def _moment(value: Any) -> datetime:
    moment: datetime = pd.Timestamp(value).to_pydatetime()
    return moment
