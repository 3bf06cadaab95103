"""What a transformer's loss would be without thefts and mistakes, and how sure each day is."""

from dataclasses import dataclass

import numpy as np

from grid_cells.theft_panel import Flags, Floats, Ints, Panel
from grid_cells.theft_usual import Usual

_LEAST_NOISE, _MOST_NOISE = 0.0005, 0.03
_LEAST_SPREAD = 0.0005
_OUTLIER = 6.0


@dataclass(frozen=True)
class Common:
    """What transformers have in common, as shares of what goes through them.

    technical: loss; spread: its standard deviation between transformers; noise: that of a day's sum.
    """

    technical: float
    noise: float
    spread: float


@dataclass(frozen=True, eq=False)
class Losses:
    """Of every transformer and day: rest (kWh beyond the usual technical share), weight (1/kWh²).

    through: what the technical loss is a share of, kWh. stiff: how sure a transformer's own
    technical share is, 1/variance.
    """

    rest: Floats
    weight: Floats
    through: Floats
    common: Common
    stiff: Floats

    def excess(self, b: Ints | int) -> Floats:
        """By how much transformers' own technical shares seem to lie above the common one."""
        lost = (self.weight[b] * self.through[b] * self.rest[b]).sum(axis=-1)
        return np.asarray(lost / self.stiff[b])


@dataclass(frozen=True, eq=False)
class Sums:
    """By transformer and day, kWh: what is lost before any explanation, its variance by filled gaps."""

    lost: Floats
    doubt: Floats
    through: Floats
    known: Flags


def sums(panel: Panel, own: Usual) -> Sums:
    """The sums behind all losses of a panel."""
    net = _sums(own.filled, panel) - _sums_of(panel.fed, panel.fed_rows, panel)
    through = np.nan_to_num(panel.through)
    known = ~np.isnan(panel.supply) & (through > 0)
    return Sums(np.nan_to_num(panel.supply) - net, _sums(own.error, panel, 2), through, known)


def losses(whole: Sums, shift: Floats, common: Common | None = None) -> Losses:
    """Losses after `shift` (kWh a day, what accepted explanations add) has been taken off."""
    lost, doubt, through, known = whole.lost - shift, whole.doubt, whole.through, whole.known
    common = common or _technical(lost, doubt, through, known)
    rest = np.where(known, lost - common.technical * through, 0)
    weight = np.where(known, 1 / np.maximum(doubt + (common.noise * through) ** 2, 1e-9), 0)
    weight = np.where(_alone(rest, weight), 0, weight)
    stiff = 1 / common.spread**2 + (weight * through**2).sum(axis=1)
    return Losses(rest, weight, through, common, stiff)


def _sums(values: Floats, panel: Panel, power: int = 1) -> Floats:
    """Sum of the rows of each transformer, to a power."""
    found = np.zeros((panel.transformers, panel.days))
    bounds = panel.bounds()
    for b in np.flatnonzero(np.diff(bounds)):
        found[b] = (values[bounds[b] : bounds[b + 1]].astype(np.float64) ** power).sum(axis=0)
    return found


def _sums_of(values: Floats, rows: Ints, panel: Panel) -> Floats:
    found = np.zeros((panel.transformers, panel.days))
    np.add.at(found, panel.of[rows], values)
    return found


def _technical(lost: Floats, doubt: Floats, through: Floats, known: Floats) -> Common:
    """Common technical share, noise of a day and spread between transformers, each robust."""
    rate = np.where(known, lost / np.maximum(through, 1e-9), np.nan)
    weight = np.where(known, 1 / (doubt / np.maximum(through, 1e-9) ** 2 + 0.002**2), 0)
    total = weight.sum(axis=1)
    own = (np.nan_to_num(rate) * weight).sum(axis=1) / np.maximum(total, 1e-9)
    own = own[total > 0]
    if not len(own):
        return Common(0.0, 0.002, 0.01)
    share = _mode(own)
    spread = np.quantile(np.abs(own - share), 0.25) / 0.3186
    clean = known & (np.sqrt(doubt) < 0.001 * through)
    step = np.abs(np.diff(np.where(clean, rate, np.nan), axis=1))
    each = step[~np.isnan(step)]
    noise = np.median(each) * 1.4826 / np.sqrt(2) if len(each) > 30 else 0.003
    noise = float(np.clip(noise, _LEAST_NOISE, _MOST_NOISE))
    return Common(share, noise, float(np.clip(spread, _LEAST_SPREAD, 0.02)))


def _mode(values: Floats) -> float:
    """Middle of the shortest half: where most lie, whatever the others are."""
    ordered = np.sort(values)
    half = max(1, len(ordered) // 2)
    widths = ordered[half:] - ordered[: len(ordered) - half]
    at = int(np.argmin(widths)) if len(widths) else 0
    return float(np.median(ordered[at : at + half + 1]))


def _alone(rest: Floats, weight: Floats) -> Floats:
    """Days that lie far from those around them, on both sides: a reading gone wrong, no theft."""
    if rest.shape[1] < 5:
        return np.zeros(rest.shape, bool)
    sure = rest * np.sqrt(weight)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(sure, ((0, 0), (3, 3)), "edge"), 7, 1)
    return np.abs(sure - np.median(around, axis=2)) > _OUTLIER
