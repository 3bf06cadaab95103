"""Views before and after loads, taken together, give nobody's household away either.

One who may not see small cells keeps what was shown after every load: late readings, corrections,
loads taken back, customers who come and move, cell facts with a cell more.
"""

import itertools
import shutil
from datetime import date, datetime, timedelta

import h3
import numpy as np
import pandas as pd
import pytest

from app.store import meta
from app.store.database import Database
from app.use_cases import batches, cell_card, retention, service_map, small_cells
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.load import LoadChoice, load
from grid_cells.cells import hex_to_cells
from tests.app.test_small_cells_views import (
    DAYS,
    FACTS,
    INSPECTOR,
    LEAST,
    NOW,
    VIEWERS,
    Village,
    energy,
    filled,
    shown,
)  # fmt: skip

pytestmark = pytest.mark.long

__all__ = ["filled"]
LOADER = Actor("user:l", "L", role="admin")
FIRST = date(2026, 7, 10)
ALL_DAYS = [FIRST + timedelta(days=k) for k in range(DAYS + 2)]


@pytest.fixture(scope="module")
def village():
    return Village()


class Story:
    """A village's database with the truth beside it, and all that a viewer was shown of it."""

    def __init__(self, db, folder, village):
        self.db, self.folder, self.village = db, folder, village
        self.cell = dict(zip(village.numbers, hex_to_cells(village.homes), strict=True))
        self.read = {
            (number, ALL_DAYS[day]): village.use[k, day]
            for k, number in enumerate(village.numbers)
            for day in range(DAYS)
        }
        self.states, self.views, self.places = [], [], {}
        self.look()

    def load(self, kind, frame):
        path = self.folder / f"{kind}-{len(self.states)}.csv"
        frame.to_csv(path, index=False)
        datum = "wgs84" if "lon" in frame else None
        return load(self.db, LOADER, kind, [path], LoadChoice(datum=datum)).batch_id

    def readings(self, changes):
        """Readings loaded, {(customer, day): kWh}; the number of the batch."""
        rows = [(f"M{number}", day, kwh) for (number, day), kwh in changes.items()]
        frame = pd.DataFrame(rows, columns=["meter_id", "day", "energy_kwh"])
        batch = self.load("readings", frame.assign(source="measured"))
        self.read |= changes
        self.look()
        return batch

    def undo(self, batch, before):
        batches.undo(self.db, LOADER, batch)
        self.read = dict(before)
        self.look()

    def people(self, homes):
        """Customers with their meters loaded, {customer: cell's text}."""
        at = [h3.cell_to_latlng(cell) for cell in homes.values()]
        frame = pd.DataFrame({"customer_no": list(homes)})
        places = {"lon": [lon for _, lon in at], "lat": [lat for lat, _ in at]}
        self.load("customers", frame.assign(**places))
        meters = frame.assign(meter_id=[f"M{n}" for n in homes], role="billing", multiplier=1.0)
        self.load("meters", meters)
        self.cell |= dict(zip(homes, hex_to_cells(list(homes.values())), strict=True))
        self.look()

    def look(self):
        """Keep the truth, and what is shown of each day and cell."""
        service_map.areas(self.db, INSPECTOR, NOW)
        self.states.append(dict(self.read))
        told = {day: small_cells.energy_a_day(self.db, day, 1) for day in ALL_DAYS}
        self.views.append({d: t.set_index("cell_id")["value"].dropna() for d, t in told.items()})
        self.check_the_map()
        groups = small_cells.groups(self.db).set_index("cell_id")
        for day, values in self.views[-1].items():
            if len(values):  # whoever counts where when a day is first told does so for good
                self.places.setdefault(day, (groups, dict(self.cell)))

    def check_the_map(self):
        """The map, its strip and the cells' cards tell of the days told, and of nothing else."""
        days = pd.DataFrame(self.views[-1])
        on_map = energy(self.db, VIEWERS[0])
        assert np.allclose(on_map, days.mean(axis=1)[on_map.index], rtol=1e-5)
        figures = service_map.figures(self.db, VIEWERS[0], NOW)
        strip = {figure.code: figure.value for figure in figures}["energy_day"]
        framed = set(shown(self.db, VIEWERS[0], "customers").index)
        last = days[days.columns[days.notna().any()][-1]]
        assert strip == pytest.approx(last[last.index.isin(framed)].sum() / 1000)
        cell = int(on_map.index[len(self.views) % len(on_map)])
        card = cell_card.cell_card(self.db, VIEWERS[0], cell, NOW).energy_days
        assert np.allclose(card["energy_kwh"], days.loc[cell].dropna())

    def equations(self, day):
        """What each view shows of each group: (view, group, readings of which it is the sum)."""
        groups, cell = self.places[day]
        cell = self.cell | cell
        inside = {}
        for number, home in cell.items():
            if home in groups.index:
                inside.setdefault(groups["group"][home], []).append(number)
        found, known = [], {}
        for turn, view in enumerate(self.views):
            values = view[day][view[day].index.isin(groups.index)]
            whole = (values * groups["group_customers"] / groups["customers"]).dropna()
            for group, totals in whole.groupby(groups["group"]):
                assert np.allclose(totals, totals.iloc[0]), "a group is told as one"
                key = (group, round(totals.iloc[0], 6))
                if key not in known:
                    known[key] = self.sum_of(inside[group], day, totals.iloc[0], turn)
                found.append((turn, group, known[key]))
        return found

    def sum_of(self, inside, day, total, turn):
        """The readings whose sum was shown: those held at that time or at one before."""
        for state in reversed(self.states[: turn + 1]):
            parts = {(n, state[n, day]) for n in inside if (n, day) in state}
            if np.isclose(sum(kwh for _, kwh in parts), total, rtol=1e-9):
                return frozenset(parts)
        raise AssertionError("what is shown was never the truth")

    def small_group(self, most=8):
        """Customers of a group with few more than the least, of several cells."""
        groups = small_cells.groups(self.db)
        rolled = groups[(groups["rolled_up_to"] != 0) & (groups["group_customers"] <= most)]
        group = rolled["group"].iloc[0]
        cells = set(rolled.loc[rolled["group"] == group, "cell_id"])
        return [number for number, cell in self.cell.items() if cell in cells]


