"""Whose a place is: by point, customer, address; by day; and where nobody's or two areas'."""

from datetime import UTC, datetime, timedelta

import pytest

from app.store.database import Database
from app.use_cases import cell_card, customers, service_map
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.roles import permissions_by_role, permits
from app.use_cases.whose import whose
from grid_cells.cells import hex_to_cells
from grid_cells.errors import UserError
from tests.conftest import NOW

ACTOR = Actor("test:anna", "Anna", role="admin")
WGS84 = LoadChoice(datum="wgs84")
CELL, OTHER = "8940a56a2a7ffff", "8940a56a2afffff"


def put(db, folder, kind, text, choice=WGS84):
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return load(db, ACTOR, kind, [path], choice)


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "a.duckdb") as opened:
        yield opened


def test_a_customer_is_whose_its_transformer_is(town_database):
    answer = whose(town_database, ACTOR, customer="0000000001")
    assert answer.rule == "transformer"
    assert answer.area in ("W-01", "E-01")
    assert answer.transformer == "T-000"
    assert answer.unit in ("S1", "S2")
    assert answer.crew is not None
    assert answer.hall.method == "straight_line"


def told(answer):
    """What a place's answer says of how far things are."""
    return answer.hall, answer.bank, answer.crew_reach, answer.promise_class, answer.promise_min


@pytest.mark.parametrize(
    "role", [role for role in permissions_by_role() if permits(role, "see_map")]
)
def test_minutes_tell_no_home_to_whoever_may_not_see_addresses(town_database, town, role):
    """Four homes of one cell: three distances from the home itself would be its position."""
    who = Actor(f"user:{role}", role, role=role)
    homes = [f"{number:010d}" for number in range(41, 45)]
    answers = [told(whose(town_database, who, customer=number)) for number in homes]
    if permits(role, "see_customers"):
        cards = [customers.card(town_database, who, number, NOW).whose for number in homes]
        assert [told(card) for card in cards] == answers
    if permits(role, "see_addresses"):
        assert len({hall.minutes for hall, *_ in answers}) == 4
        return
    assert len(set(answers)) == 1
    middle = told(whose(town_database, who, at=town.places[10][::-1]))
    for home, asked in zip(answers[0][:3], middle[:3], strict=True):
        assert home.minutes == pytest.approx(asked.minutes, abs=1e-6)
    assert answers[0][3:] == middle[3:]


def test_minutes_of_a_cell_are_not_those_of_its_few_homes(town_database, town):
    """The map shows them to everybody; four customers live east of each cell's middle."""
    planner = Actor("user:planner", "planner", role="planner")
    shown = service_map.cells(town_database, planner, measure="hall_min", now=NOW)
    values = shown.set_index("cell_id")["value"]
    for place in (3, 10, 40):
        middle = whose(town_database, planner, at=town.places[place][::-1]).hall.minutes
        cell = int(hex_to_cells([town.cells[place]])[0])
        assert values[cell] == pytest.approx(middle, abs=1e-3)
        card = cell_card.cell_card(town_database, planner, cell, NOW)
        assert card.whose.hall.minutes == pytest.approx(middle, abs=1e-3)


def test_a_vacant_duty_is_said_and_not_filled(town_database):
    areas = {whose(town_database, ACTOR, customer=f"{n:010d}").area: n for n in range(1, 240, 4)}
    east = whose(town_database, ACTOR, customer=f"{areas['E-01']:010d}")
    assert east.manager is None
    west = whose(town_database, ACTOR, customer=f"{areas['W-01']:010d}")
    assert (west.manager.id, west.backup.id) == ("P1", "P2")


def test_a_point_outside_every_area_is_nobodys(town_database):
    answer = whose(town_database, ACTOR, at=(113.5, 31.4))
    assert (answer.rule, answer.area, answer.valid_from) == ("none", None, None)


