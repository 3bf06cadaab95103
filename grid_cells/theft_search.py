"""Which explanations of the losses hold together: the likeliest first, each judged again beside the rest."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from grid_cells import theft_evidence
from grid_cells.theft_balance import losses
from grid_cells.theft_explanations import Case, Explanation, moves, offers
from grid_cells.theft_panel import Flags, Floats, Panel
from grid_cells.theft_usual import Usual

_SCHEDULE = ((0.03, 3.0, 3), (0.03, 2.0, 4), (0.01, 1.0, 4), (0.003, 0.0, 4), (0.0, 0.0, 6))
"""Spread of the technical share, least odds to accept, rounds at most: the shape of days before the
level, because the level of a loss is the sum of all its causes."""


@dataclass(eq=False)
class Search:
    """State of the search: what is accepted by row, and what it adds to each loss (kWh a day)."""

    case: Case
    shift: Floats
    bounds: "np.typing.NDArray[np.integer]"
    found: dict[int, Explanation] = field(default_factory=dict)

    def rows(self, b: int) -> slice:
        """The rows of a transformer."""
        return slice(int(self.bounds[b]), int(self.bounds[b + 1]))

    def put(self, one: Explanation) -> list[int]:
        """Accept an explanation; the transformers it touches."""
        self.found[one.row] = one
        return self._shift(one, 1)

    def take(self, row: int) -> Explanation:
        """Take an explanation back."""
        one = self.found.pop(row)
        self._shift(one, -1)
        return one

    def _shift(self, one: Explanation, sign: int) -> list[int]:
        touched = moves(self.case, one)
        for b, kwh in touched:
            self.shift[b] += sign * kwh
            self.case.losses.rest[b] -= sign * kwh
        return [b for b, _ in touched]

    def hidden(self, one: Explanation) -> Floats:
        """What an explanation adds to its own transformer's loss, kWh a day."""
        return moves(self.case, one)[0][1]

    def free(self, rows: slice) -> Flags:
        """Which rows have no explanation yet."""
        return np.array([row not in self.found for row in range(rows.start, rows.stop)], bool)


def search(panel: Panel, own: Usual, progress: Callable[[float], None] = lambda _: None) -> Search:
    """The explanations that hold together.

    Matching pursuit: in each round the likeliest explanation of each transformer is accepted, if no
    likelier one touches the same; then each accepted one is judged again beside all others and
    dropped where none is likelier. Common figures (technical loss, noise) are found anew meanwhile.
    """
    shift = np.zeros((panel.transformers, panel.days))
    steps = theft_evidence.own_steps(own)
    case = Case(panel, own, steps, losses(panel, own, shift))
    state = Search(case, shift, panel.bounds())
    for number, (spread, least, rounds) in enumerate(_SCHEDULE):
        _run(state, spread, least, rounds)
        progress((number + 1) / len(_SCHEDULE))
    return state


def _run(state: Search, spread: float, least: float, rounds: int) -> None:
    """Rounds until nothing changes, with the technical share known no better than `spread`."""
    panel = state.case.panel
    common = losses(panel, state.case.own, state.shift).common
    common = replace(common, spread=max(spread, common.spread))
    state.case = replace(state.case, losses=losses(panel, state.case.own, state.shift, common))
    active, held = np.ones(panel.transformers, bool), {}
    for _ in range(rounds):
        for b in np.flatnonzero(active):
            held[int(b)] = [o for o in _best(state, int(b)) if o.odds > least]
        touched = _accept(state, held) | _judge_again(state)
        if not touched.any():
            break
        active = touched | (touched[panel.near] & (panel.near >= 0)).any(axis=1)


def _best(state: Search, b: int) -> list[Explanation]:
    rows = state.rows(b)
    if rows.start == rows.stop or not state.case.losses.weight[b].any():
        return []
    return offers(state.case, rows).best(state.free(rows), state.case)


def _accept(state: Search, held: dict[int, list[Explanation]]) -> Flags:
    """Accept the likeliest explanations of which no two touch the same transformer."""
    touched = np.zeros(state.case.panel.transformers, bool)
    for one in sorted((o for each in held.values() for o in each), key=lambda o: -o.odds):
        about = [b for b, _ in moves(state.case, one)]
        if not touched[about].any() and one.row not in state.found:
            touched[state.put(one)] = True
    return touched


def _judge_again(state: Search) -> Flags:
    """Take each accepted explanation out, and put back what is then likeliest of that meter, if any."""
    touched = np.zeros(state.case.panel.transformers, bool)
    for row in list(state.found):
        one = state.take(row)
        only = offers(state.case, slice(row, row + 1)).best(np.ones(1, bool), state.case)
        again = max(only, key=lambda o: o.odds, default=None)
        if again is not None:
            state.put(again)
        if again is None or (again.cause, again.value) != (one.cause, one.value):
            about = [*moves(state.case, one), *(moves(state.case, again) if again else [])]
            touched[[b for b, _ in about]] = True
    return touched
