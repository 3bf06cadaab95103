"""Cell facts in the store: one sum at every size, few told together, days that come and go."""

import io
import itertools
import json
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.arguments import parse
from app.cli.province import COMMANDS
from app.cli.terminal import Terminal
from app.maps import tile_file
from app.store import province as province_store
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import batches, clock, province, province_load, service_map
from app.use_cases.actors import Actor
from app.use_cases.province import ProvinceWish
from grid_cells.errors import AccessDenied, UserError
from grid_cells.province import FIGURES, ancestor, levels, resolution_of, tile_resolution
from tests.app.province_town import DAY, NEXT, fact, write_day
from tests.conftest import LOADER, NOW
from tests.laws import examples

MANAGER = Actor("user:m", "Manager", role="manager")
PLANNER = Actor("user:p", "Planner", role="planner")
WEST = Actor("user:w", "West", role="planner", scope=Scope("S1"))
EAST = Actor("user:e", "East", role="planner", scope=Scope("S2"))
DISK = [h3.str_to_int(one) for one in sorted(h3.grid_disk(h3.latlng_to_cell(30.4, 112.5, 9), 14))]
FAMILY = [h3.str_to_int(one) for one in h3.cell_to_children(h3.latlng_to_cell(30.4, 112.5, 8), 9)]
ENERGY = ProvinceWish(DAY, DAY, "energy_kwh")


def shown(db, wish=ENERGY, resolution=9, actor=MANAGER, near=FAMILY):
    """The cells of a resolution in the tiles around some cells: cell -> value, known, due."""
    size = tile_resolution(resolution)
    tiles = sorted({ancestor(one, size) for one in near})
    found = province.cells(db, actor, wish, resolution, tiles)
    columns = (found.cell_id, found.value, found.known, found.due)
    return {int(c): (float(v), int(k), int(d)) for c, v, k, d in zip(*columns, strict=True)}


@pytest.fixture
def facts(tmp_path):
    return tmp_path / "facts"


def test_cells_and_their_parents_as_worked_out_by_hand(town_database, facts):
    # 10 customers each use 2 kWh; of one cell nothing was read
    rows = [fact(cell, 10) for cell in FAMILY]
    rows[6] |= {"meters_read": 0, "energy_kwh": None, "feed_in_kwh": None}
    write_day(facts, DAY, rows)
    done = province_load.load(town_database, LOADER, facts)
    assert (done.days, done.unchanged, done.cells, done.rows) == (1, 0, 7, 7)
    fine = shown(town_database)
    assert fine[FAMILY[0]] == (20.0, 1, 1)
    assert np.isnan(fine[FAMILY[6]][0])
    assert fine[FAMILY[6]][1:] == (0, 1)
    assert shown(town_database, resolution=8) == {ancestor(FAMILY[0], 8): (120.0, 6, 7)}
    assert shown(town_database, resolution=2)[ancestor(FAMILY[0], 2)] == (120.0, 6, 7)
    read = shown(town_database, ProvinceWish(DAY, DAY, "read_share"), 8)
    assert read[ancestor(FAMILY[0], 8)][0] == pytest.approx(100 * 60 / 70)


def test_a_rate_is_made_of_summed_parts_never_of_rates(town_database, facts):
    loss = {"transformers": 1, "days_known": 1}
    write_day(facts, DAY, [
        fact(FAMILY[0], 10, loss_kwh=10.0, supplied_kwh=100.0, **loss),
        fact(FAMILY[1], 10, loss_kwh=0.0, supplied_kwh=900.0, **loss),
        fact(FAMILY[2], 10, transformers=2, days_known=0),
    ])  # fmt: skip
    province_load.load(town_database, LOADER, facts)
    rate = ProvinceWish(DAY, DAY, "loss_rate")
    assert shown(town_database, rate)[FAMILY[0]][0] == pytest.approx(10.0)
    value, known, due = shown(town_database, rate, 8)[ancestor(FAMILY[0], 8)]
    assert value == pytest.approx(1.0)  # 10 of 1,000, not the mean of 10 % and 0 %
    assert (known, due) == (2, 3)
    share = shown(town_database, ProvinceWish(DAY, DAY, "known_share"), 8)
    assert share[ancestor(FAMILY[0], 8)][0] == pytest.approx(50.0)