@pytest.fixture
def story(filled, village, tmp_path):
    shutil.copy(filled, tmp_path / "village.duckdb")
    with Database(tmp_path / "village.duckdb") as db:
        db.write(lambda connection: meta.set_value(connection, "origin", "own"))
        yield Story(db, tmp_path, village)


def few_told(equations):
    """Pairs of views whose difference comes down to fewer than five households."""
    weak = []
    first_seen = {}
    for turn, _, parts in equations:
        first_seen.setdefault(parts, turn)
    for (one, a), (other, b) in itertools.combinations(first_seen.items(), 2):
        touched = {number for number, _ in one ^ other}
        if len(touched) < LEAST:
            weak.append((a, b, sorted(touched)))
    return weak


def totals(equations):
    """What each view tells of a day in all: its groups' totals together."""
    views = {}
    for turn, _, parts in equations:
        views.setdefault(turn, set()).update(parts)
    return [(turn, None, frozenset(parts)) for turn, parts in views.items()]


def is_solved(equations):
    """Whether a combination of all that was shown gives one household's reading, or its change."""
    unknowns = sorted({part for _, _, parts in equations for part in parts})
    place = {part: k for k, part in enumerate(unknowns)}
    sums = {parts for _, _, parts in equations}
    seen = np.zeros((len(sums), len(unknowns)))
    for row, parts in enumerate(sums):
        seen[row, [place[part] for part in parts]] = 1
    _, strength, base = np.linalg.svd(seen, full_matrices=False)
    base = base[strength > 1e-9]
    changes = [
        np.eye(len(unknowns))[place[a]] - np.eye(len(unknowns))[place[b]]
        for a, b in itertools.pairwise(unknowns) if a[0] == b[0]
    ]  # fmt: skip
    wanted = np.vstack([np.eye(len(unknowns)), *changes])
    return bool(np.isclose(wanted @ base.T @ base, wanted, atol=1e-6).all(axis=1).any())


@pytest.fixture(scope="module")
def lived(filled, village, tmp_path_factory):
    """A village after all that happens to it within some weeks, with a look after each."""
    folder = tmp_path_factory.mktemp("lived")
    shutil.copy(filled, folder / "village.duckdb")
    with Database(folder / "village.duckdb") as db:
        found = Story(db, folder, village)
        live_through(found)
        yield found


