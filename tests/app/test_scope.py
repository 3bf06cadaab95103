"""A limited sight of the database: whatever is asked, nothing from outside the scope comes back."""

import geopandas as gpd
import h3
import pandas as pd
import pytest
import shapely

from app.store import audit
from app.store import scope as scope_store
from app.store.scope import Scope, ScopedDatabase
from app.use_cases import (
    access,
    cell_card,
    customers,
    load,
    privacy,
    search,
    service_map,
    today,
    whose,
)
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from tests.conftest import LOADER, MIDDLE, NOW, LittleTown

WEST = Actor("user:w", "West", role="planner", scope=Scope("S1"))
EAST = Actor("user:e", "East", role="planner", scope=Scope("S2"))
WHOLE = Actor("user:c", "City", role="planner", scope=Scope("C"))
EVERYBODY = Actor("user:a", "All", role="planner")


@pytest.fixture
def db(town_database):
    service_map.areas(town_database, EVERYBODY, NOW)
    return town_database


def cells_of(town: LittleTown, *, west: bool) -> set[int]:
    wanted = [cell for place, cell in enumerate(town.cells) if town.is_west(place) is west]
    return {int(cell) for cell in hex_to_cells(wanted)}


def refusals(db) -> pd.DataFrame:
    rows = audit.latest(db, 50)
    return rows[rows["event"] == "access_refused"]


@pytest.mark.parametrize("measure", ["customers", "crew_min", "customers_out", "area"])
def test_a_station_sees_its_own_cells_and_no_others(db, town, measure):
    seen = service_map.cells(db, WEST, measure=measure, now=NOW)
    assert set(seen["cell_id"]) == cells_of(town, west=True)


def test_two_stations_together_see_each_customer_once(db, town):
    counts = [
        service_map.cells(db, one, measure="customers", now=NOW)["value"].sum()
        for one in (WEST, EAST, EVERYBODY)
    ]
    assert counts[0] + counts[1] == counts[2] == 4 * 61


def test_the_only_unit_at_the_top_is_the_whole(db):
    assert access.within(db, WHOLE) is db
    assert access.within(db, EVERYBODY) is db
    assert access.within(db, WEST).seen_as == "S1/"


def test_a_unit_that_is_gone_sees_nothing_rather_than_everything(db):
    lost = Actor("user:x", "Lost", role="planner", scope=Scope("gone"))
    assert service_map.cells(db, lost, measure="customers", now=NOW).empty
    assert service_map.units(db, lost).empty
    assert service_map.places(db, lost, NOW).empty


def test_one_area_is_a_scope_too(db, town):
    one = Actor("user:g", "Manager", role="crew", scope=Scope("S1", "W-01"))
    assert list(service_map.areas(db, one, NOW)["area_id"]) == ["W-01"]
    other = Actor("user:h", "Nobody", role="crew", scope=Scope("S1", "E-01"))
    assert service_map.cells(db, other, measure="customers", now=NOW).empty


def test_asking_for_another_station_is_refused_and_recorded(db):
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        service_map.cells(db, WEST, measure="customers", unit_id="S2", now=NOW)
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        service_map.figures(db, WEST, NOW, area_ids=("E-01",))
    told = refusals(db)
    assert list(told["actor"]) == ["user:w", "user:w"]
    assert set(told["subject"]) == {"unit:S2", "area:E-01"}


def test_what_a_caller_makes_up_is_not_kept(db):
    told = "Zhang San 13977700123"
    for ask in (
        lambda: service_map.cells(db, WEST, measure="customers", unit_id=told, now=NOW),
        lambda: service_map.figures(db, WEST, NOW, area_ids=(told,)),
        lambda: service_map.cells(db, WEST, measure=f"fact:theft {told}", now=NOW),
        lambda: access.refuse(db, WEST, "access_out_of_scope", asked="x", about=f"user:{told}"),
        lambda: access.refuse(db, WEST, "access_out_of_scope", asked="x", about=f"{told}:1"),
    ):
        with pytest.raises(AccessDenied):
            ask()
    kept = refusals(db)
    assert sorted(kept["subject"]) == [
        "area:unknown", "measure:unknown", "unit:unknown", "unknown:unknown", "user:unknown",
    ]  # fmt: skip
    assert "13977700123" not in str(kept.to_dict())


