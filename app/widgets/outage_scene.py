"""Everything the page of outages shows in one run, asked once and handed to its parts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from app.use_cases import outage_film
from app.use_cases.outage_film import Film, Period
from app.widgets import map_events, outage_choice, session
from app.widgets.outage_choice import PAST, PLANNED, Choice
from grid_cells import outage_board

KEY: Final = "outage_map"
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Scene:
    """The choice, its film, which rows of it are wanted, and the board of the moment.

    rows: the board's rows that are wanted; keep: whether each row of the film's outages is wanted.
    """

    choice: Choice
    film: Film
    rows: pd.DataFrame
    keep: "pd.Series[bool]"

    @property
    def wanted(self) -> pd.DataFrame:
        """The film's outages that are wanted."""
        return self.film.outages[self.keep]

    @property
    def drawn(self) -> "pd.Series[bool]":
        """Whether each row shows on the map: what it shows of the past was in force then."""
        is_shown = self.choice.when == PLANNED or outage_board.has_status(
            self.choice.wish, "in_force"
        )
        return self.keep & is_shown

    @property
    def spans(self) -> pd.DataFrame:
        """The film's spans of wanted outages, found by number: names would take long."""
        spans = self.film.spans
        wanted: pd.DataFrame = spans[self.keep.to_numpy()[spans["row"].to_numpy()]]
        return wanted

    @property
    def selected(self) -> int | None:
        """The row of the open outage in the film, None where it is not in it."""
        found = self.film.outages.index[self.film.outages["outage_id"] == self.choice.outage_id]
        return int(found[0]) if len(found) else None


def gather() -> Scene:
    """The scene as the session's controls, the slider and the last click leave it."""
    now = session.now()
    choice = outage_choice.after(map_events.news(KEY), outage_choice.begin(now), now)
    if choice.when == PAST and choice.at is None and choice.period.last >= _minute(now):
        outage_choice.turn(film_of, now)  # a moment was asked for and none is chosen
        choice = outage_choice.begin(now)
    found = film_of(choice.period)
    wanted = outage_board.announced if choice.when == PLANNED else outage_board.wanted
    keep = wanted(found.outages, choice.wish)
    return Scene(choice, found, *_rows(found, choice, keep))


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def film_of(period: Period) -> Film:
    """The film of a period in the actor's sight."""
    return outage_film.film(session.database(), session.actor(), period)


def _rows(
    found: Film, choice: Choice, keep: "pd.Series[bool]"
) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    outages = found.outages[keep]
    if choice.when == PLANNED:
        return outage_board.ahead(outages, choice.at), keep
    board = outage_film.board(found, outages, choice.moment)
    rows = outage_board.of_moment(board, choice.wish)
    # what has another status now is kept for the list of what is over
    in_force = outage_board.has_status(choice.wish, "in_force")
    gone = board.index.difference(rows.index) if in_force else board.index[:0]
    return rows, keep & ~found.outages.index.isin(gone)


def figures(scene: Scene) -> tuple[dict[str, float], dict[str, float]]:
    """The figures of the moment, and an hour before it."""
    found, at = scene.film, scene.choice.moment
    outages = found.outages[outage_board.wanted(found.outages, scene.choice.wish)]
    board = outage_film.board(found, outages, at - _HOUR)
    before = outage_board.of_moment(board, scene.choice.wish)
    return (
        outage_board.figures(scene.rows, found.spans, at),
        outage_board.figures(before, found.spans, at - _HOUR),
    )
