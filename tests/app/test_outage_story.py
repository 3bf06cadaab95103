"""One outage's story in the little town: who is in it, what is masked, what is known when."""

import pytest

from app.store import outages as store
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.use_cases import outage_story, outages
from app.use_cases.actors import Actor
from app.use_cases.outages import OutageWish
from grid_cells.errors import UserError
from tests.app.outage_town import at, call, put, put_feeder

DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
ANALYST = Actor("user:a", "A", role="analyst")


@pytest.fixture
def db(town_database: Database) -> Database:
    """The town without the outage it comes with."""
    town_database.write(lambda connection: connection.execute("DELETE FROM outages"))
    town_database.write(store.touch)
    return town_database


def test_people_are_counted_now_and_at_the_peak(db):
    put_feeder(db)
    told = outage_story.story(db, DISPATCHER, "F", at(10, 35))
    assert (told.customers_out, told.customers_peak, told.customers_ever) == (240, 244, 244)
    assert told.peak_at == at(10)
    assert told.by_cell["customers_out"].sum() == 240
    assert told.is_open
    assert told.facts["status"] == "in_force"
    assert told.nested["outage_id"].tolist() == ["N"]
    later = outage_story.story(db, DISPATCHER, "F", at(11, 30))
    assert (later.customers_out, later.is_open, later.facts["status"]) == (0, False, "ended")
    assert later.nested["is_open"].tolist() == [True]


def test_the_timeline_tells_only_what_was_known(db):
    put_feeder(db)
    codes = [entry.code for entry in outage_story.story(db, DISPATCHER, "F", at(10, 35)).timeline]
    assert codes == ["began", "step_restored"]
    every = outage_story.story(db, DISPATCHER, "F", at(13)).timeline
    assert [entry.code for entry in every] == ["began", *["step_restored"] * 3, "ended"]


def mark(db: Database, number: str, **values: object) -> None:
    sets = ", ".join(f"{name} = ?" for name in values)
    db.write(
        lambda connection: connection.execute(
            f"UPDATE customers SET {sets} WHERE customer_no = ?", [*values.values(), number]
        )
    )


def add_feeder(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO transformers (transformer_id, feeder_id) VALUES ('T-900', 'F-08')"
    )


def test_an_important_customer_lives_on_its_second_feeder_unless_that_is_out_too(db):
    db.write(add_feeder)
    mark(db, "0000000041", importance_code="special", second_feeder_id="F-08")
    mark(db, "0000000042", importance_code="1", own_generator=True)
    mark(db, "0000000043", life_support=True)
    put(db, "O", "transformer:T-010", at(10), None)

    def supply() -> dict[str, str]:
        people = outage_story.story(db, DISPATCHER, "O", at(10, 10)).people
        return dict(zip(people["customer_no"], people["supply"], strict=True))

    told = {"0000000041": "second_feeder", "0000000042": "generator", "0000000043": "none"}
    assert supply() == told
    put(db, "P", "feeder:F-08", at(10, 5), None)
    assert supply() == told | {"0000000041": "none"}


def test_who_may_not_see_names_gets_numbers_of_important_customers_alone(db):
    mark(db, "0000000041", importance_code="special")
    put(db, "O", "transformer:T-010;customer:0000000001", at(10), None)
    told = outage_story.story(db, Actor("user:p", "P", role="planner"), "O", at(10, 10))
    assert (told.important, len(told.people)) == (1, 0)
    assert ("transformer", "T-010") in told.parts
    assert all("0000000001" not in name for _, name in told.parts)


def test_calls_keep_their_stamps_and_hide_the_caller(db):
    put(db, "O", "transformer:T-010", at(10), None)
    reason = '{"code": "same_transformer", "minutes": 5}'
    call(db, "R1", "0000000041", at(10, 5), outage_id="O", caller="王五", phone="13900001111",
         group_reason=reason, arrived_at=at(10, 50))  # fmt: skip
    call(db, "R2", "0000000042", at(10, 40), outage_id="O")
    told = outage_story.story(db, ANALYST, "O", at(10, 30))
    assert told.calls["report_id"].tolist() == ["R1"]
    assert told.calls["reason"].iloc[0] == {"code": "same_transformer", "minutes": 5}
    assert told.calls["arrived_at"].isna().all()
    assert "phone" not in told.calls
    assert told.calls["caller"].iloc[0] != "王五"
    assert outage_story.story(db, ANALYST, "O", at(11)).calls_open == 2


