"""Coverage of the little town: whom crews reach, gaps and why, posts, scope, what few are told."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from app.cli import main
from app.maps import cells_file
from app.store import meta
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.use_cases import (
    coverage,
    coverage_export,
    coverage_views,
    coverage_wishes,
    post_places,
    post_sites,
    today,
    what_if,
    work_order_moves,
    work_order_wishes,
)
from app.use_cases.actors import Actor
from app.use_cases.coverage_wishes import CoverageWish
from app.use_cases.jobs import StoppedError
from app.use_cases.load import LoadChoice, load
from app.use_cases.post_sites import SiteWish
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_wishes import OrderWish
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from tests.app.outage_town import call
from tests.conftest import LOADER, NOW, LittleTown, copy_of

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
MANAGER = Actor("user:town-manager", "周明", role="manager")
PLANNER = Actor("user:town-planner", "吴越", role="planner")
CLERK = Actor("user:town-clerk", "孙悦", role="hall_clerk")
NORTH = Actor("user:town-north", "何北", role="planner", scope=Scope("S1"))
FAR = (112.9, 30.423)
"""Some 37 km east of the town: 96 minutes by the straight line."""
ZONE = ZoneInfo("Asia/Shanghai")


def change(db: Database, sql: str, *values: object, kind: str = "crews") -> None:
    def work(connection: Connection) -> None:
        connection.execute(sql, list(values))
        meta.touch_facts(connection, kind)

    db.write(work)


def move_base(db: Database, crew: str, at: tuple[float, float]) -> None:
    change(db, "UPDATE crews SET lon = ?, lat = ? WHERE crew_id = ?", *at, crew)


def mark(db: Database, number: str, **values: object) -> None:
    names = ", ".join(f"{name} = ?" for name in values)
    sql = f"UPDATE customers SET {names} WHERE customer_no = ?"
    change(db, sql, *values.values(), number, kind="customers")


def load_zones(db: Database, file: Path) -> None:
    """Load promises; the town stays a sample, so that its clock stands."""
    load(db, LOADER, "promise_zones", [file], LoadChoice(datum="wgs84"))
    db.write(lambda connection: meta.set_value(connection, "origin", "sample"))


def zone_of_one_cell(db: Database, town: LittleTown, folder: Path) -> int:
    """A promise at one cell alone; its id."""
    lat, lon = town.places[30]
    shape = f"POLYGON(({', '.join(f'{lon + x} {lat + y}' for x, y in _SQUARE)}))"
    frame = pd.DataFrame({"name": ["z"], "promise_class": ["city"], "geometry": [shape]})
    frame.to_csv(folder / "zones.csv", index=False)
    load_zones(db, folder / "zones.csv")
    return int(hex_to_cells([town.cells[30]])[0])


_SQUARE = [(-1e-4, -1e-4), (1e-4, -1e-4), (1e-4, 1e-4), (-1e-4, 1e-4), (-1e-4, -1e-4)]


def ask(db: Database, actor: Actor = BOSS, **wish: Any) -> coverage.Coverage:
    return coverage.coverage(db, actor, CoverageWish(**wish))


# whom crews reach


def test_everybody_of_the_town_is_reached_by_two_crews(town_database: Database) -> None:
    found = ask(town_database)
    assert found.figures.customers == 244
    assert set(found.figures.reached.values()) == {244}
    assert (found.figures.beyond, found.figures.single) == (0, 0)
    assert (found.figures.crews, found.figures.on_shift) == (2, 2)
    assert set(found.cells["depth"]) == {2}
    assert (found.cells["second"] >= found.cells["minutes"]).all()
    assert set(found.cells["crew_id"]) == {"C0", "C1"}
    assert found.gaps.empty
    assert found.at == NOW


def test_where_all_bases_are_far_everybody_is_one_gap(town_database: Database) -> None:
    for crew in ("C0", "C1"):
        move_base(town_database, crew, FAR)
    found = ask(town_database)
    assert found.figures.beyond == 244
    gap = found.gaps.iloc[0]
    assert (len(found.gaps), gap["customers"], gap["cells"], gap["cause"]) == (1, 244, 61, "far")
    assert 90 < gap["minutes"] < 105
    assert ask(town_database, limit="120").gaps.empty


def test_a_crew_off_shift_is_what_the_gap_is_for(town_database: Database) -> None:
    """19:40 is after both shifts; the promise of nobody can be kept."""
    change(town_database, "UPDATE crews SET shift = 'Mo-Su 08:00-17:00'")
    found = ask(town_database)
    assert (found.figures.crews, found.figures.beyond) == (0, 244)
    assert found.gaps["cause"].tolist() == ["nobody"]
    assert ask(town_database, moment="morning").figures.crews == 2
    assert ask(town_database, moment="morning").figures.beyond == 0
    move_base(town_database, "C1", FAR)
    change(town_database, "UPDATE crews SET shift = '24/7' WHERE crew_id = 'C1'")
    assert ask(town_database).gaps["cause"].tolist() == ["shift"]


def test_only_crews_that_can_do_the_work_count(town_database: Database) -> None:
    change(town_database, "UPDATE crews SET skills = 'mv;Meter' WHERE crew_id = 'C0'")
    change(town_database, "UPDATE crews SET skills = 'lv' WHERE crew_id = 'C1'")
    crews = {skill: ask(town_database, skill=skill).figures.crews for skill in ("", "lv", "hv")}
    assert crews == {"": 2, "lv": 1, "hv": 1}
    assert ask(town_database, skill="meter").figures.crews == 1
    none = ask(town_database, skill="cable")
    assert none.figures.beyond == 244
    choices = coverage_views.choices(town_database, BOSS, CoverageWish())
    assert choices.skills == ["lv", "hv", "meter"]
    move_base(town_database, "C1", FAR)
    assert ask(town_database, skill="lv").gaps["cause"].tolist() == ["skill"]


def test_crews_with_an_order_do_not_count_where_only_free_ones_do(town_database: Database) -> None:
    since = NOW - timedelta(minutes=30)
    call(town_database, "R1", "0000000001", since, crew_id="C0", told_at=since, accepted_at=since)
    assert ask(town_database).figures.crews == 2
    free = ask(town_database, free_only=True)
    assert (free.figures.crews, free.figures.beyond, free.figures.single) == (1, 0, 244)
    move_base(town_database, "C1", FAR)
    busy = ask(town_database, free_only=True)
    assert busy.gaps["cause"].tolist() == ["busy"]
    assert busy.knows_orders
    later = ask(town_database, free_only=True, moment="sunday")
    assert (later.figures.crews, later.knows_orders) == (2, False)
    past = (since - timedelta(minutes=5)).isoformat()
    assert ask(town_database, free_only=True, moment=past).figures.crews == 2


def test_a_crew_on_an_order_without_a_call_is_not_free(town_database: Database) -> None:
    wish = OrderWish("repair_lv", transformer_id="T-010")
    made = work_order_wishes.make(town_database, BOSS, wish)
    work_order_moves.move(town_database, BOSS, made, Step("told", crew_id="C0"))
    assert ask(town_database, free_only=True).figures.crews == 2
    work_order_moves.move(town_database, BOSS, made, Step("accepted"))
    assert ask(town_database, free_only=True).figures.crews == 1
    assert ask(town_database).figures.crews == 2


def test_a_shift_says_from_where_a_crew_starts_and_leave_takes_it_off(
    town_database: Database,
) -> None:
    def add(connection: Connection, crew: str, kind: str, place: tuple[Any, Any]) -> None:
        connection.execute(
            "INSERT INTO crew_shifts (crew_id, starts_at, ends_at, kind, lon, lat, cell_id)"
            " VALUES (?, ?, ?, ?, ?, ?, 1)",
            [crew, NOW - timedelta(hours=2), NOW + timedelta(hours=2), kind, *place],
        )
        meta.touch_facts(connection, "crew_shifts")

    town_database.write(lambda c: add(c, "C0", "duty", FAR))
    assert ask(town_database).figures.single == 244
    town_database.write(lambda c: add(c, "C1", "leave", (None, None)))
    found = ask(town_database)
    assert (found.figures.crews, found.figures.beyond) == (1, 244)
    assert ask(town_database, moment="sunday").figures.single == 0


def test_another_moment_tells_who_is_newly_out_of_reach(town_database: Database) -> None:
    change(town_database, "UPDATE crews SET shift = 'Mo-Su 08:00-17:00'")
    found = ask(town_database, against="morning")
    assert found.before is not None
    assert (found.figures.beyond, found.before.beyond) == (244, 0)
    assert found.gaps["new"].tolist() == [244]
    assert found.gaps["before_min"].iloc[0] < 5


def test_hours_follow_the_shifts(town_database: Database) -> None:
    change(town_database, "UPDATE crews SET shift = 'Mo-Fr 08:00-17:00'")
    day = coverage_views.hours(town_database, BOSS, CoverageWish(), 1)
    hours = [at.astimezone(ZONE).hour for at, crews in zip(day["at"], day["crews"], strict=True)
             if crews]  # fmt: skip
    assert hours == list(range(8, 17))
    assert day.loc[day["crews"] == 0, "beyond"].unique().tolist() == [244]
    assert day.loc[day["crews"] == 2, "beyond"].unique().tolist() == [0]
    week = coverage_views.hours(town_database, BOSS, CoverageWish(), 7)
    assert int((week["crews"] > 0).sum()) == 5 * 9


def test_each_hour_says_what_its_own_moment_says(town_database: Database) -> None:
    change(town_database, "UPDATE crews SET shift = 'Mo-Su 08:00-12:00' WHERE crew_id = 'C0'")
    move_base(town_database, "C1", FAR)
    day = coverage_views.hours(town_database, BOSS, CoverageWish(), 1)
    for row in day.iloc[[0, 8, 11, 12]].itertuples():
        found = ask(town_database, moment=row.at.isoformat())
        assert (found.figures.beyond, found.figures.crews) == (row.beyond, row.crews)


# words of wishes


def test_a_wish_survives_its_word() -> None:
    wish = CoverageWish("2026-07-19T10:00+08:00", "带电", "promise", True, True, "open",
                        ("hall:H0", "cell:8940a56a9cbffff"), "")  # fmt: skip
    assert coverage_wishes.wish_of(coverage_wishes.wish_word(wish)) == wish
    assert coverage_wishes.wish_of(coverage_wishes.wish_word(CoverageWish())) == CoverageWish()
    assert "/" not in coverage_wishes.wish_word(wish)


@pytest.mark.parametrize("word", ["", "w", "wabc", "we30x", "wIjEi", "wWzFd", "xé"])
def test_what_is_no_wish_is_refused(word: str) -> None:
    with pytest.raises(UserError, match="coverage_wish_unreadable"):
        coverage_wishes.wish_of(word)


@pytest.mark.parametrize(
    "wish",
    [
        CoverageWish(limit="44"), CoverageWish(posts=("a",) * 4), CoverageWish(skill="x" * 200),
        CoverageWish(free_only=1),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(town_database: Database, wish: CoverageWish) -> None:
    with pytest.raises(UserError, match="coverage_wish_unreadable"):
        coverage.coverage(town_database, BOSS, wish)


@pytest.mark.parametrize(
    ("word", "clock", "wanted"),
    [
        ("now", "2026-07-16 19:40", "2026-07-16 19:40"),
        ("tonight", "2026-07-16 19:40", "2026-07-16 22:00"),
        ("tonight", "2026-07-16 22:30", "2026-07-17 22:00"),
        ("morning", "2026-07-16 00:10", "2026-07-17 08:00"),
        ("sunday", "2026-07-16 19:40", "2026-07-19 10:00"),
        ("sunday", "2026-07-19 09:00", "2026-07-19 10:00"),
        ("sunday", "2026-07-19 10:01", "2026-07-26 10:00"),
        ("2026-07-05T19:40+08:00", "2026-07-16 19:40", "2026-07-05 19:40"),
    ],
)
def test_words_for_moments(word: str, clock: str, wanted: str) -> None:
    now = datetime.fromisoformat(clock).replace(tzinfo=ZONE).astimezone(UTC)
    found = coverage_wishes.moment_at(word, now, ZONE).astimezone(ZONE)
    assert f"{found:%Y-%m-%d %H:%M}" == wanted


@pytest.mark.parametrize("word", ["soon", "2026-07-19T10:00", "2026-13-01T00:00+08:00"])
def test_a_time_without_zone_or_sense_is_refused(word: str) -> None:
    with pytest.raises(UserError, match="coverage_moment_unreadable"):
        coverage_wishes.moment_at(word, NOW, ZONE)


# what few and whom others may know


def test_who_is_important_is_counted_for_those_who_may_know(town_database: Database) -> None:
    change(town_database, "UPDATE crews SET shift = 'Mo-Su 08:00-17:00'")
    mark(town_database, "0000000001", importance_code="first")
    mark(town_database, "0000000002", life_support=True)
    found = ask(town_database)
    assert found.figures.important == 2
    assert found.gaps["important"].tolist() == [2]
    other = ask(town_database, MANAGER)
    assert other.figures.important is None
    assert other.gaps["important"].tolist() == [0]
    assert other.cells["important"].sum() == 0


def test_a_gap_of_few_customers_says_only_that(
    town_database: Database, town: LittleTown, tmp_path: Path
) -> None:
    cell = zone_of_one_cell(town_database, town, tmp_path)
    change(town_database, "UPDATE crews SET shift = 'Mo-Su 08:00-17:00'")
    found = ask(town_database, limit="promise")
    assert found.gaps["cell_id"].tolist() == [cell]
    assert found.gaps["is_few"].tolist() == [True]
    assert found.gaps["customers"].isna().all()
    data, name = coverage_export.export_gaps(
        town_database, MANAGER, CoverageWish(limit="promise"), form="csv", purpose="report"
    )
    table = pd.read_csv(io.BytesIO(data))
    assert name == "coverage-gaps-20260716-1140.csv"
    assert table["customers"].isna().all()
    assert "important" not in table.columns
    town_database.write(lambda c: meta.set_value(c, "small_cell", "4"))
    assert ask(town_database, limit="promise").gaps["customers"].tolist() == [4]


def test_cells_taken_along_tell_no_cell_of_few(town_database: Database) -> None:
    data, _ = coverage_export.export_cells(
        town_database, MANAGER, CoverageWish(), form="csv", purpose="report"
    )
    table = pd.read_csv(io.BytesIO(data))
    assert len(table) == 61
    assert table["customers"].sum() == pytest.approx(244)
    assert (table["rolled_up_to"] != 0).all(), "each cell has four customers, under the five"
    assert table["limit"].unique().tolist() == [45]
    assert "important" not in table.columns


def test_a_planner_of_one_station_sees_their_own_customers(
    town_database: Database, town: LittleTown
) -> None:
    change(town_database, "UPDATE crews SET unit_id = 'S2' WHERE crew_id = 'C1'")
    west = [n for n in range(61) if town.is_west(n)]
    found = ask(town_database, NORTH)
    assert found.figures.customers == 4 * len(west)
    assert set(found.cells["cell_id"]) == set(hex_to_cells([town.cells[n] for n in west]))
    assert found.figures.crews == 2, "the nearest crew may come from beyond"
    assert set(found.cells["crew_id"].dropna()) <= {"C0"}
    assert set(coverage_views.choices(town_database, NORTH, CoverageWish()).crews) == {"C0"}
    hours = coverage_views.hours(town_database, NORTH, CoverageWish(limit="15"), 1)
    assert hours["beyond"].unique().tolist() == [0]


def test_who_has_nothing_to_do_with_crews_is_refused(town_database: Database) -> None:
    with pytest.raises(AccessDenied):
        ask(town_database, CLERK)


# posts


def test_the_best_place_for_one_more_crew_wins_everybody_back(town_database: Database) -> None:
    for crew in ("C0", "C1"):
        move_base(town_database, crew, FAR)
    found = post_sites.propose(town_database, BOSS, CoverageWish(), SiteWish())
    assert found.chosen["kind"].tolist() == ["hall"]
    assert found.chosen["won"].tolist() == [244]
    assert (found.before.beyond, found.after.beyond) == (244, 0)
    assert found.after.crews == 3
    assert found.is_proven
    assert found.areas["won"].sum() == found.areas["gained"].sum() == 244
    assert found.areas["lost"].sum() == found.areas["worse"].sum() == 0
    shown = coverage_views.cells(town_database, BOSS, found.wish, "change").cells
    assert (shown["value"] < -80).all()
    with_posts = coverage_views.cells(town_database, BOSS, found.wish, "posts").cells
    assert (with_posts["value"] < 10).all()


def test_moving_a_base_loses_whom_it_served(town_database: Database) -> None:
    """C1 is the only one near; there is one hall far away where it could go."""
    move_base(town_database, "C0", FAR)
    change(town_database, "DELETE FROM halls WHERE hall_id <> 'H0'", kind="halls")
    change(town_database, "UPDATE halls SET lon = ?, lat = ?", *FAR, kind="halls")
    found = post_sites.propose(
        town_database, BOSS, CoverageWish(), SiteWish(goal="median", moved="C1")
    )
    assert found.chosen["site_id"].tolist() == ["crew:C1"], "where it is, is best"
    assert (found.before.beyond, found.after.beyond) == (0, 0)
    wish = replace(CoverageWish(), posts=("hall:H0",), moved="C1")
    moved = coverage.coverage(town_database, BOSS, wish)
    assert moved.after is not None
    assert moved.after.beyond == 244


def test_streets_near_customers_are_tried_where_buildings_are_far(town_database: Database) -> None:
    for crew in ("C0", "C1"):
        move_base(town_database, crew, FAR)
    change(town_database, "UPDATE halls SET lon = ?, lat = ?", *FAR, kind="halls")
    none = post_sites.propose(town_database, BOSS, CoverageWish(), SiteWish())
    assert none.chosen.empty
    assert none.before == none.after
    found = post_sites.propose(town_database, BOSS, CoverageWish(), SiteWish(where="anywhere"))
    assert found.chosen["kind"].tolist() == ["cell"]
    assert found.after.beyond == 0


def test_faults_of_the_last_year_can_weigh(town_database: Database) -> None:
    with pytest.raises(UserError, match="coverage_no_faults"):
        post_sites.propose(town_database, BOSS, CoverageWish(), SiteWish(weight="faults"))
    assert not coverage_views.choices(town_database, BOSS, CoverageWish()).has_faults
    call(town_database, "R1", "0000000001", NOW - timedelta(days=3))
    call(town_database, "R2", "0000000001", NOW + timedelta(minutes=1))
    move_base(town_database, "C0", FAR)
    move_base(town_database, "C1", FAR)
    found = post_sites.propose(town_database, BOSS, CoverageWish(), SiteWish(weight="faults"))
    assert len(found.chosen) == 1
    assert coverage_views.choices(town_database, BOSS, CoverageWish()).has_faults


@pytest.mark.parametrize(
    ("sites", "code"),
    [
        (SiteWish(count=0), "coverage_wish_unreadable"),
        (SiteWish(count=2, moved="C1"), "coverage_wish_unreadable"),
        (SiteWish(moved="C9"), "coverage_crew_unknown"),
    ],
)
def test_posts_that_cannot_be_asked_for(
    town_database: Database, sites: SiteWish, code: str
) -> None:
    with pytest.raises(UserError, match=code):
        post_sites.propose(town_database, BOSS, CoverageWish(), sites)


def test_sites_are_those_in_sight(town_database: Database, town: LittleTown) -> None:
    east = next(n for n in range(61) if not town.is_west(n))
    site = f"cell:{town.cells[east]}"
    assert len(post_places.points(town_database, (site, "hall:H0"))) == 2
    with pytest.raises(UserError, match="coverage_site_unknown"):
        ask(town_database, NORTH, posts=(site,))
    for unknown in ("hall:none", "cell:0", "cell:xyz", "8928308280fffff"):
        with pytest.raises(UserError, match="coverage_site_unknown"):
            ask(town_database, posts=(unknown,))


def test_a_click_makes_the_post_an_assumption_of_a_draft(
    town_database: Database, town: LittleTown
) -> None:
    site = f"cell:{town.cells[12]}"
    plan = post_sites.assume(town_database, PLANNER, None, site, name="Post")
    (held,) = what_if.list_assumed(town_database, PLANNER, plan)
    assert (held.place.kind, held.place.deed, held.place.name) == ("crew", "added", "Post")
    again = post_sites.assume(town_database, PLANNER, plan, "hall:H0", name="Moved", moved="C1")
    assert again == plan
    deeds = {one.place.deed for one in what_if.list_assumed(town_database, PLANNER, plan)}
    assert deeds == {"added", "moved"}
    with pytest.raises(AccessDenied):
        post_sites.assume(town_database, BOSS, None, site, name="Post")


def test_no_draft_is_begun_for_a_post_where_a_crew_is(town_database: Database) -> None:
    before = town_database.query("SELECT count(*) AS n FROM service_plans")["n"].iloc[0]
    with pytest.raises(UserError, match="what_if_there_already"):
        post_sites.assume(town_database, PLANNER, None, "crew:C0", name="Post")
    with pytest.raises(UserError, match="coverage_site_unknown"):
        post_sites.assume(town_database, PLANNER, None, "hall:none", name="Post")
    after = town_database.query("SELECT count(*) AS n FROM service_plans")["n"].iloc[0]
    assert after == before


# Today, the command, the address


def test_today_says_that_no_crew_is_in_reach(
    town_database: Database, town: LittleTown, tmp_path: Path
) -> None:
    def lines(actor: Actor) -> dict[str, today.TodayLine]:
        return {one.code: one for one in today.lines(town_database, actor, NOW)}

    codes = {"today_no_crew", "today_no_crew_important"}
    zone = "POLYGON((112 30, 113 30, 113 31, 112 31, 112 30))"
    frame = pd.DataFrame({"name": ["z"], "promise_class": ["city"], "geometry": [zone]})
    frame.to_csv(tmp_path / "zones.csv", index=False)
    load_zones(town_database, tmp_path / "zones.csv")
    mark(town_database, "0000000001", importance_code="first")
    assert not codes & lines(BOSS).keys()
    change(town_database, "UPDATE crews SET shift = 'Mo-Su 08:00-17:00'")
    assert lines(BOSS)["today_no_crew_important"].values == {"customers": 244, "important": 1}
    told = lines(MANAGER)["today_no_crew"]
    assert (told.values, told.severity) == ({"customers": 244}, "red")
    assert told.link == {"page": "crews", "part": "coverage", "limit": "promise"}
    assert not codes & lines(CLERK).keys()


def test_the_command_tells_gaps_and_the_best_place(
    town_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy_of(town_file, tmp_path)
    with Database(path) as db:
        for crew in ("C0", "C1"):
            move_base(db, crew, FAR)
    assert main(["crews", "coverage", "--best", "1", "--json", "--db", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["customers"], told["beyond"], told["crews"]) == (244, 244, 2)
    assert told["gaps"][0]["cause"] == "far"
    assert told["sites"][0]["won"] == 244
    assert told["with_sites"]["beyond"] == 0
    assert main(["crews", "coverage", "--limit", "120", "--db", str(path)]) == 0


def test_the_map_gets_the_cells_of_its_person(served: Any, town: LittleTown) -> None:
    word = coverage_wishes.wish_word(CoverageWish())
    boss = served.person("dispatcher").get(f"/coverage/cells/0/{word}/minutes.bin")
    assert len(cells_file.decode(boss.content).cells) == 61
    north = served.person("planner_north").get(f"/coverage/cells/0/{word}/depth.bin")
    west = sum(town.is_west(n) for n in range(61))
    assert len(cells_file.decode(north.content).cells) == west
    assert boss.headers["cache-control"] == "private, no-cache"
    bad = served.person("dispatcher")
    assert bad.get("/coverage/cells/0/nonsense/minutes.bin").status_code == 404
    assert bad.get(f"/coverage/cells/0/{word}/names.bin").status_code == 404
    assert served.person("clerk").get(f"/coverage/cells/0/{word}/minutes.bin").status_code == 403


def test_a_search_for_posts_can_be_stopped_between_its_solves(town_database: Database) -> None:
    heard: list[float] = []

    def stop(done: float) -> None:
        heard.append(done)
        if len(heard) == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        post_sites.propose(town_database, BOSS, CoverageWish(), SiteWish(), tell=stop)
    assert heard == [0.2, 0.5]
