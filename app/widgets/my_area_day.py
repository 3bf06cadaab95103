"""A crew's day on the page: why power is out, orders and chores in visiting order."""

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import crew_day
from app.widgets import empty, plain, session

Day = dict[str, Any]


def gather() -> Day:
    """The day of the person's crew, as the phone has it."""
    return crew_day.day(session.database(), session.actor())


def show_why(day: Day) -> None:
    """The first line: what is out in the area, the largest first."""
    outages = day["outages"]
    head = session.say("crew_why")
    if not outages:
        st.info(f"**{head}** {session.say('crew_why_none')}")
        return
    out = sum(one["customers_out"] for one in outages)
    told = session.say("crew_why_area", count=len(outages), customers=out)
    st.warning(f"**{head}** {plain.in_markdown(told)} {plain.in_markdown(_reason(outages[0]))}")
    if len(outages) > 1:
        with st.expander(session.say("my_area_outages", count=len(outages) - 1)):
            st.markdown("\n".join(f"- {plain.in_markdown(_reason(one))}" for one in outages[1:]))


def _reason(one: dict[str, Any]) -> str:
    parts = [
        session.say(
            "crew_why_one", kind=session.say(f"crew_outage_{one['kind'] or 'fault'}"),
            outage=one["outage_id"], since=one["started_at"], customers=one["customers_out"],
        )
    ]  # fmt: skip
    if one["cause"]:
        parts.append(session.say("crew_why_cause", cause=one["cause"]))
    back = one["estimated_restore_at"]
    parts.append(session.say("crew_why_back", at=back) if back else session.say("crew_why_unknown"))
    return " ".join(parts)


def show_phone() -> None:
    """The way to the page that works without a connection."""
    spoken = session.language_query().get("lang")
    query = f"?lang={spoken}" if spoken else ""
    st.link_button(
        session.say("my_area_phone"), f"/crew{query}", icon=":material/smartphone:", type="primary",
        width="stretch",
    )  # fmt: skip
    st.caption(session.say("my_area_phone_hint"))


def show_round(day: Day) -> None:
    """Orders and chores in visiting order."""
    orders = {one["order_id"]: one for one in day["orders"]}
    chores = {one["chore_id"]: one for one in day["chores"]}
    if day["crew_id"] is None:
        empty.hint(session.say("crew_none_yours"))
    stops = [*day["visit"], *_left_over(day)]
    rows = [_row(n, stop, orders, chores) for n, stop in enumerate(stops, start=1)]
    st.html(f"<h4>{plain.escaped(session.say('crew_round'))}</h4>")
    if not rows:
        empty.hint(session.say("crew_no_orders"))
        return
    frame = pd.DataFrame(rows)
    frame.columns = [session.say(f"my_area_{name}") for name in frame.columns]
    st.dataframe(frame, hide_index=True, key="my_area_round")
    st.caption(session.say(f"crew_sequence_{day['sequence_by']}"))


def _left_over(day: Day) -> list[dict[str, Any]]:
    """What has no place on the map, or is done: after the round."""
    seen = {(stop["what"], stop["id"]) for stop in day["visit"]}
    every = [("order", one["order_id"]) for one in day["orders"]]
    every += [("chore", one["chore_id"]) for one in day["chores"]]
    return [{"what": a, "id": b, "drive_min": None} for a, b in every if (a, b) not in seen]


def _row(
    number: int, stop: dict[str, Any], orders: dict[str, Any], chores: dict[str, Any]
) -> dict[str, Any]:
    drive = stop["drive_min"]
    minutes = words.NOTHING if drive is None else session.say("minutes", n=round(drive))
    if stop["what"] == "chore":
        chore = chores[stop["id"]]
        state = session.say("my_area_done" if chore["is_done"] else "my_area_open")
        return {"number": number, "what": chore_words(chore), "state": state,
                "due": _moment(chore["due_at"]), "drive": minutes}  # fmt: skip
    order = orders[stop["id"]]
    task = words.say(f"wo_task_{order['task']}", session.language())
    place = order["address"] or order["transformer_id"] or ""
    return {
        "number": number, "what": f"{order['order_id']} · {task} · {place}",
        "state": session.say(f"crew_state_{order['state']}"), "due": _moment(order["due_at"]),
        "drive": minutes,
    }  # fmt: skip


def chore_words(chore: dict[str, Any]) -> str:
    """A chore in a sentence."""
    digits = 1 if chore["kind"] == "loss" else 0
    share = "" if chore["share"] is None else f"{100 * chore['share']:.{digits}f} %"
    told = session.say(
        f"crew_chore_{chore['kind']}", count=chore["count"], about=chore["about"], share=share,
        at=chore["due_at"] or words.NOTHING,
    )  # fmt: skip
    if chore["visits"]:
        return f"{told} {session.say('crew_chore_visits', count=chore['visits'])}"
    return told


def _moment(value: datetime | None) -> str:
    return words.NOTHING if value is None else session.moment(value)
