"""The readings of the store as the panel that balances and suspicions are worked out from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from app.store import theft_readings as store
from app.store.database import Connection
from app.store.theft_readings import Span
from grid_cells.theft_filling import filled_feed
from grid_cells.theft_neighbours import neighbours
from grid_cells.theft_panel import Floats, Ints, Panel

_M_A_DEGREE = 111_195.0
_SAME_FOR_ALL = 0.98
"""Where at least so many peers have one multiplier, another one is odd."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The panel with what its rows and transformers are: `rows` and `transformers` in its order.

    temperature: of each day in °C, NaN where unknown.
    """

    panel: Panel
    rows: pd.DataFrame
    transformers: pd.DataFrame
    span: Span
    temperature: Floats

    @property
    def makers(self) -> Ints:
        """A number of each row's maker, −1 where it is not known."""
        return pd.factorize(self.rows["maker"])[0]


def ground(connection: Connection, span: Span) -> Ground:
    """Meters behind public transformers with a master, and their readings in the span."""
    meters = store.meters(connection, span)
    masters = meters[meters["is_master"]]
    rows = meters[~meters["is_master"] & meters["customer_no"].notna()].reset_index(drop=True)
    places = store.transformers(connection)
    known = pd.Index(np.unique(masters["transformer_id"].to_numpy(dtype=object)), dtype="str")
    places = places.set_index("transformer_id").reindex(known).rename_axis("transformer_id")
    of = known.get_indexer(pd.Index(rows["transformer_id"]))
    use, fed_rows, fed = _read(connection, span, rows)
    forward, reverse = _masters(connection, span, masters, known)
    here, there = _metres(rows, places)
    near, odds = neighbours(there, here, of)
    group, _ = pd.factorize(rows["peers"], sort=True)
    multiplier = rows["multiplier"].to_numpy(float)
    panel = Panel(
        use, rows["begins"].to_numpy(int), rows["ends"].to_numpy(int), fed, fed_rows, of,
        forward - reverse, forward, multiplier, _usual_multiplier(multiplier, group),
        np.maximum(group, 0), near, odds,
    )  # fmt: skip
    weather = np.full(span.days, np.nan)
    for day, celsius in store.temperatures(connection, span).items():
        weather[(day - span.first).days] = celsius
    return Ground(panel, rows, places.reset_index(), span, weather)


def _read(connection: Connection, span: Span, rows: pd.DataFrame) -> tuple[Floats, Ints, Floats]:
    """Energy (kWh) drawn by row and day, and for the rows that ever fed in what they did."""
    use = np.full((len(rows), span.days), np.nan, np.float32)
    lots = []
    for row, day, kwh, fed in store.readings(connection, span, _asked(rows)):
        use[row, day] = kwh
        some = fed > 0
        lots.append((row[some], day[some], fed[some]))
    if not lots:
        return use, np.zeros(0, int), np.zeros((0, span.days), np.float32)
    row, day, fed = (np.concatenate(part) for part in zip(*lots, strict=True))
    fed_rows, at = np.unique(row, return_inverse=True)
    feed = np.where(np.isnan(use[fed_rows]), np.float32(np.nan), np.float32(0))
    feed[at, day] = fed
    return use, fed_rows, filled_feed(feed)


def _asked(meters: pd.DataFrame) -> pd.DataFrame:
    asked = meters[["meter_id", "multiplier", "begins", "ends"]]
    return asked.assign(row=np.arange(len(meters), dtype="int32"))


def _masters(
    connection: Connection, span: Span, masters: pd.DataFrame, known: "pd.Index[str]"
) -> tuple[Floats, Floats]:
    """Forward and reverse of each transformer's masters by day, NaN unless all due were read."""
    shape = (len(known), span.days)
    forward, reverse, read, due = (np.zeros(shape) for _ in range(4))
    of = known.get_indexer(pd.Index(masters["transformer_id"]))
    for b, begin, end in zip(of, masters["begins"], masters["ends"], strict=True):
        due[b, begin:end] += 1
    for row, day, kwh, fed in store.readings(connection, span, _asked(masters)):
        for total, values in ((forward, kwh), (reverse, fed), (read, np.ones(len(row)))):
            np.add.at(total, (of[row], day), values)
    whole = (read == due) & (due > 0)
    return np.where(whole, forward, np.nan), np.where(whole, reverse, np.nan)


def _metres(rows: pd.DataFrame, places: pd.DataFrame) -> tuple[Floats, Floats]:
    """Rows and transformers in metres east and north of nowhere in particular."""
    scale = np.cos(np.radians(float(places["lat"].median()))) if places["lat"].notna().any() else 1
    size = np.array([_M_A_DEGREE * scale, _M_A_DEGREE])
    here, there = (frame[["lon", "lat"]].to_numpy(float) * size for frame in (rows, places))
    return here, there


def _usual_multiplier(multiplier: Floats, group: Ints) -> Floats:
    """The multiplier of the row's peers where nearly all have the same, else its own."""
    usual = multiplier.copy()
    for number in np.unique(group):
        mine = group == number
        values, counts = np.unique(multiplier[mine], return_counts=True)
        if counts.max() >= _SAME_FOR_ALL * mine.sum():
            usual[mine] = values[counts.argmax()]
    return usual