def live_through(story):
    village, small = story.village, story.small_group()
    everybody, new_day = list(village.numbers), ALL_DAYS[DAYS]
    on_time = [n for n in everybody if n != small[0]]
    story.readings({(n, new_day): 3.0 + k / 7 for k, n in enumerate(on_time)})
    story.readings({(small[0], new_day): 9.125})
    before = dict(story.read)
    few = story.readings({(n, ALL_DAYS[2]): 40.25 + k for k, n in enumerate(small[:2])})
    story.undo(few, before)
    story.readings({(small[1], ALL_DAYS[2]): 77.5})
    before = dict(story.read)
    many = story.readings({(n, ALL_DAYS[1]): 50.0 + k / 3 for k, n in enumerate(everybody[:200])})
    story.undo(many, before)
    story.readings({(n, ALL_DAYS[3]): 60.0 + k / 3 for k, n in enumerate(everybody[:200])})
    mover, *_ = small
    stay = f"{story.cell[small[-1]]:x}"
    empty = next(c for c, n in zip(village.cells, village.count, strict=True) if n == 0)
    joined = [f"{k:010d}" for k in range(900, 909)]
    homes = dict(zip(joined, [stay] * 3 + [empty] * 6, strict=True))
    story.people({mover: empty, **homes})
    story.readings({(n, day): 5.5 + k for k, n in enumerate(joined) for day in ALL_DAYS[:7]})
    story.readings({(n, ALL_DAYS[7]): 2.0 + k / 9 for k, n in enumerate([*everybody, *joined])})
    story.readings({(n, ALL_DAYS[7]): 33.0 for n in joined[:3]})


def test_no_two_views_differ_by_few_households(lived):
    assert len(lived.views) == 13
    for day in ALL_DAYS:
        found = lived.equations(day)
        assert len(found) > 12
        assert few_told(found) == []
        assert few_told(totals(found)) == []
        assert not is_solved(found)


def test_what_enough_households_changed_is_told_and_taken_back(lived):
    by_view = [{day: view[day].sum() for day in (ALL_DAYS[1], ALL_DAYS[3])} for view in lived.views]
    first, after_many, undone = by_view[0], by_view[6], by_view[7]
    assert after_many[ALL_DAYS[1]] > 1.5 * first[ALL_DAYS[1]]
    assert undone[ALL_DAYS[1]] == pytest.approx(first[ALL_DAYS[1]])
    assert by_view[8][ALL_DAYS[3]] > 1.5 * first[ALL_DAYS[3]]


def test_without_the_rule_the_attack_works(story, monkeypatch):
    """The adversary is one: told as before the rule, a late reading is the difference of views."""
    monkeypatch.setattr("app.use_cases.told.rules.tell_days", told_as_it_is)
    small = story.small_group()
    story.readings({(small[0], ALL_DAYS[2]): 77.5})
    found = story.equations(ALL_DAYS[2])
    assert few_told(found) == [(0, 1, [small[0]])]
    assert is_solved(found)


def told_as_it_is(now, told, least):
    number = told.groupby(["group", "day"])["telling"].max().rename("last").reset_index()
    found = now.merge(number, how="left")
    return found.assign(telling=found["last"].fillna(0).astype("int64") + 1, is_new=True)


def test_new_customers_regroup_the_days_to_come_and_none_gone_by(story):
    before, groups = story.views[0], small_cells.groups(story.db)
    small = story.small_group()
    home = f"{story.cell[small[0]]:x}"
    joined = [f"{k:010d}" for k in range(900, 906)]
    story.people(dict.fromkeys(joined, home))
    cell = story.cell[small[0]]
    now = small_cells.groups(story.db)
    assert len(set(groups["group"])) != len(set(now["group"]))
    for day in ALL_DAYS[:DAYS]:
        assert np.allclose(story.views[1][day], before[day])
    numbers = [*story.village.numbers, *joined]
    story.readings({(n, ALL_DAYS[DAYS]): 4.5 for n in numbers})
    own = len([n for n, held in story.cell.items() if held == cell])
    assert story.views[-1][ALL_DAYS[DAYS]][cell] == pytest.approx(4.5 * own)
    shown_days = cell_card.cell_card(story.db, VIEWERS[0], int(cell), NOW).energy_days
    assert len(shown_days) == DAYS + 1
    assert len(energy(story.db, VIEWERS[0])) >= len(before[ALL_DAYS[0]])


