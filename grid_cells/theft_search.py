"""Which explanations of the losses hold together: the likeliest first, each judged again beside the rest."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from grid_cells import theft_evidence, theft_falls
from grid_cells.theft_balance import Sums, losses, sums
from grid_cells.theft_explanations import Case, Explanation, moves, offers
from grid_cells.theft_panel import Flags, Floats, Panel
from grid_cells.theft_usual import Usual

_SCHEDULE = ((0.03, 2.5, 6), (0.01, 1.0, 5), (0.0, 0.0, 6))
"""Spread of the technical share, least odds to accept, rounds at most: the shape of days before the
level, because the level of a loss is the sum of all its causes."""
_LINK_PRIOR = float(np.log(0.01))
_SURE = 3.0
_SETTLING = 4
_LEAST_DAYS = 20
"""Of a transformer with fewer known days nothing is said."""


@dataclass(eq=False)
class Search:
    """State of the search: what is accepted by row, and what it adds to each loss (kWh a day)."""

    case: Case
    whole: Sums
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
    whole = sums(panel, own)
    case = Case(panel, own, steps, losses(whole, shift), _LINK_PRIOR)
    state = Search(case, whole, shift, panel.bounds())
    _seed(state)
    for number, (spread, least, rounds) in enumerate(_SCHEDULE):
        _run(state, spread, least, rounds)
        progress((number + 1) / len(_SCHEDULE))
    return state


def _seed(state: Search) -> None:
    """Begin with meters whose own use fell as the loss rose, and let them settle among themselves."""
    for b in np.flatnonzero(np.diff(state.bounds)):
        for one in theft_falls.falls(state.case, state.rows(int(b))):
            on_day = theft_falls.on_its_day(state.case, one)
            if theft_falls.gain(state.case, on_day) > 0:
                state.put(on_day)
    for _ in range(_SETTLING):
        _judge_again(state)


def _run(state: Search, spread: float, least: float, rounds: int) -> None:
    """Rounds until nothing changes, with the technical share known no better than `spread`."""
    panel = state.case.panel
    common = losses(state.whole, state.shift).common
    common = replace(common, spread=max(spread, common.spread))
    state.case = replace(state.case, losses=losses(state.whole, state.shift, common))
    active, held = np.ones(panel.transformers, bool), {}
    for _ in range(rounds):
        for b in np.flatnonzero(active):
            held[int(b)] = [o for o in _best(state, int(b)) if o.odds > least]
        touched = _accept(state, held) | _judge_again(state)
        if not touched.any():
            break
        active = touched | (touched[panel.near] & (panel.near >= 0)).any(axis=1)


def _link_prior(state: Search) -> float:
    """Log prior odds of a wrong link, from how many there surely are (empirical Bayes)."""
    if not state.found:
        return _LINK_PRIOR
    sure = sum(1 for o in state.found.values() if o.cause == "wrong_link" and o.odds > _SURE)
    return float(np.log((sure + 1) / (len(state.case.panel.of) + 1)))


def _best(state: Search, b: int) -> list[Explanation]:
    rows = state.rows(b)
    if rows.start == rows.stop or _days(state, b) < _LEAST_DAYS:
        return []
    found = offers(state.case, rows).best(state.free(rows), state.case)
    return [theft_falls.sharpened(state.case, one) for one in found]


def _alternatives(state: Search, one: Explanation) -> list[Explanation]:
    """What else a meter may be explained by, and the explanation itself as it is now."""
    rows = slice(one.row, one.row + 1)
    found = offers(state.case, rows).best(np.ones(1, bool), state.case)
    if one.cause == "suspect":
        found.append(one)
    sharp = [theft_falls.sharpened(state.case, each) for each in found]
    return [each for each in sharp if each.odds > 0]


def _days(state: Search, b: int) -> int:
    return int((state.case.losses.weight[b] > 0).sum())


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
        again = max(_alternatives(state, one), key=lambda o: o.odds, default=None)
        if again is not None:
            state.put(again)
        if again is None or (again.cause, again.value) != (one.cause, one.value):
            about = [*moves(state.case, one), *(moves(state.case, again) if again else [])]
            touched[[b for b, _ in about]] = True
    return touched