def test_a_unit_that_exists_is_refused_in_the_same_words_as_one_that_does_not(db):
    said = []
    for unit in ("S2", "S9"):
        with pytest.raises(AccessDenied) as refused:
            service_map.cells(db, WEST, measure="customers", unit_id=unit, now=NOW)
        said.append((refused.value.code, refused.value.values["permission"]))
    assert said[0] == said[1]


def test_the_card_of_a_cell_elsewhere_is_refused(db, town):
    elsewhere = min(cells_of(town, west=False))
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        cell_card.cell_card(db, WEST, elsewhere, NOW)
    inside = min(cells_of(town, west=True))
    assert cell_card.cell_card(db, WEST, inside, NOW).customers == 4


def test_whose_is_refused_elsewhere_and_customers_elsewhere_do_not_exist(db, town):
    place = next(n for n in range(61) if not town.is_west(n))
    lat, lon = town.places[place]
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        whose.whose(db, WEST, at=(lon, lat))
    with pytest.raises(UserError, match="customer_unknown"):
        whose.whose(db, WEST, customer=f"{4 * place + 1:010d}")


@pytest.mark.parametrize(
    "look", [lambda db, one: customers.card(db, WEST, one, NOW),
             lambda db, one: whose.whose(db, WEST, customer=one)]
)  # fmt: skip
def test_a_look_at_a_customer_elsewhere_is_recorded_and_answered_like_a_wrong_number(
    db, town, look
):
    elsewhere = f"{4 * next(n for n in range(61) if not town.is_west(n)) + 1:010d}"
    said, steps = [], []
    for number in (elsewhere, "13977700123"):
        before = len(refusals(db))
        with pytest.raises(UserError) as told:
            look(db, number)
        assert not isinstance(told.value, AccessDenied)
        masked = privacy.shown_value(WEST, "customers", "customer_no", number)
        said.append((told.value.code, told.value.values["customer"] in (number, masked)))
        steps.append(len(refusals(db)) - before)  # the same work, so the same time
    assert said == [("customer_unknown", True)] * 2
    assert steps == [1, 1]
    about = set(refusals(db)["subject"])
    assert about == {f"customer:{privacy.customer_ref(db, elsewhere)}", "customer:unknown"}
    before = len(refusals(db))
    with pytest.raises(UserError, match="customer_unknown"):
        whose.whose(db, EVERYBODY, customer="13977700123")
    assert len(refusals(db)) == before


def test_search_finds_nothing_elsewhere(db, town):
    west = next(n for n in range(61) if town.is_west(n))
    east = next(n for n in range(61) if not town.is_west(n))
    dispatcher = Actor("user:d", "D", role="dispatcher", scope=Scope("S1"))
    found = [
        search.find(db, dispatcher, f"{4 * n + 1:010d}", datum="wgs84", now=NOW)
        for n in (west, east)
    ]
    assert [len(hits) for hits in found] == [1, 0]


def test_answers_kept_for_one_scope_are_not_given_to_another(db):
    first = service_map.figures(db, EVERYBODY, NOW)
    second = service_map.figures(db, WEST, NOW)
    third = service_map.figures(db, EAST, NOW)
    customers = [
        next(f.value for f in figures if f.code == "customers")
        for figures in (first, second, third)
    ]
    assert customers[0] == customers[1] + customers[2]
    assert len(set(customers)) == 3


def test_today_tells_a_station_only_what_is_its_own(db, town):
    out = {line.code: line.values for line in today.lines(db, WEST, NOW)}
    other = {line.code: line.values for line in today.lines(db, EAST, NOW)}
    assert ("today_out" in out) is town.is_west(10)
    assert ("today_out" in other) is not town.is_west(10)


def test_a_table_nobody_thought_of_is_seen_empty(db):
    db.write(lambda connection: connection.execute("CREATE TABLE secrets AS SELECT 7 AS answer"))
    seen = ScopedDatabase(db, Scope("S1")).query("SELECT * FROM secrets")
    assert seen.empty


def test_every_table_is_in_the_sight_or_declared_free_of_customers(db):
    tables = set(
        db.query("SELECT table_name FROM duckdb_tables() WHERE NOT internal")["table_name"]
    )
    hidden = tables - set(scope_store._VIEWS) - set(scope_store.ALWAYS_WHOLE)
    assert not hidden & {"customers", "meters", "outages", "cell_areas"}
    assert {"users", "sessions", "audit_log", "customers_before"} <= hidden