def test_few_customers_are_told_with_their_neighbours_and_the_sum_stays(town_database, facts):
    write_day(facts, DAY, [
        fact(FAMILY[0], 3, energy_kwh=30.0), fact(FAMILY[1], 2, energy_kwh=0.0),
        fact(FAMILY[2], 9, energy_kwh=9.0),
    ])  # fmt: skip
    province_load.load(town_database, LOADER, facts)
    fine = shown(town_database)
    assert fine[FAMILY[0]][0] == 18.0  # three fifths of 30
    assert fine[FAMILY[1]][0] == 12.0
    assert fine[FAMILY[2]][0] == 9.0
    assert shown(town_database, resolution=8)[ancestor(FAMILY[0], 8)][0] == 39.0
    held = town_database.query("SELECT energy_kwh::DOUBLE AS e FROM cell_days ORDER BY cell_id")
    assert 30.0 not in set(held["e"])  # not even the store has it


def test_what_fewer_than_five_read_meters_stand_behind_is_unknown(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 40, meters_read=4, energy_kwh=8.0)])
    province_load.load(town_database, LOADER, facts)
    value, known, due = shown(town_database)[FAMILY[0]]
    assert np.isnan(value)
    assert (known, due) == (0, 1)


def test_the_loss_of_a_transformer_that_stands_alone_is_told_with_its_neighbours(
    town_database, facts
):
    known = {"transformers": 1, "days_known": 1, "supplied_kwh": 50.0}
    write_day(facts, DAY, [
        fact(FAMILY[0], 0, loss_kwh=8.0, meters_balanced=3, **known),
        fact(FAMILY[1], 9, loss_kwh=2.0, meters_balanced=9, **known),
    ])  # fmt: skip
    province_load.load(town_database, LOADER, facts)
    loss = shown(town_database, ProvinceWish(DAY, DAY, "loss_kwh"))
    assert [loss[FAMILY[0]][0], loss[FAMILY[1]][0]] == [2.5, 7.5]  # 10 by 3 and 9 meters


def test_a_loss_behind_which_few_meters_stand_is_nobodys_business(town_database, facts):
    # one household behind the transformer, a hundred others live in its cell
    alone = fact(FAMILY[0], 100, transformers=1, days_known=1, loss_kwh=8.0, supplied_kwh=50.0)
    write_day(facts, DAY, [alone | {"meters_balanced": 1}])
    write_day(facts, NEXT, [alone], without=("meters_balanced",))  # who knows how many
    province_load.load(town_database, LOADER, facts)
    for code in ("loss_kwh", "loss_rate"):
        for day in (DAY, NEXT):
            told = shown(town_database, ProvinceWish(day, day, code))[FAMILY[0]]
            assert np.isnan(told[0])
            assert told[1:] == (0, 1)
    assert town_database.query("SELECT * FROM cell_days WHERE supplied_kwh IS NOT NULL").empty
    assert shown(town_database)[FAMILY[0]][0] == 200.0


def test_what_was_told_together_once_stays_together(town_database, facts):
    """A day loaded again alone must not tell few by the difference to what it told before."""
    write_day(facts, DAY, [fact(FAMILY[0], 9, energy_kwh=9.0), fact(FAMILY[1], 9, energy_kwh=27.0)])
    write_day(facts, NEXT, [fact(FAMILY[0], 3), fact(FAMILY[1], 9)])
    first = province_load.load(town_database, LOADER, facts)
    told = [shown(town_database)[one][0] for one in FAMILY[:2]]
    assert told == [18.0, 18.0]
    later = facts.parent / "later"
    write_day(later, DAY, [fact(FAMILY[0], 9, energy_kwh=9.0), fact(FAMILY[1], 9, energy_kwh=29.0)])
    province_load.load(town_database, LOADER, later)
    assert [shown(town_database)[one][0] for one in FAMILY[:2]] == [19.0, 19.0]
    batches.undo(town_database, LOADER, first.batches[1])
    write_day(later, DAY, [fact(FAMILY[0], 9, energy_kwh=9.0), fact(FAMILY[1], 9, energy_kwh=31.0)])
    province_load.load(town_database, LOADER, later)
    assert [shown(town_database)[one][0] for one in FAMILY[:2]] == [20.0, 20.0]


