"""Masked values: the lock that marks them, and the way to one of them with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from app.use_cases import privacy
from app.widgets import errors, plain, session
from app.widgets import words_of as naming
from grid_cells.errors import UserError

_ASKED: Final = "uncover_asked"
_COLUMN, _REASON, _TICKET = "uncover_column", "uncover_reason", "uncover_ticket"


def lock(may_ask: bool | None) -> str:
    """HTML of the sign behind a masked value; nothing where the value is not masked (None)."""
    if may_ask is None:
        return ""
    told = plain.escaped(session.say("masked_may_unmask" if may_ask else "masked"))
    return f'<span class="gc-lock" role="img" aria-label="{told}" title="{told}"></span>'


@dataclass(frozen=True)
class Answer:
    """What a wish came to, in this run only: a value by its column, or why there is none."""

    shown: dict[str, str] = field(default_factory=dict)
    error: UserError | None = None


def asked(ref: str, customer_no: str) -> Answer:
    """The answer to what was just asked for; an empty one where nothing was."""
    wish: tuple[str, str, str, str] | None = st.session_state.pop(_ASKED, None)
    if wish is None or wish[0] != ref:
        return Answer()
    _, column, reason, ticket = wish
    try:
        value = privacy.unmask(
            session.database(), session.actor(), customer_no, column, reason, ticket or None
        )
    except UserError as error:
        return Answer(error=error)
    for name, nothing in ((_COLUMN, None), (_REASON, None), (_TICKET, "")):
        st.session_state[f"{name}_{ref}"] = nothing  # another click uncovers nothing
    return Answer({column: value})


def offer(ref: str, columns: Sequence[str], answer: Answer) -> None:
    """Which value, for what reason, under which ticket; nothing where there is none to ask for.

    The answer stands here too, since here is where the person looks.
    """
    if not columns:
        return
    st.session_state.setdefault(f"{_COLUMN}_{ref}", columns[0])
    one = naming.column(columns[0])
    word = session.say("unmask", column=one) if len(columns) == 1 else session.say("uncover")
    with st.popover(plain.in_markdown(word), icon=":material/lock_open:"):
        _tell(answer)
        column = st.pills(
            session.say("uncover_which"),
            columns,
            format_func=naming.column,
            key=f"{_COLUMN}_{ref}",
        )
        reason = st.selectbox(
            session.say("unmask_reason"),
            privacy.unmask_reasons(),
            index=None,
            placeholder=session.say("uncover_choose"),
            format_func=lambda one: session.say(f"unmask_reason_{one}"),
            key=f"{_REASON}_{ref}",
        )
        ticket = st.text_input(
            session.say("unmask_ticket"),
            key=f"{_TICKET}_{ref}",
            max_chars=privacy.LONGEST_TICKET,
        )
        st.caption(session.say("unmask_noted"))
        st.button(
            session.say("unmask_do"),
            type="primary",
            width="stretch",
            disabled=column is None or reason is None,
            key="uncover_do",
            on_click=_ask,
            args=(ref, column, reason, ticket.strip()),
        )


def _tell(answer: Answer) -> None:
    if answer.error is not None:
        errors.show(answer.error)
    for column, value in answer.shown.items():
        st.html(
            f'<p class="gc-uncovered"><small>{plain.escaped(naming.column(column))}</small>'
            f"<b>{plain.escaped(value)}</b></p>"
        )


def _ask(ref: str, column: str, reason: str, ticket: str) -> None:
    """Keep the wish, never the value, for the run that follows."""
    st.session_state[_ASKED] = (ref, column, reason, ticket)