def test_a_village_that_comes_later_is_told_of_its_own_days_gone_by(story):
    far = sorted(h3.grid_disk(h3.latlng_to_cell(30.60, 112.70, 9), 1))
    homes = {f"{k:010d}": far[k % 7] for k in range(800, 830)}
    story.people(homes)
    story.readings({(n, day): 7.0 for n in homes for day in ALL_DAYS[:DAYS]})
    cells = set(hex_to_cells(far).tolist())
    for day in ALL_DAYS[:DAYS]:
        values = story.views[-1][day]
        assert values[values.index.isin(cells)].sum() == pytest.approx(7.0 * len(homes))


def means(story, measure="fact:elderly_share"):
    return shown(story.db, VIEWERS[0], measure)


def fact_rows(cells, measure, value):
    frame = pd.DataFrame({"cell": cells, "measure": measure, "value": value})
    return frame.assign(unit="%", source="test", as_of="2026-08-01T00:00:00+08:00")


def test_one_small_cell_more_does_not_change_what_is_told_of_its_siblings(story):
    """Each pair of views tells a mean less a mean: the new cell's own value."""
    groups = small_cells.groups(story.db)
    rolled = groups[groups["rolled_up_to"] != 0]
    sizes = rolled.groupby("group")["customers"].agg(lambda c: c.sum() - c.max())
    group = sizes.index[sizes >= LEAST][0]
    members = rolled[rolled["group"] == group].sort_values("customers")
    late, known = int(members["cell_id"].iloc[-1]), members["cell_id"].iloc[:-1].tolist()
    story.load("cell_facts", fact_rows([f"{c:x}" for c in known], "dogs", [*range(len(known))]))
    first = means(story, "fact:dogs")
    assert set(first.index) == set(known)
    story.load("cell_facts", fact_rows([f"{late:x}"], "dogs", [99.0]))
    assert means(story, "fact:dogs").equals(first)
    cells = [f"{c:x}" for c in members["cell_id"]]
    story.load("cell_facts", fact_rows(cells, "dogs", [50.0 + k for k in range(len(cells))]))
    assert set(means(story, "fact:dogs").index) == set(members["cell_id"])


def test_facts_loaded_again_taken_back_and_customers_who_come_give_no_cell_away(story):
    at_first = {fact: means(story, f"fact:{fact}") for fact in FACTS if fact == "elderly_share"}
    first, small = at_first["elderly_share"], story.small_group()
    cell = f"{story.cell[small[0]]:x}"
    frame = fact_rows([cell], "elderly_share", [99.0]).assign(as_of="2026-07-01T00:00:00+08:00")
    story.load("cell_facts", frame)
    assert means(story).equals(first)
    whole = story.village.facts()
    whole = whole[whole["measure"] == "elderly_share"].assign(value=lambda f: f["value"] / 2)
    batch = story.load("cell_facts", whole)
    anew = means(story)
    assert (np.abs(anew / first[anew.index] - 1) > 0.01).all()
    batches.undo(story.db, LOADER, batch)
    assert np.allclose(means(story), first)
    story.load("cell_facts", whole[whole["cell"] == cell].assign(value=lambda f: f["value"] * 2))
    story.people({f"{900 + k:010d}": cell for k in range(6)})
    now = means(story)
    assert np.allclose(now, first[now.index]), "the cell that left its group is told as before"


def test_what_was_told_goes_with_the_readings_and_not_before(story):
    retention.run(story.db, LOADER, real_now())
    assert story.db.query("SELECT count(DISTINCT day) AS n FROM told_figures")["n"].iloc[0] == DAYS
    late = datetime.combine(ALL_DAYS[3], datetime.min.time(), NOW.tzinfo)
    done = retention.run(story.db, LOADER, late + timedelta(days=1095))
    assert done["meter_readings"] == 3 * len(story.village.numbers)
    left = story.db.query("SELECT DISTINCT day FROM told_figures ORDER BY day")["day"]
    assert [one.date() for one in pd.to_datetime(left)] == ALL_DAYS[3:DAYS]
    assert done["told_figures"] > 0