def test_what_the_lake_has_not_is_unknown_and_no_zero(town_database, facts):
    rows = [fact(FAMILY[0], 10, interruptions=5, interrupted_h=5.0, visits=3)]
    write_day(facts, DAY, rows)
    write_day(facts, NEXT, rows, without=("interruptions", "interrupted_h", "visits"))
    before = DAY - timedelta(days=1)
    nothing = {"interruptions": None, "interrupted_h": None, "visits": None}
    write_day(facts, before, [rows[0] | nothing])
    province_load.load(town_database, LOADER, facts)
    for code, value in (
        ("interruptions", 5.0), ("interrupted_h", 5.0), ("interrupted_min", 30.0), ("visits", 3.0),
    ):  # fmt: skip
        assert shown(town_database, ProvinceWish(before, NEXT, code))[FAMILY[0]] == (value, 1, 3)
        for size, day in ((9, before), (8, before), (9, NEXT), (8, NEXT)):
            unknown = shown(town_database, ProvinceWish(day, day, code), size)
            ((told, known, due),) = unknown.values()
            assert np.isnan(told)
            assert (known, due) == (0, 1)
    strip = province.totals(town_database, MANAGER, NEXT, NEXT)
    assert np.isnan(strip.loc["visits", "value"])


def test_what_has_no_place_is_told_apart_and_stands_on_no_map(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10), fact(None, 6)])
    province_load.load(town_database, LOADER, facts)
    totals = province.totals(town_database, MANAGER, DAY, DAY)
    assert totals.loc["energy_kwh", "value"] == 20.0
    apart = province.nowhere(town_database, MANAGER, DAY, DAY)
    assert apart.loc["energy_kwh", "value"] == 12.0
    assert apart.loc["customers", "value"] == 6.0
    assert province.nowhere(town_database, WEST, DAY, DAY).empty
    assert province.ground(town_database, MANAGER).reach_km < 1


def test_days_add_up_and_customers_are_their_mean(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10, interrupted_h=3.0)])
    write_day(facts, NEXT, [fact(FAMILY[0], 20), fact(FAMILY[1], 10)])
    province_load.load(town_database, LOADER, facts)
    both = {code: ProvinceWish(DAY, NEXT, code) for code in FIGURES}
    assert shown(town_database, both["energy_kwh"])[FAMILY[0]] == (60.0, 2, 2)
    assert shown(town_database, both["customers"])[FAMILY[0]][0] == 15.0
    assert shown(town_database, both["customers"])[FAMILY[1]][0] == 5.0
    assert shown(town_database, both["energy_a_meter"])[FAMILY[0]][0] == 2.0
    assert shown(town_database, both["interrupted_min"])[FAMILY[0]][0] == 12.0  # 180 min of 15
    totals = province.totals(town_database, MANAGER, DAY, NEXT)
    assert totals.loc["energy_kwh", "value"] == 80.0
    assert totals.loc["customers", "value"] == 20.0


