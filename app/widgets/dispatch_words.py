"""Words of the dispatcher's board: orders in a line, crews suggested, reasons of solvers."""

from typing import Any

import pandas as pd

from app import language as words
from app.use_cases.dispatch_board import SOLVER, Suggestion
from app.widgets import order_words, promise_words, session


def task(code: Any) -> str:
    """What is to be done; the code itself where no catalogue knows it."""
    return order_words.of_code("wo_task", code)


def state(code: Any) -> str:
    """The state of an order."""
    return order_words.state(code)


def hour(moment: Any) -> str:
    """A moment of today as hours and minutes, another day with its date."""
    if moment is None or pd.isna(moment):
        return words.NOTHING
    stamp = pd.Timestamp(moment).tz_convert(session.zone())
    today = pd.Timestamp(session.now()).tz_convert(session.zone()).date()
    return f"{stamp:%H:%M}" if stamp.date() == today else f"{stamp:%m-%d %H:%M}"


def countdown(row: dict[Any, Any]) -> str:
    """How an order stands against its promise, with its sign."""
    return promise_words.line(str(row["clock"]), row["left_min"])


def badge(row: dict[Any, Any]) -> str:
    """HTML of the countdown, set off by its state's colour and sign."""
    return promise_words.badge(str(row["clock"]), row["left_min"])


def why(one: Suggestion) -> str:
    """Why the crew is suggested, by the solver's or the rule's code."""
    if one.source == SOLVER:
        return session.say(f"board_why_{one.code}")
    return session.say(f"board_place_{one.code}")


def costs(one: Suggestion) -> str:
    """What the suggestion costs, and the second best crew with what that would cost."""
    name = "board_extra" if one.source == SOLVER else "board_travel"
    told = "" if one.extra_min is None else session.say(name, n=round(one.extra_min))
    if one.second_crew is None:
        return told
    return session.say(
        "board_second", told=told, crew=one.second_crew, n=round(one.second_min or 0)
    )


def other(choice: dict[str, Any]) -> str:
    """What another crew could have done about an order, in one line."""
    code = choice["code"]
    if code == "could":
        return session.say("board_other_could", crew=choice["crew"], n=choice["extra_min"],
            time=hour(choice["arrive_at"]),
        )  # fmt: skip
    if code == "others_late":
        late = _listed([one["order"] for one in choice["late"]])
        return session.say(
            "board_other_others_late", crew=choice["crew"], orders=late or words.NOTHING
        )
    return session.say(f"board_other_{code}", crew=choice["crew"])


def refusals(codes: Any) -> str:
    """What speaks against a crew, in a few words."""
    return _listed([session.say(f"grab_short_{one}") for one in codes])


def _listed(told: list[str]) -> str:
    return words.shown(told, session.language())
