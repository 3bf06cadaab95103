"""The map's figures over the little town: 61 cells, four customers in each, one outage."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from app.use_cases import clock, customers, export, privacy, search, service_map, today
from app.use_cases.actors import Actor
from app.use_cases.cell_card import cell_card
from grid_cells.errors import UserError

ACTOR = Actor("test:anna", "Anna", role="admin")
CLERK = Actor("test:clerk", "Clerk", role="hall_clerk")
INSPECTOR = Actor("test:inspector", "Inspector", role="inspector")
NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)


@pytest.fixture
def db(town_database):
    return town_database


def cells(db, measure, **scope):
    return service_map.cells(db, ACTOR, measure=measure, now=NOW, **scope)


def test_customers_are_conserved_from_rows_to_cells_to_areas(db):
    assert cells(db, "customers")["value"].sum() == 244
    assert service_map.areas(db, ACTOR, NOW)["customers"].sum() == 244
    assert set(cells(db, "customers")["value"]) == {4}


def test_two_areas_side_by_side_have_two_colours(db):
    areas = service_map.areas(db, ACTOR, NOW)
    assert areas["area_id"].tolist() == ["E-01", "W-01"]
    assert areas["colour_index"].nunique() == 2


def test_a_unit_or_an_area_narrows_the_cells(db, town):
    west = sum(town.is_west(place) for place in range(61))
    assert len(cells(db, "customers", area_ids=("W-01",))) == west
    assert len(cells(db, "customers", unit_id="S1")) == west
    assert len(cells(db, "customers", unit_id="C")) == 61
    assert cells(db, "customers", area_ids=("no such",)).empty


def test_an_outage_darkens_the_cell_of_its_transformer_and_only_while_it_lasts(db):
    out = cells(db, "customers_out").set_index("cell_id")["value"]
    assert out.sum() == 4
    assert (out > 0).sum() == 1
    before = service_map.cells(db, ACTOR, measure="customers_out", now=NOW - timedelta(hours=3))
    assert before["value"].sum() == 0


def test_energy_is_the_mean_of_the_known_days_summed_over_the_meters(db, town):
    readings = town.frames()["readings"]
    whole = readings["energy_kwh"].sum() / readings["day"].nunique()
    assert cells(db, "energy_kwh")["value"].sum() == pytest.approx(whole, rel=1e-5)


def test_the_version_moves_with_the_facts_and_with_the_outages(db):
    now = service_map.facts_version(db, NOW)
    assert service_map.facts_version(db, NOW + timedelta(minutes=5)) == now
    assert service_map.facts_version(db, NOW - timedelta(hours=3)) != now


def test_a_scope_survives_its_word(db):
    for unit, areas in ((None, ()), ("S1", ()), (None, ("E-01", "W-01"))):
        assert service_map.scope_of(service_map.scope_key(unit, areas)) == (unit, areas)


def test_the_strip_counts_what_the_map_shows(db):
    figures = {f.code: f for f in service_map.figures(db, ACTOR, NOW)}
    assert figures["customers"].value == 244
    assert (figures["customers_out"].value, figures["customers_out"].change) == (4, 4)
    assert figures["outages_open"].value == 1
    inside = {f.code: f.value for f in service_map.figures(db, ACTOR, NOW, area_ids=("W-01",))}
    outside = {f.code: f.value for f in service_map.figures(db, ACTOR, NOW, area_ids=("E-01",))}
    assert inside["customers"] + outside["customers"] == 244
    assert inside["customers_out"] + outside["customers_out"] == 4


def test_a_cells_card_says_whose_it_is_and_what_is_open_there(db):
    out = cells(db, "customers_out")
    cell = int(out.loc[out["value"] > 0, "cell_id"].iloc[0])
    card = cell_card(db, ACTOR, cell, NOW)
    assert card.customers == 4
    assert card.outages["outage_id"].tolist() == ["OUT-1"]
    assert len(card.energy_days) == 15
    assert card.whose.area in ("E-01", "W-01")


def test_no_cell_is_no_card(db):
    with pytest.raises(UserError, match="cell_unknown"):
        cell_card(db, ACTOR, 0, NOW)


def test_an_unknown_measure_is_a_users_error(db):
    with pytest.raises(UserError, match="measure_unknown"):
        cells(db, "happiness")


def test_search_finds_by_number_address_cell_and_point(db):
    def kinds(text, datum="wgs84"):
        return [(f.kind, f.id) for f in search.find(db, CLERK, text, datum=datum, now=NOW)]

    customer = [("customer", privacy.customer_ref(db, "0000000006"))]
    assert kinds("0000000006") == customer
    assert kinds("码头路5号") == customer
    assert kinds("T-010") == [("transformer", "T-010")]
    assert kinds("112.514, 30.423")[0][0] == "place"
    assert kinds("30.423 112.514")[0][0] == "place"
    cell = cell_card(db, ACTOR, int(cells(db, "customers")["cell_id"].iloc[0]), NOW).hex
    assert kinds(cell) == [("cell", cell)]
    assert kinds("  ") == []


def test_coordinates_are_searched_in_their_datum(db):
    plain = search.find(db, ACTOR, "112.514, 30.423", datum="wgs84", now=NOW)[0]
    shifted = search.find(db, ACTOR, "112.514, 30.423", datum="gcj02", now=NOW)[0]
    assert plain.cell_id != shifted.cell_id


def test_a_customers_card_holds_archive_meters_outage_and_readings(db):
    card = customers.card(db, CLERK, "0000000041", NOW)
    assert card.transformer["transformer_id"] == "T-010"
    assert card.outage["outage_id"] == "OUT-1"
    assert card.meters["meter_id"].tolist() == ["M0000000041"]
    assert len(card.readings) == 15
    with pytest.raises(UserError, match="customer_unknown"):
        customers.card(db, CLERK, "nobody", NOW)


def test_today_names_what_is_red_with_its_way_to_the_map(db):
    lines = {line.code: line for line in today.lines(db, INSPECTOR, NOW)}
    said = {code: line.values for code, line in lines.items()}
    assert said["today_out"] == {"customers": 4, "outages": 1, "change": 4}
    assert said["today_vacant"]["area"] == "E-01"
    assert said["today_overload"]["transformer"] == "T-000"
    assert all(line.link["page"] for line in lines.values())


@pytest.mark.parametrize("form", ["csv", "xlsx", "gpkg", "parquet"])
def test_what_is_shown_can_be_taken_along(db, form):
    data, name = export.export_cells(
        db, ACTOR, measure="customers", area_ids=("W-01",), form=form, now=NOW, purpose="report"
    )
    assert name.endswith(f".{form}")
    if form == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        frame = pd.read_csv(io.BytesIO(data), dtype={"cell": "str"})
        assert set(frame["area_id"]) == {"W-01"}
        assert frame["cell"].str.len().eq(15).all()
        assert (frame["value"] == 4).all()


def test_minutes_without_streets_say_so(db):
    values = cells(db, "hall_min")["value"].to_numpy()
    assert np.isfinite(values).all()
    methods = db.query("SELECT DISTINCT method FROM cell_travel")["method"].tolist()
    assert methods == ["straight_line"]


def test_the_demo_clock_jumps_and_stands_still(db):
    then = NOW + timedelta(hours=2)
    moved = clock.set_clock(db, ACTOR, at=then, running=False)
    assert (moved.now, moved.is_demo, moved.is_running) == (then, True, False)
    assert clock.now(db) == then
    assert [code for code, _ in moved.events] == ["event_storm_begins"]


def test_a_real_clock_cannot_be_set(db):
    db.write(lambda c: c.execute("UPDATE meta SET value = 'own' WHERE name = 'origin'"))
    with pytest.raises(UserError, match="clock_is_real"):
        clock.set_clock(db, ACTOR, at=NOW, running=True)
    assert not clock.read_clock(db).is_demo
