"""Exceptions from the plan in force, entered by hand: what they do, to whom, and until when."""

from datetime import timedelta
from typing import Any

import pytest

from app.store import plans
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import clock, drafts, overrides, plan_life, privacy
from app.use_cases.actors import Actor, command_line_actor
from app.use_cases.overrides import OverrideWish, Thing
from app.use_cases.whose import Whose, whose
from grid_cells.errors import AccessDenied, UserError
from grid_cells.plan_life import Term
from tests.conftest import NOW, LittleTown

PLANNER = Actor("user:town-planner", "吴越", role="planner")
NORTH = Actor("user:town-planner_north", "何北", role="planner", scope=Scope("S1"))
DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
ANALYST = Actor("user:town-analyst", "陈思", role="analyst")
DAY = timedelta(days=1)
WHY = "fed from the other side while the bridge is shut"


@pytest.fixture
def homes(town: LittleTown) -> tuple[str, str]:
    """A transformer of the east, and the number of one of its customers."""
    place = next(n for n in range(len(town.cells)) if not town.is_west(n))
    return f"T-{place:03d}", f"{4 * place + 1:010d}"


def asked(db: Database, number: str, days: float = 0) -> Whose:
    return whose(db, DISPATCHER, customer=number, on=NOW + days * DAY)


def wish(kind: Any, ident: str, area: str = "W-01", **given: Any) -> OverrideWish:
    return OverrideWish(Thing(kind, ident), area, given.pop("reason", WHY), **given)


def events(db: Database) -> list[tuple[str, str, str]]:
    rows = db.query("SELECT event, subject, detail FROM audit_log ORDER BY event_id")
    return [
        (str(r["event"]), str(r["subject"]), str(r["detail"]))
        for r in rows.to_dict("records")
        if str(r["event"]).startswith("override_")
    ]


def test_a_transformer_is_served_by_another_area_from_now_on(
    town_database: Database, homes: tuple[str, str]
) -> None:
    transformer, number = homes
    assert (asked(town_database, number).area, asked(town_database, number).rule) == (
        "E-01", "transformer",
    )  # fmt: skip
    overrides.add(town_database, PLANNER, wish("transformer", transformer))
    answer = asked(town_database, number)
    assert (answer.area, answer.reason, answer.valid_from) == ("W-01", WHY, NOW)
    assert asked(town_database, number, -1).area == "E-01"  # answers of the past stay
    moved = town_database.query(
        "SELECT DISTINCT area_id FROM customer_areas JOIN customers USING (customer_no)"
        " WHERE transformer_id = ?", [transformer],
    )  # fmt: skip
    assert moved["area_id"].tolist() == ["W-01"]
    assert events(town_database)[0][:2] == ("override_added", f"transformer:{transformer}")


def test_a_customer_for_a_week_and_the_derived_tables_follow_the_clock(
    town_database: Database, homes: tuple[str, str]
) -> None:
    db, (_, number) = town_database, homes
    given = wish("customer", number, begins=NOW + DAY, ends=NOW + 8 * DAY)
    overrides.add(db, PLANNER, given)
    assert [asked(db, number, day).area for day in (0, 1, 7.9, 8)] == [
        "E-01", "W-01", "W-01", "E-01",
    ]  # fmt: skip
    for days, area in ((0, "E-01"), (2, "W-01"), (9, "E-01")):
        moment = NOW + days * DAY
        db.write(lambda c, at=moment: clock.start_clock(c, at=at, running=False))
        asked(db, number, days)
        held = db.query("SELECT area_id FROM customer_areas WHERE customer_no = ?", [number])
        assert held["area_id"].tolist() == [area]


def test_ended_now_it_is_over_and_the_list_says_so(
    town_database: Database, homes: tuple[str, str]
) -> None:
    db, (transformer, number) = town_database, homes
    overrides.add(db, PLANNER, wish("transformer", transformer))
    (one,) = overrides.list_overrides(db, PLANNER)
    assert (one.shown, one.area, one.reason, one.stage) == (transformer, "西区", WHY, "in_force")
    overrides.end(db, PLANNER, Thing("transformer", transformer))
    assert asked(db, number).area == "E-01"
    assert [o.stage for o in overrides.list_overrides(db, PLANNER)] == ["ended"]
    with pytest.raises(UserError, match="override_gone"):
        overrides.end(db, PLANNER, Thing("transformer", transformer))
    assert [event for event, _, _ in events(db)] == ["override_added", "override_ended"]


def test_one_to_come_is_ended_before_it_begins_and_the_one_in_force_stays(
    town_database: Database, homes: tuple[str, str]
) -> None:
    db, (transformer, number) = town_database, homes
    overrides.add(db, PLANNER, wish("transformer", transformer, ends=NOW + DAY))
    overrides.add(db, PLANNER, wish("transformer", transformer, begins=NOW + 2 * DAY))
    overrides.end(db, PLANNER, Thing("transformer", transformer), NOW + 2 * DAY)
    assert [asked(db, number, day).area for day in (0, 1, 3)] == ["W-01", "E-01", "E-01"]
    stages = [one.stage for one in overrides.list_overrides(db, PLANNER)]
    assert stages == ["in_force", "ended"]