def test_a_day_loaded_again_is_replaced_and_others_stay(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    write_day(facts, NEXT, [fact(FAMILY[0], 10)])
    first = province_load.load(town_database, LOADER, facts)
    again = province_load.load(town_database, LOADER, facts)
    assert (again.unchanged, again.rows, again.batches) == (2, 0, ())
    later = facts.parent / "later"
    write_day(later, DAY, [fact(FAMILY[0], 10, energy_kwh=33.0)])
    done = province_load.load(town_database, LOADER, later)
    assert done.unchanged == 0
    assert shown(town_database)[FAMILY[0]][0] == 33.0
    assert shown(town_database, ProvinceWish(DAY, NEXT, "energy_kwh"))[FAMILY[0]][0] == 53.0
    with pytest.raises(UserError, match="undo_touched_later"):
        batches.undo(town_database, LOADER, first.batches[0])
    batches.undo(town_database, LOADER, done.batches[0])
    assert shown(town_database)[FAMILY[0]][0] == 20.0
    assert shown(town_database, resolution=4)[ancestor(FAMILY[0], 4)][0] == 20.0
    batches.undo(town_database, LOADER, first.batches[0])
    assert province.ground(town_database, MANAGER).days == [NEXT]
    assert set(batches.list_batches(town_database, LOADER)["kind"].head(3)) == {"province"}


def test_nothing_is_written_where_one_day_is_not_sound(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    write_day(facts, NEXT, [fact(FAMILY[0], -1)])
    with pytest.raises(UserError, match="province_value_count"):
        province_load.load(town_database, LOADER, facts)
    assert province.ground(town_database, MANAGER) is None


def test_days_that_are_not_sound_can_be_left_out_and_are_told(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10), fact(FAMILY[1], 10, energy_kwh=-3.0)])
    write_day(facts, NEXT, [fact(FAMILY[0], 10)])
    done = province_load.load(town_database, LOADER, facts, skip_unsound=True)
    assert (done.days, done.unchanged, done.rows, len(done.batches)) == (2, 0, 1, 1)
    day, why = done.skipped[0]
    assert (day, why.code, why.values["row"]) == (DAY, "province_value_amount", 2)
    assert province.ground(town_database, MANAGER).days == [NEXT]
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    assert province_load.load(town_database, LOADER, facts, skip_unsound=True).skipped == ()
    assert province.ground(town_database, MANAGER).days == [DAY, NEXT]