def test_an_outage_elsewhere_is_unknown_alike(db, town):
    east = next(n for n in range(61) if not town.is_west(n))
    put(db, "E", f"transformer:T-{east:03d}", at(10), None)
    west = Actor("user:w", "W", role="dispatcher", scope=Scope("S1"))
    for outage_id in ("E", "nowhere"):
        with pytest.raises(UserError, match="outage_unknown"):
            outage_story.story(db, west, outage_id)


def test_silence_counts_from_the_last_news(db):
    put(db, "O", "transformer:T-010", at(10), None, estimated_restore_at=at(10, 50))
    assert not outage_story.story(db, ANALYST, "O", at(10, 30)).is_silent
    told = outage_story.story(db, ANALYST, "O", at(10, 31))
    assert (told.is_silent, told.is_overdue) == (True, False)
    call(db, "R1", "0000000041", at(10, 20), outage_id="O", arrived_at=at(10, 40))
    told = outage_story.story(db, ANALYST, "O", at(11))
    assert (told.is_silent, told.is_overdue, told.news_at) == (False, True, at(10, 40))


def test_outages_are_listed_by_view_filtered_and_by_page(db):
    put_feeder(db)
    put(db, "W", "transformer:T-005", at(0, day=18), None, kind="planned", status="approved")
    put(db, "far", None, at(9), None, cause="树碰线", customers_affected=30)

    def ids(**wish: object) -> list[str]:
        asked = OutageWish(**{"at": at(10, 45), "sort": "outage_id", "descending": False, **wish})
        return outages.list_outages(db, DISPATCHER, asked).rows["outage_id"].tolist()

    assert ids() == ["F", "N", "far"]
    assert ids(view="planned") == ["W"]
    assert ids(view="closed") == []
    assert ids(view="closed", at=at(12)) == ["F", "N"]
    assert ids(least=30) == ["F", "far"]
    assert ids(text="碰线") == ["far"]
    assert ids(text="t-003") == ["N"]
    assert ids(first=1, most=1) == ["N"]
    assert ids(sort="customers_out", descending=True) == ["F", "far", "N"]
    found = outages.list_outages(db, DISPATCHER, OutageWish(at=at(10, 45), most=1))
    assert (found.count, found.customers, found.causes) == (3, 239 + 4 + 30, ("树碰线",))


def test_planned_work_counts_who_will_be_out_by_the_links_of_that_day(db):
    def move(connection: Connection) -> None:
        connection.execute(
            "UPDATE meters SET transformer_id = 'T-006', valid_from = '2026-07-17'"
            " WHERE customer_no = '0000000021'"
        )

    db.write(move)
    put(db, "W", "transformer:T-005", at(0, day=18), None, kind="planned", status="approved")
    wish = OutageWish("planned", at(10, day=16))
    assert outages.list_outages(db, DISPATCHER, wish).rows["customers_affected"].tolist() == [3]


def test_people_of_one_unit_see_their_part_of_a_scope_and_how_much_lies_beyond(db, town):
    """One transformer in the south, two in the north, whose feeder it is; one of them is back."""
    south = next(n for n in range(61) if not town.is_west(n))
    north = [n for n in range(61) if town.is_west(n)][:2]
    mine, first, second = (f"transformer:T-{n:03d}" for n in (south, *north))
    steps = ((at(11, day=16), "restored", f"{first};{mine}", None),)
    put(db, "B", f"{mine};{first};{second}", at(10, day=16), None, steps)
    seer = Actor("user:s", "S", role="dispatcher", scope=Scope("S2"))
    found = outage_story.story(db, seer, "B")
    assert (found.facts["scope"], found.parts_beyond) == (mine, 2)
    assert found.parts == (("transformer", f"T-{south:03d}"),)
    assert found.steps[["scope", "beyond"]].to_numpy().tolist() == [[mine, 1]]
    rows = outages.list_outages(db, seer, OutageWish()).rows
    assert rows.set_index("outage_id").loc["B", "scope"] == mine
    whole = outage_story.story(db, DISPATCHER, "B")
    assert (len(whole.parts), whole.parts_beyond) == (3, 0)
