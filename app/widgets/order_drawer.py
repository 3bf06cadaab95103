"""The drawer beside the orders: one order's story, with every stamp, who, where and why."""

from typing import Any

import streamlit as st

from app import language as words
from app.use_cases import access, order_rules, work_orders
from app.use_cases.work_orders import OrderStory
from app.widgets import (
    card,
    errors,
    links,
    order_deeds,
    order_evidence,
    order_links,
    order_scene,
    order_timeline,
    order_words,
    plain,
    promise_words,
    session,
)
from app.widgets.order_scene import OrdersScene


def show(scene: OrdersScene) -> None:
    """The open order, else nothing."""
    with st.container(key="drawer_open" if scene.order else "drawer_shut", gap="small"):
        if not scene.order:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            order_scene.open_order(None)
            session.again()
        with errors.kindly():
            _story(work_orders.story(session.database(), session.actor(), scene.order))


def _story(story: OrderStory) -> None:
    order = story.order
    card.title(order_words.task(order), str(order["order_id"]))
    state = card.badge(order_words.state(order["state"]))
    left = order_words.badge(order["left_min"], str(order["clock"]))
    if order["is_in_pool"]:
        state = card.joined(state, card.badge(session.say("wo_in_pool")))
    under = plain.escaped(order_words.of_code("wo_due", order["due_of"]))
    st.html(f'<p class="gc-countdown">{state} {left} <small>{under}</small></p>')
    order_deeds.show(order, list(order["crews"]), story.cards)
    card.rows(_facts(order))
    _crews(story)
    _calls(story)
    order_timeline.show(story.events)
    order_evidence.card_of(story.cards)
    order_evidence.show(story)
    order_links.show(order, story.links)


def _facts(order: dict[str, Any]) -> list[card.Row]:
    pairs: list[tuple[str, Any]] = [
        ("wo_column_registered", promise_words.moment(order["registered_at"])),
        ("wo_new_address", order["address"]),
        ("wo_new_customer", order["customer_no"]),
        ("wo_new_contact", order["contact"]),
        ("wo_new_phone", order["phone"]),
        ("wo_new_transformer", order["transformer_id"]),
        ("wo_column_area", order["area_id"]),
        ("wo_column_priority", order["priority"]),
        ("wo_column_service", words.minutes(order["service_min"], session.language())),
        ("wo_column_skills", order["skills"]),
        ("wo_column_submission", order["submission_no"]),
        ("wo_column_source", order_words.of_code("wo_source", order["source"])),
        ("wo_new_note", order["note"]),
    ]
    rows = [(session.say(code), card.text(value)) for code, value in pairs if _is_told(value)]
    window = (order["window_from"], order["window_to"])
    if any(window):
        begin, end = (promise_words.moment(one) for one in window)
        rows.append((session.say("wo_new_window"), card.text(f"{begin} – {end}")))
    if order["rating"] is not None:
        most = int(order_rules.rule("rating_most"))
        told = session.say("wo_rating", rating=order["rating"], most=most)
        rows.append((order_words.of_code("wo_move", "rated"), card.text(told)))
    return rows


def _is_told(value: Any) -> bool:
    return not plain.is_missing(value) and value != ""


def _crews(story: OrderStory) -> None:
    st.html(f"<h4>{plain.escaped(session.say('wo_crews'))}</h4>")
    if story.holdings.empty:
        card.note(session.say("wo_nobody_told"))
        return
    card.rows(
        (f"{row['crew_id']} {words.shown(row['name'], session.language())}", _held(row))
        for row in story.holdings.to_dict("records")
    )


def _held(row: dict[Any, Any]) -> str:
    part = session.say(f"wo_part_{row['part']}")
    last = next(
        (
            (code, row[f"{code}_at"])
            for code in ("finished", "arrived", "accepted", "told")
            if not plain.is_missing(row[f"{code}_at"])
        ),
        None,
    )
    if not plain.is_missing(row["ended_why"]) and row["ended_why"] != "done":
        last = (str(row["ended_why"]), row["ended_at"])
    told = (
        ""
        if last is None
        else f"{order_words.of_code('wo_move', last[0])} {promise_words.moment(last[1])}"
    )
    return card.joined(card.text(part), card.quiet(told))


def _calls(story: OrderStory) -> None:
    if story.reports.empty:
        return
    st.html(
        f"<h4>{plain.escaped(session.say('wo_calls'))} <small>{len(story.reports)}</small></h4>"
    )
    first = story.reports.head(5)
    card.rows(
        (str(row["report_id"]), card.text(promise_words.moment(row["registered_at"])))
        for row in first.to_dict("records")
    )
    if access.may(session.actor(), "see_promises"):
        link = {"page": "promises", "order": str(first["report_id"].iloc[0])}
        links.show(link, session.say("page_promises"), icon=":material/timer:")