def test_the_customers_own_goes_before_the_transformers(
    town_database: Database, homes: tuple[str, str]
) -> None:
    transformer, number = homes
    overrides.add(town_database, PLANNER, wish("transformer", transformer))
    overrides.add(town_database, PLANNER, wish("customer", number, "E-01"))
    answer = asked(town_database, number)
    assert (answer.area, answer.rule) == ("E-01", "customer")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (wish("transformer", "T-999"), "transformer_unknown"),
        (wish("customer", "0000009999"), "customer_unknown"),
        (wish("transformer", "T-010", "X-01"), "area_unknown"),
        (wish("transformer", "T-010", reason="  "), "override_needs_reason"),
        (wish("transformer", "T-010", ends=NOW), "override_ends_early"),
        (wish("transformer", "T-010", begins=NOW - DAY), "override_in_past"),
    ],
)
def test_refused_it_leaves_nothing(town_database: Database, given: OverrideWish, code: str) -> None:
    with pytest.raises(UserError, match=code):
        overrides.add(town_database, PLANNER, given)
    assert overrides.list_overrides(town_database, PLANNER) == []
    assert events(town_database) == []


def test_a_second_one_of_the_same_thing_must_wait(
    town_database: Database, homes: tuple[str, str]
) -> None:
    transformer, number = homes
    overrides.add(town_database, PLANNER, wish("transformer", transformer, ends=NOW + DAY))
    with pytest.raises(UserError, match="override_overlaps"):
        overrides.add(town_database, PLANNER, wish("transformer", transformer, "E-01"))
    later = wish("transformer", transformer, "E-01", begins=NOW + DAY)
    overrides.add(town_database, PLANNER, later)
    overrides.add(town_database, PLANNER, wish("customer", number))  # another thing
    assert len(overrides.list_overrides(town_database, PLANNER)) == 3


def test_a_limited_planner_keeps_to_their_part(
    town_database: Database, town: LittleTown, homes: tuple[str, str]
) -> None:
    db, (transformer, number) = town_database, homes
    for given in (wish("transformer", transformer), wish("transformer", "T-999")):
        with pytest.raises(AccessDenied, match="access_out_of_scope"):
            overrides.add(db, NORTH, given)
    with pytest.raises(UserError, match="customer_unknown"):
        overrides.add(db, NORTH, wish("customer", number))
    own, another = [n for n in range(len(town.cells)) if town.is_west(n)][:2]
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        overrides.add(db, NORTH, wish("transformer", f"T-{own:03d}", "E-01"))
    overrides.add(db, PLANNER, wish("transformer", f"T-{own:03d}", "E-01"))
    assert overrides.list_overrides(db, NORTH) == []
    with pytest.raises(UserError, match="override_gone"):
        overrides.end(db, NORTH, Thing("transformer", f"T-{own:03d}"))
    overrides.add(db, NORTH, wish("customer", f"{4 * another + 1:010d}"))
    assert [one.kind for one in overrides.list_overrides(db, NORTH)] == ["customer"]
    assert set(overrides.areas(db, NORTH)) == {"W-01"}


def test_who_may_not_publish_only_looks(town_database: Database, homes: tuple[str, str]) -> None:
    transformer, number = homes
    with pytest.raises(AccessDenied):
        overrides.add(town_database, ANALYST, wish("transformer", transformer))
    overrides.add(town_database, PLANNER, wish("customer", number))
    (one,) = overrides.list_overrides(town_database, ANALYST)
    assert one.shown == number  # the analyst sees account numbers
    with pytest.raises(AccessDenied):
        overrides.end(town_database, ANALYST, Thing("customer", number))


def test_a_number_is_masked_for_whoever_sees_none_and_stands_in_no_record(
    town_database: Database, homes: tuple[str, str]
) -> None:
    _, number = homes
    overrides.add(town_database, PLANNER, wish("customer", number))
    (one,) = overrides.list_overrides(town_database, PLANNER)
    assert number not in (one.shown, one.ref)
    assert one.ref == privacy.customer_ref(town_database, number)
    assert overrides.thing_of(town_database, "customer", one.ref) == Thing("customer", number)
    ((event, subject, detail),) = events(town_database)
    assert (event, subject) == ("override_added", f"customer:{one.ref}")
    assert number not in detail
    assert WHY not in detail


def test_found_are_transformers_and_customers_alone(
    town_database: Database, homes: tuple[str, str]
) -> None:
    transformer, number = homes
    (one,) = overrides.find(town_database, PLANNER, transformer)
    assert (one.kind, one.id) == ("transformer", transformer)
    (one,) = overrides.find(town_database, PLANNER, number)
    assert one.kind == "customer"
    assert overrides.find(town_database, PLANNER, "H0") == []
    assert overrides.find(town_database, NORTH, number) == []


def test_they_hold_in_a_plan_that_was_to_come_and_in_one_published_later(
    town_database: Database, homes: tuple[str, str]
) -> None:
    db, (transformer, number) = town_database, homes
    plan = drafts.begin(db, PLANNER, "next week")
    plan_life.publish(db, command_line_actor(), Term(plan, NOW + 7 * DAY))
    overrides.add(db, PLANNER, wish("transformer", transformer, begins=NOW + 2 * DAY))
    assert [asked(db, number, day).area for day in (1, 3, 9)] == ["E-01", "W-01", "W-01"]
    later = drafts.begin(db, PLANNER, "tomorrow")
    plan_life.publish(db, command_line_actor(), Term(later, NOW + DAY))
    assert [asked(db, number, day).area for day in (0, 3, 9)] == ["E-01", "W-01", "W-01"]
    overrides.end(db, PLANNER, Thing("transformer", transformer))
    assert [asked(db, number, day).area for day in (0, 9)] == ["E-01", "E-01"]


def test_without_a_plan_there_is_nothing_to_except(tmp_path: Any) -> None:
    with Database(tmp_path / "empty.duckdb") as db:
        assert overrides.list_overrides(db, PLANNER) == []
        with pytest.raises(UserError, match="plan_none_in_force"):
            overrides.add(db, PLANNER, wish("transformer", "T-1"))
        with pytest.raises(UserError, match="override_gone"):
            overrides.end(db, PLANNER, Thing("transformer", "T-1"))
        assert plans.plan_at(db.read(), NOW) is None
