"""All that is found in a panel: quality, mistakes of records, suspects, losses."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from grid_cells import (
    theft_masters,
    theft_quality,
    theft_spikes,
    theft_standstills,
    theft_trend,
)
from grid_cells.theft_balance import Losses, losses, sums
from grid_cells.theft_explanations import Explanation
from grid_cells.theft_panel import Floats, Ints, Panel
from grid_cells.theft_quality import Quality
from grid_cells.theft_scoring import Scores, scores
from grid_cells.theft_search import search
from grid_cells.theft_spikes import Spikes
from grid_cells.theft_standstills import Standstills
from grid_cells.theft_trend import Steps
from grid_cells.theft_usual import Usual, usual

CAUSES: Final = (
    "none", "suspect", "pv", "wrong_link", "wrong_multiplier", "missing_reading", "clock",
    "frozen", "vacancy",
)  # fmt: skip
_VACANT_DAYS = 45
"""Holidays are shorter: use that stays near nothing for so long, until now, is an empty home."""
_VACANT_SHARE = 0.2
_MISSING_SHARE, _MISSING_RUN = 0.2, 10
_FEED_KWH = 0.05
_SURE = 2.0
"""Log odds from which a mistake of the records is named, about 7 to 1."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found; `rest`: loss by transformer and day beyond technical share and mistakes, kWh.

    masters: recorded over wired ratio of each transformer's master, 1 where right; stood: what
    standstills say of customers.
    """

    panel: Panel
    own: Usual
    quality: Quality
    explained: dict[int, Explanation]
    scores: Scores
    steps: Steps
    masters: Floats
    rest: Floats
    causes: "np.typing.NDArray[np.object_]"
    vacant_from: Ints
    stood: Standstills

    def rise(self, b: int, start: int) -> float:
        """By how much a transformer's loss rose at a column, kWh a day."""
        rest = self.rest[b]
        return float(rest[start:].mean() - rest[:start].mean()) if 0 < start < len(rest) else 0.0

    def hidden_kwh(self, row: int) -> float:
        """Energy a day that a row seems to hide since its start."""
        taken = float(self.scores.taken[row])
        use = self.own.filled[row, int(self.scores.start[row]) :]
        return float(use.mean()) * taken / (1 - taken) if len(use) else 0.0


def find(
    panel: Panel,
    *,
    suspect_from: float,
    makers: Ints | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Findings:
    """All that is found in a panel, the innocent causes before any suspicion.

    `makers`: a number of each row's maker, −1 unknown; without them standstills speak for
    themselves. Standstills and impossible figures in `panel.use` become missing in place.
    """
    spiking: list[tuple[Ints, Ints, Floats]] = []
    judged = theft_quality.quality(panel.use, panel.begins, panel.ends, spiking)
    stood = _stood(panel, judged, makers)
    progress(0.1)
    own = usual(panel)
    masters = theft_masters.wrong_masters(_losses(panel, own, judged, spiking))
    right = replace(
        panel, supply=panel.supply / masters[:, None], through=panel.through / masters[:, None]
    )
    progress(0.2)
    state = search(right, own, progress=lambda done: progress(0.2 + 0.6 * done))
    found = scores(state)
    rest = state.case.losses.rest.copy()
    for row, one in state.found.items():
        if one.cause == "suspect":
            rest[panel.of[row]] += state.hidden(one)
            found.start[row], found.taken[row] = one.start, one.value
    own_step = theft_trend.steps(replace(state.case.losses, rest=rest))
    vacant = _vacant(panel, own)
    causes = _causes(panel, judged, state.found, vacant)
    _discount(found, judged, stood, causes)
    causes[(found.row >= suspect_from) & np.isin(causes, ("none", "suspect", "pv", "vacancy"))] = (
        "suspect"
    )
    causes[(causes == "suspect") & (found.row < suspect_from)] = "none"
    return Findings(
        panel, own, judged, state.found, found, own_step, masters, rest, causes, vacant, stood
    )


def _losses(
    panel: Panel, own: Usual, judged: Quality, spiking: list[tuple[Ints, Ints, Floats]]
) -> Losses:
    """The losses before any explanation, spikes that masters saw put back as they were recorded."""
    nothing = np.zeros((panel.transformers, panel.days))
    found = losses(sums(panel, own), nothing)
    if not any(len(row) for row, _, _ in spiking):
        return found
    spikes = Spikes(*(np.concatenate(each) for each in zip(*spiking, strict=True)))
    seen = theft_spikes.seen_by_masters(panel, own, found, spikes)
    theft_spikes.put_back(own, judged, spikes, seen)
    return losses(sums(panel, own), nothing) if seen.any() else found


def _stood(panel: Panel, judged: Quality, makers: Ints | None) -> Standstills:
    """What standstills say; a terminal reads the meters of one maker behind one transformer."""
    maker = np.full(len(panel.of), -1) if makers is None else makers
    _, terminal = np.unique(panel.of * (maker.max(initial=0) + 1) + maker, return_inverse=True)
    return theft_standstills.standstills(
        judged.frozen > 0, np.where(maker >= 0, terminal, -1), maker
    )


def _causes(
    panel: Panel, judged: Quality, explained: dict[int, Explanation], vacant: Ints
) -> "np.typing.NDArray[np.object_]":
    """The cause of each row: what explains a loss before what explains its own readings."""
    found = np.full(len(panel.of), "none", dtype=object)
    found[vacant >= 0] = "vacancy"
    share = judged.missing / np.maximum(judged.due, 1)
    found[(share >= _MISSING_SHARE) & (judged.missing >= _MISSING_RUN)] = "missing_reading"
    found[judged.frozen > 0] = "frozen"
    if len(panel.fed_rows):
        found[panel.fed_rows[panel.fed.mean(axis=1) > _FEED_KWH]] = "pv"
    for row, one in explained.items():
        if one.odds >= _SURE:
            found[row] = one.cause
    return found


def _discount(
    found: Scores, judged: Quality, stood: Standstills, causes: "np.typing.NDArray[np.object_]"
) -> None:
    """Readings that are not trusted accuse less; a mistake of the records accuses nobody."""
    found.row[:] *= judged.score() * stood.says
    found.row[np.isin(causes, ("wrong_link", "wrong_multiplier", "clock"))] *= 0.01


def _vacant(panel: Panel, own: Usual) -> Ints:
    """Column since which a home seems empty until the last day, −1 where it does not."""
    days = panel.days
    if days <= _VACANT_DAYS:
        return np.full(len(panel.of), -1)
    late = own.ratio[:, -_VACANT_DAYS:].mean(axis=1)
    early = np.sort(own.ratio[:, :-_VACANT_DAYS], axis=1)
    before = early[:, (early.shape[1] * 3) // 4]
    low = own.ratio < ((late + before) / 2)[:, None]
    begin = days - np.argmin(low[:, ::-1], axis=1)
    is_vacant = (late - before < np.log(_VACANT_SHARE)) & (days - begin >= _VACANT_DAYS - 2)
    return np.where(is_vacant & (own.level > 0), np.minimum(begin, days - _VACANT_DAYS), -1)