def test_facts_rolled_up_anew_between_the_check_and_the_load_are_refused(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    unsound = [fact(FAMILY[0], 10, energy_kwh=-3.0)]

    def roll_up(done: float) -> None:
        if done >= 0.4:  # everything is checked
            write_day(facts, DAY, unsound)

    with pytest.raises(UserError, match="province_facts_changed"):
        province_load.load(town_database, LOADER, facts, progress=roll_up)
    assert province.ground(town_database, MANAGER) is None
    assert town_database.query("SELECT * FROM cell_days").empty


def test_a_province_has_cells_of_one_size(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    province_load.load(town_database, LOADER, facts)
    other = facts.parent / "other"
    write_day(other, NEXT, [fact(ancestor(FAMILY[0], 8), 10)])
    with pytest.raises(UserError, match="province_resolutions"):
        province_load.load(town_database, LOADER, other)
    write_day(other, DAY, [fact(ancestor(FAMILY[0], 8), 10)])
    province_load.load(town_database, LOADER, other)  # no day of the other size is left
    assert province.ground(town_database, MANAGER).resolution == 8


def test_work_that_is_stopped_leaves_whole_days(town_database, facts):
    for day in (DAY, NEXT):
        write_day(facts, day, [fact(FAMILY[0], 10)])

    def stop(done: float) -> None:
        if done > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        province_load.load(town_database, LOADER, facts, progress=stop)
    assert province.ground(town_database, MANAGER).days == [DAY]
    assert province_load.look(town_database, LOADER, facts).missing == [NEXT]
    assert province_load.load(town_database, LOADER, facts).unchanged == 1


def test_a_day_that_is_not_over_is_not_known_yet(town_database, facts):
    today = NOW.date()
    for day in (DAY, today):
        write_day(facts, day, [fact(FAMILY[0], 10)])
    province_load.load(town_database, LOADER, facts)
    assert province.ground(town_database, MANAGER).days == [DAY]
    with pytest.raises(UserError, match="province_no_days"):
        province.totals(town_database, MANAGER, today, today)
    clock.set_clock(town_database, MANAGER, at=NOW + timedelta(days=1), running=False)
    assert province.ground(town_database, MANAGER).days == [DAY, today]


def test_a_limit_that_was_raised_hides_days_until_they_are_loaded_again(
    town_database, facts, monkeypatch
):
    write_day(facts, DAY, [fact(FAMILY[0], 6)])
    province_load.load(town_database, LOADER, facts)
    monkeypatch.setattr("app.use_cases.small_cells.least", lambda _db: 10)
    assert province.ground(town_database, MANAGER) is None
    assert province_load.load(town_database, LOADER, facts).unchanged == 0
    assert np.isnan(shown(town_database)[FAMILY[0]][0])


def test_losses_are_for_those_who_may_see_suspicion(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    province_load.load(town_database, LOADER, facts)
    assert {"loss_rate", "loss_kwh"} <= {
        one.code for one in province.figures(town_database, MANAGER)
    }
    assert not {"loss_rate", "loss_kwh"} & set(
        province.totals(town_database, PLANNER, DAY, DAY).index
    )
    with pytest.raises(AccessDenied):
        shown(town_database, ProvinceWish(DAY, DAY, "loss_kwh"), actor=PLANNER)
    assert shown(town_database, actor=PLANNER)


def test_stations_see_their_own_cells_at_every_size_and_together_everything(
    town_database, town, facts
):
    service_map.areas(town_database, MANAGER, NOW)
    cells = [h3.str_to_int(one) for one in town.cells]
    write_day(facts, DAY, [fact(cell, 10) for cell in cells])
    province_load.load(town_database, LOADER, facts)
    west = {cell for place, cell in enumerate(cells) if town.is_west(place)}
    assert set(shown(town_database, actor=WEST, near=cells)) == west
    for size in levels(9):
        whole = shown(town_database, resolution=size, near=cells)
        parts = [
            shown(town_database, resolution=size, actor=one, near=cells) for one in (WEST, EAST)
        ]
        for cell, (value, known, due) in whole.items():
            own = [part[cell] for part in parts if cell in part]
            assert [sum(column) for column in zip(*own, strict=True)] == [value, known, due]
    seen = province.totals(town_database, WEST, DAY, DAY)
    assert seen.loc["energy_kwh", "value"] == 20.0 * len(west)
    told, _ = province.card(town_database, WEST, ancestor(cells[0], 4), DAY, DAY)
    assert told.loc["energy_kwh", "value"] == 20.0 * len(west)


@pytest.mark.parametrize(
    ("resolution", "tile"),
    [
        (9, FAMILY[0]),
        (10, ancestor(FAMILY[0], 6)),
        (1, ancestor(FAMILY[0], 0)),
        (8, ancestor(FAMILY[0], 5)),
    ],
)
def test_only_tiles_of_sizes_that_are_held_can_be_asked_for(town_database, facts, resolution, tile):
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    province_load.load(town_database, LOADER, facts)
    with pytest.raises(UserError, match="province_wish_unreadable"):
        province.cells(town_database, MANAGER, ENERGY, resolution, [tile])
    with pytest.raises(UserError, match="province_wish_unreadable"):
        province.cells(town_database, MANAGER, ENERGY, 9, [])


@pytest.mark.parametrize("word", ["", "2026-07-14.energy_kwh", "2026-07-14.2026-07-15.names",
                                  "2026-7-14.2026-07-15.visits", "x.y.visits"])  # fmt: skip
def test_a_word_that_is_no_wish_is_refused(word):
    with pytest.raises(UserError, match="province_wish_unreadable"):
        province.wish_of(word)
    assert province.wish_of(province.wish_word(ENERGY)) == ENERGY


def test_a_cells_card_tells_its_days(town_database, facts):
    write_day(facts, DAY, [fact(FAMILY[0], 10)])
    write_day(facts, NEXT, [fact(FAMILY[0], 10, meters_read=0, energy_kwh=None, feed_in_kwh=None)])
    province_load.load(town_database, LOADER, facts)
    told, days = province.card(town_database, MANAGER, FAMILY[0], DAY, NEXT)
    assert told.loc["energy_kwh"].tolist() == [20.0, 1, 2]
    assert days["energy_kwh"].tolist()[0] == 20.0
    assert np.isnan(days["energy_kwh"].tolist()[1])
    assert days["read_share"].tolist() == [100.0, 0.0]
    nothing, _ = province.card(town_database, MANAGER, DISK[-1], DAY, NEXT)
    assert nothing.empty


def test_the_command_loads_a_folder_and_tells_what_it_did(town_database, facts):
    write_day(facts, DAY, [fact(cell, 10) for cell in FAMILY])
    out = io.StringIO()
    terminal = Terminal(out, io.StringIO(), as_json=True)
    words = parse(["province", "load", "facts", "--json"])
    COMMANDS["province"](town_database, LOADER, words, terminal, facts.parent)
    told = json.loads(out.getvalue())
    assert (told["days"], told["unchanged"], told["cells"], told["rows"]) == (1, 0, 7, 7)
    assert len(told["batches"]) == 1
    assert told["skipped"] == []
    assert told["seconds"] >= 0


NUMBERS = st.integers(0, 12)
ROW = st.fixed_dictionaries(
    {
        "cell_id": st.sampled_from(DISK), "customers": NUMBERS, "meters": st.integers(0, 14),
        "read": st.floats(0, 1), "kwh": st.none() | st.integers(0, 99_999),
        "transformers": st.integers(0, 2), "loss": st.none() | st.integers(-500, 9_999),
        "interruptions": NUMBERS, "visits": NUMBERS,
    }
)  # fmt: skip


def made(row: dict) -> dict:
    is_known = row["loss"] is not None and row["transformers"] > 0
    return fact(
        row["cell_id"], row["customers"], meters=row["meters"],
        meters_read=int(row["read"] * row["meters"]),
        energy_kwh=None if row["kwh"] is None else row["kwh"] / 1000,
        feed_in_kwh=None if row["kwh"] is None else 0.25,
        transformers=row["transformers"], days_known=int(is_known),
        loss_kwh=row["loss"] / 100 if is_known else None,
        supplied_kwh=abs(row["loss"]) / 10 + 1 if is_known else None,
        interruptions=row["interruptions"], interrupted_h=row["interruptions"] / 8,
        visits=row["visits"],
    )  # fmt: skip


DAYS = st.lists(
    st.lists(ROW, min_size=1, max_size=40, unique_by=lambda row: row["cell_id"]),
    min_size=1, max_size=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def law_db(tmp_path_factory):
    """One database for all examples of a law: each brings days of its own."""
    with Database(tmp_path_factory.mktemp("laws") / "law.duckdb") as db:
        yield db


def bring(db, days) -> ProvinceWish:
    """Load rows of days that nobody had yet; the span of them."""
    held = province_store.days(db.read(), 0)["day"]
    first = max(held, default=date(2020, 1, 1)) + timedelta(days=1)
    with TemporaryDirectory() as folder:
        for number, rows in enumerate(days):
            write_day(Path(folder), first + timedelta(days=number), [made(row) for row in rows])
        province_load.load(db, LOADER, Path(folder))
    return ProvinceWish(first, first + timedelta(days=len(days) - 1), "energy_kwh")


@settings(max_examples=examples(15))
@given(days=DAYS)
def test_every_size_sums_to_the_same_and_says_as_much_of_what_is_unknown(law_db, days):
    span = bring(law_db, days)
    near = [row["cell_id"] for rows in days for row in rows]
    for code in ("energy_kwh", "customers", "loss_kwh", "loss_rate", "interrupted_h"):
        wish = ProvinceWish(span.first, span.last, code)
        found = [shown(law_db, wish, size, near=near) for size in levels(9)]
        told = {
            (sum(k for _, k, _ in one.values()), sum(d for _, _, d in one.values()))
            for one in found
        }
        assert len(told) == 1
        if not FIGURES[code].is_sum:
            continue
        sums = [[v for v, _, _ in one.values() if not np.isnan(v)] for one in found]
        # to the millionth, since the mean customers of three days may be thirds
        assert len({round(sum(one), 6) for one in sums}) == 1
        for fine, coarse in itertools.pairwise(found):
            for cell, (value, known, _) in coarse.items():
                size = resolution_of(cell)
                under = [fine[one] for one in fine if ancestor(one, size) == cell]
                assert known == sum(k for _, k, _ in under)
                assert np.isnan(value) == all(np.isnan(v) for v, _, _ in under)


@settings(max_examples=examples(15))
@given(rows=DAYS.map(lambda days: days[0]))
def test_the_energy_of_a_cell_is_its_own_only_where_five_stand_behind_it(law_db, rows):
    """Otherwise it is a part of a group's, in which as many stand behind the sum."""
    span = bring(law_db, [rows])
    told = shown(law_db, span, near=[row["cell_id"] for row in rows])
    facts = [made(row) for row in rows]
    people = {row["cell_id"]: min(row["customers"], row["meters_read"]) for row in facts
              if row["energy_kwh"] is not None}  # fmt: skip
    known = {cell for cell, (value, _, _) in told.items() if not np.isnan(value)}
    assert known <= set(people)
    few = {cell for cell in known if people[cell] < 5}
    assert not few or sum(people[one] for one in known) >= 5
    everybody = sum(row["energy_kwh"] or 0.0 for row in facts)
    assert sum(told[one][0] for one in known) <= everybody + 0.001 * len(rows)


def test_a_file_of_tiles_comes_back_as_it_went():
    data = tile_file.encode(9, FAMILY[:2], [1.5, np.nan], [1, 0], [1, 2])
    assert len(data) == 16 + 2 * 24
    back = tile_file.decode(data)
    assert back.resolution == 9
    assert back.cells.tolist() == FAMILY[:2]
    assert back.values[0] == 1.5
    assert np.isnan(back.values[1])
    assert back.due.tolist() == [1, 2]
    for broken in (b"", b"GCT0" + data[4:], data[:-1]):
        with pytest.raises(ValueError, match="file of tiles"):
            tile_file.decode(broken)
    with pytest.raises(ValueError, match="order"):
        tile_file.encode(9, FAMILY[1::-1], [1.0, 2.0], [1, 1], [1, 1])


def test_the_map_fetches_tiles_as_the_person_may_see_them(served, town, tmp_path):
    cells = [h3.str_to_int(one) for one in town.cells]
    write_day(tmp_path, DAY, [fact(cell, 10) for cell in cells])
    province_load.load(served.db, LOADER, tmp_path)
    tiles = "-".join(f"{one:x}" for one in sorted({ancestor(cell, 5) for cell in cells}))
    address = f"/province/cells/0/{DAY}.{DAY}.energy_kwh/9/{tiles}.bin"
    analyst = served.person("analyst")
    answer = analyst.get(address)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert tile_file.decode(answer.content).cells.tolist() == sorted(cells)
    north = tile_file.decode(served.person("planner_north").get(address).content)
    assert 0 < len(north.cells) < len(cells)
    kept = answer.headers["etag"]
    assert analyst.get(address, headers={"If-None-Match": kept}).status_code == 304
    assert served.person("crew").get(address).status_code == 403
    loss = address.replace("energy_kwh", "loss_kwh")
    assert served.person("planner").get(loss).status_code == 403
    assert analyst.get(loss).status_code == 200
    for was, wrong in (
        ("/9/", "/99/"), ("/9/", "/x/"), (tiles, "0-1"), (tiles, "-".join([tiles] * 200)),
        ("energy_kwh", "names"), (str(DAY), "2026-05-01"),
    ):  # fmt: skip
        assert analyst.get(address.replace(was, wrong)).status_code == 404
