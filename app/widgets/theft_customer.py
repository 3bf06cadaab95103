"""One customer in the drawer: why a visit is worth while or not, charts, visits, deeds."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access
from app.use_cases.theft_suspects import Suspicion
from app.widgets import (
    card,
    plain,
    session,
    theft_charts,
    theft_pack,
    theft_remote,
    theft_result,
    theft_scene,
    theft_words,
)
from app.widgets.theft_scene import TheftScene


def show(scene: TheftScene, ref: str) -> None:
    """The evidence; each opening is on record once, not each run."""
    story = theft_scene.story(ref, int(scene.found.run["run_id"]))
    customer, score = story.customer, story.score
    name = customer.get("name")
    card.title(
        str(name if not plain.is_missing(name) else customer["customer_no"]), _under(customer)
    )
    _verdict(story)
    reasons(score["reasons"])
    st.html(f"<h4>{plain.escaped(session.say('theft_days'))}</h4>")
    if story.is_withheld:
        card.note(session.say("theft_days_withheld"))
    theft_charts.evidence(story.days, story.losses, score["since"])
    st.caption(plain.in_markdown(session.say("theft_days_key")))
    if story.transformer is not None:
        line = session.say("theft_transformer", id=story.transformer["transformer_id"])
        st.html(f"<h4>{plain.escaped(line)}</h4>")
        transformer_facts(story.transformer)
    _visits(story)
    if access.may(session.actor(), "run_inspections"):
        theft_remote.show(story)
        theft_result.show(story)
    theft_pack.show(story)


def _under(customer: dict[str, Any]) -> str:
    told = [customer.get("customer_no"), customer.get("address")]
    return " · ".join(str(one) for one in told if not plain.is_missing(one))


def _verdict(story: Suspicion) -> None:
    score = story.score
    cause = str(score["cause"])
    tone: card.Tone = "risk" if cause == "suspect" else "good" if cause != "none" else "plain"
    badge = card.badge(theft_words.cause(cause), tone)
    said = card.text(words.number(score["score"], 2), strong=True)
    by = card.quiet(theft_words.scored_by(score, story.run))
    rows = [
        (session.say("theft_verdict"), badge),
        (session.say("theft_score"), card.joined(said, by)),
        *_parts(score),
    ]
    if not pd.isna(score["lost_kwh_day"]) and score["lost_kwh_day"] > 0:
        rows.append(
            (session.say("theft_lost"), card.text(f"{words.number(score['lost_kwh_day'], 1)} kWh"))
        )
    if not pd.isna(score["since"]):
        rows.append((session.say("theft_since"), card.text(theft_words.day(score["since"]))))
    if not pd.isna(score["quality"]):
        rows.append((session.say("theft_quality"), card.text(theft_words.share(score["quality"]))))
    card.rows(rows)
    if cause not in ("suspect", "none"):
        card.note(session.say("theft_cleared_note"))
    if story.left_alone_until is not None:
        told = session.say("theft_left_alone", day=story.left_alone_until,
                           outcome=theft_words.outcome(str(story.left_alone_for)))  # fmt: skip
        st.html(f'<p class="gc-problem">✓ {plain.escaped(told)}</p>')


def _parts(score: dict[str, Any]) -> list[card.Row]:
    """What rules and model say apart, where both do; how the readings move with the loss."""
    rows: list[card.Row] = []
    if not pd.isna(score.get("model_score")):
        both = session.say(
            "theft_both_scores", rules=words.number(score["rule_score"], 2),
            model=words.number(score["model_score"], 2),
        )  # fmt: skip
        rows.append((session.say("theft_both"), card.text(both)))
    link = score.get("link")
    told = session.say("unknown") if pd.isna(link) else f"r = {words.number(link, 2)}"
    return [*rows, (session.say("theft_link"), card.text(told))]


def reasons(told: Sequence[dict[str, Any]]) -> None:
    """Reasons as sentences."""
    if not told:
        return
    items = "".join(f"<li>{plain.escaped(theft_words.reason(one))}</li>" for one in told)
    st.html(
        f'<h4>{plain.escaped(session.say("theft_reasons"))}</h4><ul class="gc-others">{items}</ul>'
    )


def transformer_facts(row: dict[str, Any]) -> None:
    """What the balance says of a transformer."""
    told = [
        (session.say("theft_loss_rate"), card.text(theft_words.share(row["loss_rate"], 1))),
        (session.say("theft_grade"), card.text(theft_words.grade(row))),
        (session.say("theft_days_known"), card.text(f"{row['days_known']} / {row['days']}")),
    ]  # fmt: skip
    trend = theft_words.trend(row["reasons"])
    if trend is not None:
        told.append((session.say("theft_loss_trend"), card.text(trend)))
    if row["cause"] not in ("none", "suspect"):
        told.insert(
            0, (session.say("theft_verdict"), card.badge(theft_words.cause(row["cause"]), "good"))
        )
    if not pd.isna(row["step_kwh_day"]):
        told.append((session.say("theft_step"), card.text(theft_words.step(row))))
    card.rows(told)


def _visits(story: Suspicion) -> None:
    if story.visits.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('theft_visits'))}</h4>")
    card.rows(
        (theft_words.day(row["inspected_on"]), card.text(theft_words.outcome(str(row["outcome"]))))
        for row in story.visits.head(10).to_dict("records")
    )
