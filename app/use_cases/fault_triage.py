"""The evidence about calls gathered from the store, and what triage makes of it."""

import json
from datetime import datetime
from typing import Any

import pandas as pd

from app.store import fault_places as store
from app.store.database import Connection
from app.use_cases.fault_wishes import classes
from grid_cells.triage import Finding, OpenOutage, Signs, triage


def findings(
    connection: Connection, calls: pd.DataFrame, now: datetime, *, then: bool = False
) -> list[Finding]:
    """What triage proposes for each call: by the outages that were in force at its registration.

    `calls` as `fault_places.fill` gives them, with service_type and fault_class. `then`: what was
    told and heard after a call's registration is no evidence, as if it had been asked at once.
    """
    outages = _outages(connection, calls, now, then=then)
    asked = calls.assign(asked_at=calls["at"] if then else pd.Timestamp(now))
    heard = _heard(connection, asked)
    rows = asked.to_dict("records")
    return [triage(_signs(row, outages, heard, row["asked_at"].to_pydatetime())) for row in rows]


def _outages(
    connection: Connection, calls: pd.DataFrame, now: datetime, *, then: bool
) -> dict[int, list[OpenOutage]]:
    store.ask(connection, calls)
    found: dict[int, list[OpenOutage]] = {}
    since = calls["at"].min().to_pydatetime()
    for row in store.outages(connection, now, since=since, then=then).to_dict("records"):
        one = OpenOutage(
            str(row["outage_id"]), _text(row["kind"]), row["started_at"].to_pydatetime(),
            _moment(row["estimated_restore_at"]),
        )  # fmt: skip
        found.setdefault(int(row["place"]), []).append(one)
    store.forget(connection)
    return found


def _heard(connection: Connection, calls: pd.DataFrame) -> dict[int, dict[str, Any]]:
    metered = calls.loc[calls["meter_id"].notna(), ["place", "meter_id", "asked_at"]]
    if metered.empty:
        return {}
    rows = store.last_heard(connection, metered).to_dict("records")
    return {int(row["place"]): {str(k): v for k, v in row.items()} for row in rows}


def _signs(
    row: dict[Any, Any], outages: dict[int, list[OpenOutage]], heard: dict[int, dict[str, Any]],
    now: datetime,
) -> Signs:  # fmt: skip
    place = int(row["place"])
    last = heard.get(place, {})
    code = _text(row["fault_class"])
    return Signs(
        at=now,
        registered_at=_moment(row["at"]),
        outages=tuple(outages.get(place, ())),
        is_place_known=_text(row["transformer_id"]) is not None,
        is_disconnected=None if pd.isna(row["is_disconnected"]) else bool(row["is_disconnected"]),
        has_meter=_text(row["meter_id"]) is not None,
        meter_heard_at=_moment(last.get("heard_at")),
        meter_day=None if pd.isna(last.get("day")) else str(last["day"])[:10],
        service_type=_text(row["service_type"]),
        fault_root=None if code is None else classes().roots.get(code),
        class_needs_crew=None if code is None else classes().crews.get(code),
    )


def as_json(finding: Finding) -> str:
    """The steps as the store keeps them: codes, ids and moments."""
    steps = [{"step": one.step, "answer": one.answer, **one.facts} for one in finding.steps]
    return json.dumps(steps, default=_iso)


def steps_of(kept: Any) -> list[dict[str, Any]]:
    """The steps of a report as the store keeps them; none where nobody asked."""
    return json.loads(kept) if isinstance(kept, str) and kept else []


def known_reason(finding: Finding, at: datetime) -> str:
    """Why the call belongs to the outage that triage found, in the words of grouping."""
    since = next(one.facts["since"] for one in finding.steps if one.answer == "yes")
    minutes = max(round((at - since).total_seconds() / 60), 0)
    told = {"code": "known_outage", "outage_id": finding.outage_id, "minutes": minutes}
    return json.dumps(told)


def _iso(value: Any) -> str:
    return str(value.isoformat())


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).to_pydatetime()