def test_a_cell_that_two_areas_claim_names_both(db, tmp_path):
    put(db, tmp_path, "areas", f"cell,area\n{CELL},A1\n{CELL},A2\n{OTHER},A1\n", LoadChoice())
    answer = whose(db, ACTOR, at=(112.50237822242013, 30.406752672221845))
    assert (answer.cell, answer.rule, answer.area) == (CELL, "conflict", None)
    assert answer.areas == ("A1", "A2")


def test_the_answer_of_a_day_is_that_days_answer(db, tmp_path):
    put(db, tmp_path, "customers", "customer_no,transformer_id,lon,lat\n1,T1,112.5,30.4\n")
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A1\n", LoadChoice())
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A2\n", LoadChoice())
    now = whose(db, ACTOR, customer="1")
    past = whose(db, ACTOR, customer="1", on=datetime.now(UTC) - timedelta(days=3))
    assert (now.area, past.area) == ("A2", "A1")
    assert now.valid_from == past.valid_to
    assert (past.valid_from, now.valid_to) == (None, None)


def test_an_announced_change_holds_from_its_day_on(db, tmp_path):
    put(db, tmp_path, "customers", "customer_no,transformer_id,lon,lat\n1,T1,112.5,30.4\n")
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A1\n", LoadChoice())
    soon = datetime.now(UTC) + timedelta(days=2)
    text = f"transformer_id,area_id,valid_from\nT1,A2,{soon.isoformat()}\n"
    put(db, tmp_path, "areas", text, LoadChoice())
    assert whose(db, ACTOR, customer="1").area == "A1"
    assert whose(db, ACTOR, customer="1", on=soon + timedelta(hours=1)).area == "A2"


def test_the_link_of_the_day_decides_about_the_transformer(db, tmp_path):
    put(db, tmp_path, "customers", "customer_no,transformer_id,lon,lat\n1,T1,112.5,30.4\n")
    meters = (
        "meter_id,customer_no,transformer_id,valid_from\nM1,1,T1,\nM1,1,T2,2026-03-01T00:00:00Z\n"
    )
    put(db, tmp_path, "meters", meters, LoadChoice())
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A1\nT2,A2\n", LoadChoice())
    assert whose(db, ACTOR, customer="1", on=datetime(2026, 2, 1, tzinfo=UTC)).area == "A1"
    assert whose(db, ACTOR, customer="1", on=datetime(2026, 4, 1, tzinfo=UTC)).area == "A2"


def test_an_address_must_be_known_and_clear(town_database):
    assert whose(town_database, ACTOR, address="码头路5号").customer == "0000000006"
    with pytest.raises(UserError, match="address_unknown"):
        whose(town_database, ACTOR, address="月亮街")
    with pytest.raises(UserError, match="address_ambiguous"):
        whose(town_database, ACTOR, address="码头路")


def test_a_point_in_another_datum_is_converted_first(town_database):
    plain = whose(town_database, ACTOR, at=(112.514, 30.423))
    shifted = whose(town_database, ACTOR, at=(112.514, 30.423), datum="gcj02")
    assert plain.cell != shifted.cell


def test_a_promise_belongs_to_the_place(db, tmp_path):
    shape = "POLYGON((112.4 30.3,112.6 30.3,112.6 30.5,112.4 30.5,112.4 30.3))"
    inner = "POLYGON((112.49 30.39,112.51 30.39,112.51 30.41,112.49 30.41,112.49 30.39))"
    text = f'name,promise_class,geometry\nall,rural,"{shape}"\ncore,city,"{inner}"\n'
    put(db, tmp_path, "promise_zones", text)
    core = whose(db, ACTOR, at=(112.5, 30.4))
    edge = whose(db, ACTOR, at=(112.55, 30.45))
    outside = whose(db, ACTOR, at=(113.0, 31.0))
    assert (core.promise_class, core.promise_min) == ("city", 45.0)
    assert (edge.promise_class, edge.promise_min) == ("rural", 90.0)
    assert (outside.promise_class, outside.promise_min) == (None, None)
