"""The drawer beside the promise map: one order with its clocks, or one cell with its promise."""

from typing import Any

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, promise_cells, promises
from app.widgets import (
    card,
    errors,
    links,
    order_words,
    plain,
    promise_bar,
    promise_deeds,
    promise_scene,
    promise_words,
    session,
)
from app.widgets.promise_scene import PromiseScene
from grid_cells.cells import hex_to_cells


def show(scene: PromiseScene) -> None:
    """The open order, the one just closed with the way back, else the open cell, else nothing."""
    promise_deeds.forget_others(scene.order or scene.closed)
    key = "drawer_open" if scene.order or scene.closed or scene.cell else "drawer_shut"
    with st.container(key=key, gap="small"):
        if key == "drawer_shut":
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            promise_scene.open_order(None)
            session.again()
        with errors.kindly():
            if scene.order:
                _order(scene, scene.order)
            elif scene.closed:
                promise_deeds.show_closed(scene.closed)
            else:
                _cell(scene, str(scene.cell))


def _order(scene: PromiseScene, report_id: str) -> None:
    row, events = promises.order(session.database(), session.actor(), report_id)
    card.title(session.say("promise_order", order=report_id))
    under = plain.escaped(session.say(f"promise_waits_{row['state_of']}"))
    badge = promise_words.badge(str(row["state"]), row["state_left_min"])
    st.html(f'<p class="gc-countdown">{badge} <small>{under}</small></p>')
    if row["is_stopped"]:
        why = promise_words.reason(row["stop_reason"])
        since = promise_words.moment(row["stopped_since"])
        card.note(session.say("promise_stopped_for", reason=why, time=since))
    _bar(row, events)
    promise_deeds.show(report_id, scene)
    card.rows(_facts(row, scene))
    if not plain.is_missing(row["outage_id"]):
        link = {"page": "outages", "outage": row["outage_id"]}
        links.show(link, session.say("promise_open_outage"), icon=":material/bolt:")
    if pd.isna(row["arrived_at"]):
        _could(report_id)
    _done(events)


def _bar(row: "pd.Series[Any]", events: pd.DataFrame) -> None:
    parts = promise_bar.spans(row, events, pd.Timestamp(session.now()))
    promise = row["arrive_min"]
    whole = round(max((one.ends for one in parts), default=0.0))
    told = words.NOTHING if plain.is_missing(promise) else f"{promise:g}"
    alt = session.say("promise_timeline", n=whole, promise=told)
    st.html(promise_bar.drawn(parts, promise, row["arrive_state"], alt))


def _facts(row: "pd.Series[Any]", scene: PromiseScene) -> list[card.Row]:
    promise = words.NOTHING
    if not plain.is_missing(row["arrive_min"]):
        of_class = promise_words.of_promise(row["promise_class"])
        promise = session.say("promise_promise_is", promise=of_class, n=row["arrive_min"])
    pairs = [
        ("promise_registered", promise_words.moment(row["registered_at"])),
        ("promise_promise", promise),
        ("promise_arrival", promise_words.clock(row["counted_min"], row["elapsed_min"])),
        ("promise_crew_sent", _crew(row)),
        ("promise_area", row["area_id"]),
        ("promise_address", row["address"]),
    ]
    if not plain.is_missing(row["restore_counted_min"]):
        counted = promise_words.clock(row["restore_counted_min"], row["restore_elapsed_min"])
        pairs[4:4] = [
            ("promise_restore_promise", session.say("promise_restore_is", n=row["restore_min"])),
            ("promise_restore", counted),
        ]
    if not plain.is_missing(row["outage_id"]):
        count = int((scene.everything["outage_id"] == row["outage_id"]).sum())
        told = session.say("promise_outage_calls", outage=row["outage_id"], count=count)
        pairs.append(("promise_outage", told))
    return [(session.say(code), card.text(value)) for code, value in pairs]


