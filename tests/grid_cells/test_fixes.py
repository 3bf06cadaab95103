"""Which positions of a phone may be kept."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import fixes
from grid_cells.fixes import Known
from grid_cells.shifts import Span

BEGIN = datetime(2026, 7, 16, 8, tzinfo=UTC)
NOW = pd.Timestamp(BEGIN + timedelta(hours=4))
DUTY = [
    Span(BEGIN, BEGIN + timedelta(hours=3)),
    Span(BEGIN + timedelta(hours=3, minutes=30), BEGIN + timedelta(hours=8)),
]
Told = tuple[float, float, float, float | None]
LON, LAT = 112.5, 30.4


def frame(*told: Told) -> pd.DataFrame:
    """Fixes by minute of the duty, metres east, metres north and accuracy."""
    rows = [
        (BEGIN + timedelta(minutes=minute), LON + east / 95_900, LAT + north / 111_195, vague)
        for minute, east, north, vague in told
    ]
    found = pd.DataFrame(rows, columns=["seen_at", "lon", "lat", "accuracy_m"])
    found["seen_at"] = pd.to_datetime(found["seen_at"], utc=True)
    return found.astype({"accuracy_m": float})


def judged(*told: Told, held: pd.DataFrame | None = None) -> list[str]:
    known = Known(DUTY, frame() if held is None else held)
    return list(fixes.judged(frame(*told), known, NOW))


def test_only_what_lies_within_a_duty_is_kept() -> None:
    minutes = (-1, 0, 179, 180, 209, 210)
    assert judged(*((minute, minute, 0, 5) for minute in minutes)) == [
        "outside_duty", "kept", "kept", "outside_duty", "outside_duty", "kept",
    ]  # fmt: skip


def test_what_has_not_come_yet_is_refused_but_for_a_clock_a_little_fast() -> None:
    assert judged((241, 0, 0, 5), (242, 0, 0, 5)) == ["kept", "in_future"]


def test_a_guess_by_a_mast_and_an_impossible_place_are_refused() -> None:
    assert judged((1, 0, 0, 2_001), (2, 0, 0, -1), (3, 0, 0, None)) == [
        "too_vague", "too_vague", "kept",
    ]  # fmt: skip
    nowhere = frame((1, 0, 0, 5)).assign(lon=0.0, lat=0.0)
    assert fixes.judged(nowhere, Known(DUTY, frame()), NOW) == ["impossible_place"]


def test_the_same_moment_counts_once_in_a_batch_and_against_what_is_kept() -> None:
    assert judged((1, 0, 0, 5), (1, 50, 0, 5)) == ["kept", "repeated"]
    assert judged((1, 0, 0, 5), held=frame((1, 0, 0, 5))) == ["repeated"]


def test_a_fix_sent_again_by_a_phone_whose_clock_is_wrong_counts_once() -> None:
    assert judged((1.5, 70, 70, 5), held=frame((1, 70, 70, 5))) == ["repeated"]
    assert judged((2.5, 70, 70, 5), held=frame((1, 70, 70, 5))) == ["kept"]


def test_a_way_that_nobody_can_drive_is_a_jump_and_the_rest_goes_on() -> None:
    """3,000 m in a minute are 180 km/h: kept; 5,000 m less 310 m are 281 km/h."""
    assert judged((1, 0, 0, 5), (2, 3_000, 0, 5)) == ["kept", "kept"]
    assert judged((1, 0, 0, 5), (2, 5_000, 0, 5), (3, 100, 0, 5)) == ["kept", "jump", "kept"]


def test_a_phone_that_really_moved_is_believed_in_time() -> None:
    far = [(1, 0, 0, 5), *((minute, 50_000, 0, 5) for minute in (2, 10, 20))]
    assert judged(*far) == ["kept", "jump", "jump", "kept"]


def test_late_fixes_are_judged_against_the_one_before_them() -> None:
    held = frame((1, 0, 0, 5), (30, 9_000, 0, 5))
    assert judged((2, 100, 0, 5), (2.5, 9_000, 0, 5), held=held) == ["kept", "jump"]


def test_a_batch_is_held_against_its_neighbours_in_time_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A whole day kept: each new fix is compared with the two or three of the same minute."""
    day = frame(*((minute / 10, minute, 0, 5) for minute in range(1, 1_500)))
    compared: list[object] = []
    rule = fixes._is_same

    def is_same(other: fixes._Fix, one: fixes._Fix) -> bool:
        compared.append(other)
        return rule(other, one)

    monkeypatch.setattr(fixes, "_is_same", is_same)
    told = judged((160, 1_500, 0, 5), (170, 1_500, 0, 5), (100, 1_000, 0, 5), held=day)
    assert told == ["kept", "kept", "repeated"]
    assert len(compared) <= 20


METRES = st.floats(-9e3, 9e3)
BATCHES = st.lists(st.tuples(st.floats(-60, 400), METRES, METRES, st.floats(0, 3e3)), max_size=12)


@given(BATCHES)
def test_laws_of_keeping(told: list[Told]) -> None:
    given_ = frame(*told)
    verdicts = fixes.judged(given_, Known(DUTY, frame()), NOW)
    assert len(verdicts) == len(told)
    kept = given_[np.array([one == "kept" for one in verdicts], dtype=bool)]
    assert all(any(s <= at < e for s, e in DUTY) for at in kept["seen_at"])
    assert not kept["seen_at"].duplicated().any()
    # what was kept is known: sent again it adds nothing
    again = fixes.judged(given_, Known(DUTY, kept), NOW)
    assert "kept" not in [new for new, old in zip(again, verdicts, strict=True) if old == "kept"]
    assert set(fixes.judged(given_, Known([], frame()), NOW)) <= {"outside_duty", "in_future"}
