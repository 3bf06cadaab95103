"""Numbers of queue machines are used again; tickets last over midnight."""

from datetime import date, datetime, timedelta
from itertools import permutations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.hall_tickets import as_known, assigned, is_same, told_apart

ZONE = "Asia/Shanghai"
KNOWN = ["hall_id", "ticket_id", "day", "taken_at", "called_at", "finished_at"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{text}+08:00")


def events(*rows: tuple[str, str], number: str = "A1") -> pd.DataFrame:
    kinds, moments = zip(*rows, strict=True)
    return pd.DataFrame(
        {"hall_id": "H", "number": number, "kind": kinds, "at": [at(one) for one in moments]}
    )


def kept(*rows: tuple[str, date, str | None, str | None]) -> pd.DataFrame:
    held = [
        ("H", name, day, *(None if one is None else at(one) for one in (taken, called)), None)
        for name, day, taken, called in rows
    ]
    return pd.DataFrame(held, columns=KNOWN)


def test_a_number_given_twice_on_one_day_is_two_tickets():
    told = events(
        ("taken", "14T09:00:00"), ("called", "14T09:10:00"), ("finished", "14T09:20:00"),
        ("taken", "14T14:05:00"), ("called", "14T14:06:00"),
    )  # fmt: skip
    found = assigned(told, kept(), ZONE)
    assert found.ticket_ids == ["A1"] * 3 + ["A1@14:05"] * 2
    assert found.days == [date(2026, 7, 14)] * 5
    assert found.moved.empty


def test_a_ticket_lasts_over_midnight_and_is_of_the_day_it_was_taken():
    told = events(("called", "15T00:10:00"), ("taken", "14T23:50:00"), ("finished", "15T00:20:00"))
    found = assigned(told, kept(), ZONE)
    assert set(found.ticket_ids) == {"A1"}
    assert set(found.days) == {date(2026, 7, 14)}


def test_a_call_kept_under_the_next_day_moves_to_its_ticket():
    held = kept(("A1", date(2026, 7, 15), None, "15T00:10:00"))
    found = assigned(events(("taken", "14T23:50:00")), held, ZONE)
    assert (found.ticket_ids, found.days) == (["A1"], [date(2026, 7, 14)])
    assert found.moved.to_numpy().tolist() == [
        ["H", "A1", date(2026, 7, 15), "A1", date(2026, 7, 14)]
    ]


def test_yesterdays_ticket_is_no_todays():
    held = kept(("A1", date(2026, 7, 13), "13T16:00:00", None))
    found = assigned(events(("called", "14T09:00:00")), held, ZONE)
    assert (found.ticket_ids, found.days) == (["A1"], [date(2026, 7, 14)])
    assert found.moved.empty


def test_moments_are_the_same_to_what_is_told_of_them():
    whole, second = at("14T09:00:00"), timedelta(seconds=1)
    assert is_same(whole, whole + 59 * second)
    assert not is_same(whole, whole + 60 * second)
    assert not is_same(whole + 10 * second, whole + 11 * second)
    assert is_same(whole + 10 * second, whole + 10 * second + second / 2)


def test_in_a_file_the_later_ticket_of_a_number_has_its_time():
    clocks = ["14:05:09", "09:00:00", "09:00:00", "09:00:00"]
    local = pd.Series(pd.to_datetime([f"2026-07-14 {one}" for one in clocks]))
    visits = pd.DataFrame(
        {"hall_id": ["H", "H", "H", "G"], "ticket_id": "A1", "day": local.dt.normalize()}
    )
    assert told_apart(visits, local).tolist() == ["A1@14:05:09", "A1", "A1", "A1"]


@pytest.mark.parametrize(
    ("clock", "name"), [("09:00:00", "A1"), ("09:00:40", "A1"), ("14:05:00", "A1@14:05"),
                        ("16:00:00", "A1@16:00")],
)  # fmt: skip
def test_a_file_meets_the_tickets_that_are_known(clock, name):
    def rows(*told: tuple[str, str]) -> pd.DataFrame:
        frame = pd.DataFrame(told, columns=["ticket_id", "taken_at"])
        moments = pd.to_datetime("2026-07-14T" + frame["taken_at"] + "+08:00", utc=True)
        return frame.assign(hall_id="H", day=pd.Timestamp("2026-07-14"), taken_at=moments)

    known = rows(("A1", "09:00:00"), ("A1@14:05", "14:05:00"))
    known["served_at"] = known["taken_at"].shift(2)
    assert as_known(rows(("A1", clock)), known, ZONE).tolist() == [name]


@pytest.mark.parametrize(
    ("held", "told", "names"),
    [
        # called at 14:06 before its taking was known: the last taken before, not both
        ((None, "14:06:00"), ["09:00:00", "14:05:00"], ["A1@09:00", "A1"]),
        ((None, "14:06:00"), ["09:00:00", "14:05:00", "15:00:00"], ["A1@09:00", "A1", "A1@15:00"]),
        ((None, "08:00:00"), ["09:00:00"], ["A1@09:00"]),
        # known to the minute, while two of the file have it: the nearest
        (("09:00:00", None), ["09:00:40", "09:00:10"], ["A1@09:00:40", "A1"]),
        (("09:00:00", None), ["09:00:00", "09:00:40"], ["A1", "A1@09:00:40"]),
    ],
)
def test_a_known_ticket_goes_to_one_row_of_a_file(held, told, names):
    def moments(clocks):
        return pd.to_datetime(
            pd.Series([None if one is None else f"2026-07-14T{one}+08:00" for one in clocks]),
            utc=True,
        )

    day = pd.Timestamp("2026-07-14")
    taken, served = (moments([one]) for one in held)
    known = pd.DataFrame({"hall_id": ["H"], "ticket_id": "A1", "day": day, "taken_at": taken,
                          "served_at": served})  # fmt: skip
    visits = pd.DataFrame({"hall_id": "H", "day": day, "taken_at": moments(told)})
    visits["ticket_id"] = told_apart(
        visits.assign(ticket_id="A1"), visits["taken_at"].dt.tz_convert(ZONE)
    )
    assert as_known(visits, known, ZONE).tolist() == names


MOMENTS = st.lists(
    st.tuples(st.sampled_from(["taken", "called", "finished"]), st.integers(0, 3000)),
    min_size=1, max_size=8, unique=True,
)  # fmt: skip


@given(MOMENTS)
def test_every_taking_is_a_ticket_of_its_own(told):
    begin = at("14T00:00:00")
    moments = [begin + timedelta(minutes=minute) for _, minute in told]
    frame = pd.DataFrame(
        {"hall_id": "H", "number": "A1", "kind": [kind for kind, _ in told], "at": moments}
    )
    found = assigned(frame, kept(), ZONE)
    keys = list(zip(found.ticket_ids, found.days, strict=True))
    takings = [key for key, (kind, _) in zip(keys, told, strict=True) if kind == "taken"]
    assert len(set(takings)) == len(takings)
    for order in list(permutations(range(len(told))))[:5]:
        again = assigned(frame.iloc[list(order)].reset_index(drop=True), kept(), ZONE)
        assert [again.ticket_ids[order.index(n)] for n in range(len(told))] == found.ticket_ids
