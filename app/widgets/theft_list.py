"""Below the map: hotspots, suspects, and those whom evidence clears; a row opens its evidence."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import feeder_losses, theft_suspects
from app.widgets import empty, plain, session, theft_scene, theft_trends, theft_words
from app.widgets.theft_scene import TheftScene

_TABLES: Final = ("suspects", "spots", "lines", "feeders", "cleared", "trend")
_KEY, _ORDER = "theft_rows_table", "theft_rows_order"
_TALLEST_PX: Final = 420
_MOST_LINES: Final = 500
_WHO: Final = ("customer_no", "name", "address", "transformer_id")


def show(scene: TheftScene) -> None:
    """One of three tables."""
    with st.container(key="theft_rows"):
        chosen = st.segmented_control(
            session.say("theft_tables"), _TABLES, default=_TABLES[0], key="theft_table",
            format_func=lambda one: session.say(f"theft_table_{one}"), label_visibility="collapsed",
        )  # fmt: skip
        if chosen == "spots":
            _spots(scene)
        elif chosen == "feeders":
            _feeders()
        elif chosen == "lines":
            _lines(scene)
        elif chosen == "trend":
            theft_trends.show(scene.wish)
        else:
            _people(scene, is_suspect=chosen != "cleared")
        st.caption(session.say("theft_words_note"))


def _people(scene: TheftScene, *, is_suspect: bool) -> None:
    rows = scene.suspects[(scene.suspects["cause"] == "suspect") == is_suspect]
    if rows.empty:
        empty.hint(session.say("theft_no_suspects" if is_suspect else "theft_no_cleared"))
        return
    table = rows[list(_WHO)].copy()
    if is_suspect:
        table["score"] = rows["score"].round(2)
    else:
        table["cause"] = [theft_words.cause(str(one)) for one in rows["cause"]]
    table["lost"] = rows["lost_kwh_day"].astype(float).round(1)
    table["since"] = [theft_words.day(one) for one in rows["since"]]
    table["why"] = ["" if one is None else theft_words.reason(one) for one in rows["reason"]]
    table["alone"] = [_alone(row) for row in rows.to_dict("records")]
    _frame(table, [("customer", ref) for ref in rows["ref"]])


def _alone(row: dict[Any, Any]) -> str:
    if pd.isna(row["left_alone_until"]):
        return ""
    return session.say("theft_alone_short", day=theft_words.day(row["left_alone_until"]),
                       outcome=theft_words.outcome(str(row["left_alone_for"])))  # fmt: skip


def _spots(scene: TheftScene) -> None:
    spots = scene.found.spots
    if spots.empty:
        empty.hint(session.say("theft_no_spots"))
        return
    table = pd.DataFrame(
        {
            "spot": [session.say("theft_spot", n=int(one) + 1) for one in spots.index],
            "cells": spots["cells"], "customers": spots["customers"].round(),
            "suspects": spots["suspects"].round(1), "lost": spots["lost_kwh"].round(1),
            "p": [f"{one:.1g}" for one in spots["p"]],
            "inspected_share": _shares(spots["inspected_share"]),
            "hit_rate": _shares(spots["hit_rate"]),
        }
    )  # fmt: skip
    _frame(table, [("cell", str(one)) for one in spots["spot_id"]])


def _feeders() -> None:
    rows = feeder_losses.held(session.database(), session.actor()).feeders
    if rows.empty:
        empty.hint(session.say("theft_no_feeders"))
        return
    table = pd.DataFrame(
        {
            "feeder_id": rows["feeder_id"], "feeder_name": rows["name"],
            "feeder_rate": [theft_words.share(one, 1) for one in rows["loss_rate"]],
            "feeder_kwh": rows["loss_kwh_day"].astype(float).round(1),
            "feeder_known": [
                f"{known} / {days}"
                for known, days in zip(rows["days_known"], rows["days"], strict=True)
            ],
            "feeder_dedicated": rows["dedicated"],
            "feeder_head": [theft_words.head(is_there=bool(o)) for o in rows["is_head_metered"]],
        }
    )  # fmt: skip
    if table["feeder_kwh"].isna().all():
        table = table.drop(columns="feeder_kwh")
    _frame(table, [("feeder", str(one)) for one in rows["feeder_id"]])
    st.caption(plain.in_markdown(session.say("theft_feeder_note")))


def _lines(scene: TheftScene) -> None:
    """Transformers with their loss: how high, whereto, since which step."""
    db, actor = session.database(), session.actor()
    rows = theft_suspects.transformers(db, actor, int(scene.found.run["run_id"])).head(_MOST_LINES)
    if rows.empty:
        empty.hint(session.say("theft_unknown"))
        return
    records = rows.to_dict("records")
    table = pd.DataFrame(
        {
            "transformer_id": rows["transformer_id"], "score": rows["score"].round(2),
            "cause": [theft_words.cause(str(one)) for one in rows["cause"]],
            "loss_rate": [theft_words.share(one, 1) for one in rows["loss_rate"]],
            "grade": [theft_words.grade({str(k): v for k, v in row.items()}) for row in records],
            "loss_trend": [theft_words.trend(row["reasons"]) or words.NOTHING for row in records],
            "step": [theft_words.step({str(k): v for k, v in row.items()}) for row in records],
            "days_known": [f"{row['days_known']} / {row['days']}" for row in records],
        }
    )  # fmt: skip
    _frame(table, [("transformer", str(one)) for one in rows["transformer_id"]])


def _shares(values: "pd.Series[float]") -> list[str]:
    never = session.say("theft_never")
    return [never if pd.isna(one) else theft_words.share(one, 1) for one in values]


def _frame(table: pd.DataFrame, order: list[tuple[theft_scene.Open, str]]) -> None:
    st.session_state[_ORDER] = order
    names = {name: session.say(f"theft_column_{name}") for name in table}
    st.dataframe(
        table.rename(columns=names).reset_index(drop=True), hide_index=True, key=_KEY,
        height=min(_TALLEST_PX, 38 + 35 * len(table)), on_select=_pick, selection_mode="single-row",
    )  # fmt: skip


def _pick() -> None:
    chosen: Any = st.session_state[_KEY]
    order = st.session_state[_ORDER]
    picked = chosen["selection"]["rows"]
    if picked and picked[0] < len(order):
        theft_scene.open_one(*order[picked[0]])