def areas_file(tmp_path, rows: list[tuple[str, str, str]]):
    path = tmp_path / "areas.csv"
    names = ["area_id", "transformer_id", "unit_id"]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


def claims(db) -> int:
    return int(db.query("SELECT count(*) AS n FROM plan_units WHERE valid_to IS NULL")["n"].iloc[0])


def test_a_planner_brings_areas_of_the_own_station(db, town, tmp_path):
    own = [n for n in range(61) if town.is_west(n)][:2]
    rows = [("W-02", f"T-{n:03d}", "S1") for n in own]
    outcome = load.load(db, WEST, "areas", [areas_file(tmp_path, rows)], LoadChoice())
    assert outcome.loaded == 2
    assert "W-02" in set(service_map.areas(db, WEST, NOW)["area_id"])


@pytest.mark.parametrize(
    ("area", "unit", "west"),
    [("W-01", "S1", False), ("E-02", "S2", False), ("E-01", "S2", True), ("W-03", "S2", True)],
)
def test_a_planner_cannot_paint_the_next_station(db, town, tmp_path, area, unit, west):
    place = next(n for n in range(61) if town.is_west(n) is west)
    before = claims(db)
    file = areas_file(tmp_path, [(area, f"T-{place:03d}", unit)])
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        load.load(db, WEST, "areas", [file], LoadChoice())
    assert claims(db) == before
    assert "load.load areas" in refusals(db)["detail"].iloc[0]


def test_only_those_who_keep_the_whole_load_customers(db, tmp_path):
    admin = Actor("user:b", "B", role="admin", scope=Scope("S1"))
    with pytest.raises(AccessDenied, match="access_whole_only"):
        load.load(db, admin, "customers", [tmp_path / "none.csv"], LoadChoice())
    with pytest.raises(AccessDenied, match="access_no_permission"):
        load.load(db, EVERYBODY, "customers", [tmp_path / "none.csv"], LoadChoice())


# --- what nobody holds yet -----------------------------------------------------------------------


def bring(db, tmp_path, kind: str, rows: list[dict[str, object]]) -> None:
    path = tmp_path / f"{kind}-{len(list(tmp_path.iterdir()))}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    datum = "wgs84" if "lon" in rows[0] else None
    assert load.load(db, LOADER, kind, [path], LoadChoice(datum=datum)).rejected == 0


@pytest.fixture
def border(db, town, tmp_path):
    """The eastern station has a feeder with two transformers on it, on which nobody lives yet."""
    bring(db, tmp_path, "feeders", [{"feeder_id": "F-E", "name": "东线", "unit_id": "S2"}])
    lat, lon = town.places[next(n for n in range(61) if not town.is_west(n))]
    new = [{"transformer_id": one, "kind": "public", "feeder_id": "F-E", "capacity_kva": 100.0,
            "lon": lon, "lat": lat} for one in ("T-901", "T-902")]  # fmt: skip
    bring(db, tmp_path, "transformers", new)
    return db


@pytest.mark.parametrize("unit", ["T-901", "T-999"])
def test_a_planner_cannot_claim_what_the_next_station_is_still_to_get(border, town, tmp_path, unit):
    before = claims(border)
    own = next(n for n in range(61) if town.is_west(n))
    file = areas_file(tmp_path, [("W-02", f"T-{own:03d}", "S1"), ("W-01", unit, "S1")])
    with pytest.raises(AccessDenied, match="access_out_of_scope") as refused:
        load.load(border, WEST, "areas", [file], LoadChoice())
    assert (refused.value.values["row"], refused.value.values["unit"]) == (3, unit)
    assert claims(border) == before
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        load.preview(border, WEST, "areas", [file], LoadChoice())


def test_a_planner_may_claim_a_new_transformer_on_a_feeder_of_the_own_station(db, town, tmp_path):
    lat, lon = town.places[next(n for n in range(61) if town.is_west(n))]
    bring(db, tmp_path, "transformers", [{"transformer_id": "T-800", "feeder_id": "F-07",
                                          "lon": lon, "lat": lat}])  # fmt: skip
    file = areas_file(tmp_path, [("W-01", "T-800", "S1")])
    assert load.load(db, WEST, "areas", [file], LoadChoice()).loaded == 1