def _crew(row: "pd.Series[Any]") -> str:
    for stamp, code in (("arrived_at", "there"), ("accepted_at", "accepted"), ("told_at", "told")):
        if not pd.isna(row[stamp]):
            crew = words.shown(row["crew_id"], session.language())
            return session.say(
                f"promise_crew_{code}", crew=crew, time=promise_words.moment(row[stamp])
            )
    return session.say("promise_crew_none")


def _could(report_id: str) -> None:
    """Crews that could come, at most six, with what keeps them busy."""
    found = promises.who_could(session.database(), session.actor(), report_id)
    st.html(f"<h4>{plain.escaped(session.say('promise_could'))}</h4>")
    if found.empty:
        card.note(session.say("promise_could_nobody"))
        return
    if found["travel_min"].notna().any() and not found["is_in_time"].any():
        card.note(session.say("promise_could_late"))
    card.rows(
        (f"{row['crew_id']} {words.shown(row['name'], session.language())}", _chance(row))
        for row in found.head(6).to_dict("records")
    )
    st.caption(session.say("promise_could_how"))


def _chance(row: dict[Any, Any]) -> str:
    busy = session.say("promise_free")
    if not pd.isna(row["busy_since"]):
        since = promise_words.moment(row["busy_since"])
        is_known = not plain.is_missing(row["busy_with"])
        busy = session.say(
            "promise_busy" if is_known else "promise_busy_elsewhere",
            order=row["busy_with"],
            time=since,
        )
    told = card.quiet(f"{promise_words.travel(row['travel_min'])} · {busy}")
    if plain.is_missing(row["spare_min"]):
        return told
    code, tone = ("promise_spare", "good") if row["is_in_time"] else ("promise_too_late", "broken")
    badge = card.badge(session.say(code, n=round(abs(row["spare_min"]))), tone)  # type: ignore[arg-type]
    return card.joined(badge, told)


def _done(events: pd.DataFrame) -> None:
    if events.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('promise_done_with'))}</h4>")
    rows = []
    for row in events.to_dict("records"):
        what = session.say(f"order_event_{row['event']}")
        more = order_words.reason(str(row["event"]), row["reason_code"])
        crew = "" if plain.is_missing(row["crew_id"]) else str(row["crew_id"])
        rows.append(
            (
                promise_words.moment(row["happened_at"]),
                card.joined(card.text(what), card.quiet(more or crew)),
            )
        )
    card.rows(rows)


def _cell(scene: PromiseScene, cell: str) -> None:
    db, actor = session.database(), session.actor()
    cell_id = int(hex_to_cells([cell])[0])
    place = promise_cells.cells(db, actor, "place")
    row = place[place["cell_id"] == cell_id]
    orders = scene.everything[scene.everything["cell_id"] == cell_id]
    card.title(session.say("promise_cell", cell=cell))
    if not row.empty:
        _place(row.iloc[0])
    card.rows([(session.say("promise_cell_orders"), card.text(len(orders), strong=True))])
    for report, state in zip(orders["report_id"], orders["state"], strict=True):
        st.button(
            f"{promise_words.state(state)} · {report}", key=f"promise_cell_{report}",
            on_click=promise_scene.open_order, args=(str(report),),
        )  # fmt: skip
    if access.may(actor, "see_map"):
        link = {"page": "service_map", "cell": cell, "measure": "crew_min"}
        links.show(link, session.say("promise_cell_map"), icon=":material/hive:")


def _place(row: "pd.Series[Any]") -> None:
    code = {"kept": "can", "risk": "tight", "broken": "cannot"}.get(row["state"], "unknown")
    promise = words.NOTHING
    if not plain.is_missing(row["promise_min"]):
        of_class = promise_words.of_promise(row["promise_class"])
        promise = session.say("promise_promise_is", promise=of_class, n=row["promise_min"])
    card.note(session.say(f"promise_cell_{code}"))
    card.rows(
        [
            (session.say("promise_promise"), card.text(promise)),
            (
                session.say("promise_cell_crew"),
                plain.escaped(words.minutes(row["crew_min"], session.language())),
            ),
        ]
    )