def test_customers_who_come_to_a_transformer_once_ones_own_are_not_taken_back(
    border, town, tmp_path
):
    """A claim that ended long ago is no claim: people who live there now are somebody else's."""
    bring(border, tmp_path, "areas", [{"area_id": "W-01", "transformer_id": "T-901"}])
    bring(border, tmp_path, "areas", [{"area_id": "E-01", "transformer_id": "T-901"}])
    lat, lon = town.places[next(n for n in range(61) if not town.is_west(n))]
    newcomer = {"customer_no": "0000009999", "transformer_id": "T-901", "lon": lon, "lat": lat}
    bring(border, tmp_path, "customers", [newcomer])
    file = areas_file(tmp_path, [("W-01", "T-901", "S1")])
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        load.load(border, WEST, "areas", [file], LoadChoice())


def test_a_transformer_that_came_from_the_next_station_can_be_moved_within_ones_own(
    db, town, tmp_path
):
    east = next(n for n in range(61) if not town.is_west(n))
    bring(db, tmp_path, "areas", [{"area_id": "W-01", "transformer_id": f"T-{east:03d}"}])
    file = areas_file(tmp_path, [("W-02", f"T-{east:03d}", "S1")])
    assert load.load(db, WEST, "areas", [file], LoadChoice()).loaded == 1


def cells_file(tmp_path, rows: list[tuple[str, str, str]]):
    path = tmp_path / "cells.csv"
    pd.DataFrame(rows, columns=["area_id", "cell_id", "unit_id"]).to_csv(path, index=False)
    return path


@pytest.fixture
def by_cells(db, town, tmp_path):
    """The plan in force is one by cells, in which the west has an area of empty ground too."""
    rows = [
        {"area_id": "W-01" if town.is_west(n) else "E-01", "cell_id": cell,
         "unit_id": "S1" if town.is_west(n) else "S2"}
        for n, cell in enumerate(town.cells)
    ]  # fmt: skip
    bring(db, tmp_path, "areas", rows)
    return db


def ring(town: LittleTown, far: int, *, west: bool) -> str:
    """An empty cell as far outside the town, on one side of it."""
    edge = sorted(h3.grid_ring(h3.latlng_to_cell(*MIDDLE, 9), 4 + far))
    return (min if west else max)(edge, key=lambda cell: h3.cell_to_latlng(cell)[1])


def test_a_planner_may_claim_empty_cells_at_the_border_and_none_beyond(by_cells, town, tmp_path):
    near, far = ring(town, 1, west=True), ring(town, 2, west=True)
    file = cells_file(tmp_path, [("W-01", near, "S1")])
    assert load.load(by_cells, WEST, "areas", [file], LoadChoice()).loaded == 1
    for cell in (ring(town, 4, west=True), ring(town, 1, west=False), far):
        file = cells_file(tmp_path, [("W-01", cell, "S1")])
        if cell == far:  # the border has moved by one
            assert load.load(by_cells, WEST, "areas", [file], LoadChoice()).loaded == 1
            continue
        with pytest.raises(AccessDenied, match="access_out_of_scope_row") as refused:
            load.load(by_cells, WEST, "areas", [file], LoadChoice())
        assert refused.value.values["unit"] == cell


def test_a_border_cell_with_somebody_elses_transformer_is_not_empty(by_cells, town, tmp_path):
    near = ring(town, 1, west=True)
    lat, lon = h3.cell_to_latlng(near)
    bring(by_cells, tmp_path, "feeders", [{"feeder_id": "F-E", "name": "东线", "unit_id": "S2"}])
    bring(by_cells, tmp_path, "transformers", [{"transformer_id": "T-903", "feeder_id": "F-E",
                                                "lon": lon, "lat": lat}])  # fmt: skip
    file = cells_file(tmp_path, [("W-01", near, "S1")])
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        load.load(by_cells, WEST, "areas", [file], LoadChoice())


def test_an_outline_that_lets_go_of_a_cell_and_reaches_out_is_refused_as_a_whole(
    by_cells, town, tmp_path
):
    east = h3.cell_to_boundary(ring(town, 1, west=False))
    shape = shapely.Polygon([(lon, lat) for lat, lon in east])
    path = tmp_path / "outline.geojson"
    gpd.GeoDataFrame(
        {"area_id": ["W-01"], "unit_id": ["S1"]}, geometry=[shape], crs="EPSG:4326"
    ).to_file(path)
    before = claims(by_cells)
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        load.load(by_cells, WEST, "areas", [path], LoadChoice(datum="wgs84"))
    assert claims(by_cells) == before
