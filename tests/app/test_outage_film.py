"""Outages over a period in the little town: who counts where, what is known yet, who sees it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.maps import film_file
from app.store import outages
from app.store.database import Connection, Database
from app.use_cases import clock, outage_export, outage_film
from app.use_cases.actors import Actor
from app.use_cases.outage_film import Film, Period
from grid_cells import outage_board
from grid_cells import outage_film as rules
from grid_cells.errors import AccessDenied, UserError
from grid_cells.outage_board import Wish
from tests.app.outage_town import call
from tests.conftest import LOADER, NOW, LittleTown

DISPATCHER = Actor("user:d", "林薇", role="dispatcher")


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def add(db: Database, *rows: dict[str, Any], **tables: list[dict[str, Any]]) -> None:
    """Outages, and rows of other tables by name."""

    def change(connection: Connection) -> None:
        for table, held in {"outages": list(rows), **tables}.items():
            for row in held:
                names = ", ".join(row)
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values())
                )
        outages.touch(connection)

    db.write(change)


def outage(outage_id: str, scope: str | None, began: float, **more: Any) -> dict[str, Any]:
    return {
        "outage_id": outage_id, "kind": "fault", "status": "in_force", "scope": scope,
        "started_at": ago(began),
    } | more  # fmt: skip


@pytest.fixture
def db(town_database: Database) -> Database:
    """OUT-1 (T-010, 4 customers) since 120 min; a feeder for an hour, in steps; one behind it."""
    add(
        town_database,
        outage("F", "feeder:F-07", 90, restored_at=ago(30)),
        outage("N", "transformer:T-020", 80, parent_outage_id="F"),
        outage("K", None, 60, customers_affected=7, restored_at=ago(20), cell_id=None),
        outage_steps=[
            {"outage_id": "F", "step_at": ago(60), "change": "restored",
             "scope": "transformer:T-030"},
        ],
    )  # fmt: skip
    return town_database


def film(db: Database, actor: Actor = DISPATCHER, hours: float = 6) -> Film:
    return outage_film.film(db, actor, outage_film.until_now(NOW, timedelta(hours=hours)))


def test_everybody_is_counted_once_though_outages_overlap(db: Database) -> None:
    """244 customers on one feeder; OUT-1's four and N's four lie on it too."""
    spans = film(db).spans
    told = {t: rules.customers_out(spans, ago(t)) for t in (121, 119, 89, 79, 59, 29, 19)}
    assert told == {121: 0, 119: 4, 89: 244, 79: 244, 59: 247, 29: 15, 19: 8}
    mine = rules.by_outage(spans, ago(70))["customers"].to_dict()
    assert mine == {"OUT-1": 4, "F": 244, "N": 4}
    assert rules.by_outage(spans, ago(10))["customers"].to_dict() == {"OUT-1": 4, "N": 4}


def test_an_outage_lies_where_most_of_its_customers_live(db: Database, town: LittleTown) -> None:
    found = film(db).outages.set_index("outage_id")
    lat, lon = town.places[20]
    assert found.loc["N", "lon"] == pytest.approx(lon, abs=0.002)
    assert found.loc["N", "lat"] == pytest.approx(lat, abs=0.002)
    assert found.loc["N", "area_id"] == ("W-01" if town.is_west(20) else "E-01")
    assert found.loc["N", "unit"] == ("江北供电所" if town.is_west(20) else "江南供电所")
    assert found.loc["F", "customers"] == 244
    assert found.loc["K", "customers"] == 7


def test_what_comes_after_now_is_not_known(db: Database) -> None:
    """At 75 min ago the feeder is out and nobody knows that it will be back, or of the step."""
    db.write(lambda connection: clock.start_clock(connection, at=ago(75), running=False))
    found = outage_film.film(db, DISPATCHER, outage_film.until_now(ago(75), timedelta(hours=2)))
    feeder = found.outages.set_index("outage_id").loc["F"]
    assert feeder["ended_at"] is None or feeder["ended_at"] != feeder["ended_at"]
    assert found.spans["back_at"].notna().sum() == found.spans["is_shadow"].sum() * 0
    assert "K" not in set(found.outages["outage_id"])
    later = Period(ago(200), NOW)
    assert outage_film.film(db, DISPATCHER, later).period.last == ago(75)


def test_estimates_and_news_are_those_told_up_to_the_moment(db: Database) -> None:
    add(
        db,
        outage_estimates=[
            {"outage_id": "N", "told_at": ago(70), "estimated_restore_at": ago(40), "actor": "x"},
            {"outage_id": "N", "told_at": ago(35), "estimated_restore_at": ago(-30), "actor": "x"},
        ],
    )
    found = film(db)

    def row(minutes: float) -> Any:
        board = outage_board.board(found.outages, found.spans, found.told, ago(minutes))
        return board.set_index("outage_id").loc["N"]

    assert row(75)["estimate"] != row(75)["estimate"]  # not told yet
    assert (row(38)["is_overdue"], row(38)["left_min"], row(38)["is_silent"]) == (True, -2, True)
    assert (row(34)["is_overdue"], row(34)["left_min"], row(34)["is_silent"]) == (False, 64, False)


def test_announced_work_lies_ahead_until_it_is_called_off(db: Database) -> None:
    add(
        db,
        outage("P", "transformer:T-001", -60 * 24, kind="planned", status="notified",
               estimated_restore_at=ago(-60 * 26)),
        outage("X", "transformer:T-002", -60 * 24, kind="planned", status="cancelled"),
        outage("Y", "transformer:T-003", -60 * 24 * 11, kind="planned", status="approved"),
    )  # fmt: skip
    found = outage_film.film(db, DISPATCHER, outage_film.ahead(NOW))
    assert found.outages["outage_id"].tolist() == ["P"]
    assert found.outages["ended_at"].tolist()[0].to_pydatetime() == ago(-60 * 26)
    assert rules.customers_out(found.spans, ago(-60 * 25)) == 4


def test_a_new_fact_makes_a_new_film_with_a_new_address(db: Database) -> None:
    before = film(db)
    assert film(db).spans is before.spans
    later = outage_film.film(db, DISPATCHER, outage_film.until_now(ago(1), timedelta(hours=6)))
    assert later.spans is before.spans  # nothing happened in that minute
    add(db, outage("Z", "transformer:T-040", 5))
    after = film(db)
    assert after.url != before.url
    assert "Z" in set(after.outages["outage_id"])


def test_calls_of_a_storm_leave_the_film_as_it_was(db: Database) -> None:
    """A call without an outage tells nothing; one of N tells news of it and draws nothing anew."""
    before = film(db)
    call(db, "R-1", "0000000001", ago(3), told_at=ago(3))
    assert (film(db).spans is before.spans, film(db).told is before.told) == (True, True)
    call(db, "R-2", "0000000081", ago(2), outage_id="N", told_at=ago(2))
    after = film(db)
    assert (after.spans is before.spans, after.cells is before.cells) == (True, True)
    assert after.url == before.url
    news = rules.news_at(after.outages, after.told, NOW)
    assert news[after.outages["outage_id"] == "N"].tolist() == [ago(2)]


def test_who_is_limited_to_a_station_sees_its_own_customers_alone(
    db: Database, town: LittleTown
) -> None:
    from app.store.scope import Scope  # noqa: PLC0415

    north = Actor("user:n", "何北", role="planner", scope=Scope("S1"))
    west = sum(town.is_west(place) for place in range(61))
    found = film(db, north)
    assert rules.customers_out(found.spans, ago(89)) == 4 * west
    cells = {int(one) for one in found.spans["cell_id"]}
    assert len(cells) == west
    assert film(db).version != found.version


@pytest.mark.parametrize("hours", [0, -1, 401 * 24])
def test_a_period_that_is_none_is_refused(db: Database, hours: float) -> None:
    with pytest.raises(UserError, match="outage_period"):
        film(db, hours=hours)


def test_a_list_is_taken_along_without_whom_it_darkens(db: Database) -> None:
    data, name = outage_export.export_outages(
        db, LOADER, outage_film.until_now(NOW, timedelta(hours=6)), Wish(kinds=("fault",)),
        at=ago(70), form="csv", purpose="report",
    )  # fmt: skip
    text = data.decode("utf-8-sig")
    assert name.endswith(".csv")
    assert [line.split(",")[0].strip('"') for line in text.splitlines()[1:]] == ["F", "OUT-1", "N"]
    assert "transformer:" not in text


ADDRESS = "/outages/{}/all/{}-{}.bin"


def address(served: Any, hours: float = 6) -> str:
    return film(served.db, hours=hours).url


def test_the_browser_gets_the_film_and_asks_whether_it_still_holds(served: Any) -> None:
    person = served.person("dispatcher")
    answer = person.get(address(served))
    found = film_file.decode(answer.content)
    assert (len(found.outages["lon"]), len(found.cells["cell"])) == (1, 61)
    assert found.spans["customers"].sum() == 4
    assert answer.headers["cache-control"] == "private, no-cache"
    again = person.get(address(served), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "address",
    ["/outages/x/all/5-4.bin", "/outages/x/all/a-b.bin", "/outages/x/all/17.bin",
     "/outages/x/other/1784180400-1784202000.bin", "/outages/x/all/99999999999-999999999999.bin",
     "/outages/x/all/-5-4.bin", "/outages/x/all/1-1784202000.bin", "/outages/x/all/²-³.bin"],
)  # fmt: skip
def test_addresses_that_name_no_period_are_not_there(served: Any, address: str) -> None:
    assert served.person("dispatcher").get(address).status_code == 404


@pytest.mark.parametrize(("login", "status"), [("auditor", 403), ("hotline", 403), ("crew", 200)])
def test_the_film_is_for_those_who_see_outages(served: Any, login: str, status: int) -> None:
    assert served.person(login).get(address(served)).status_code == status


def test_a_film_that_has_changed_since_the_map_was_drawn_is_not_given(served: Any) -> None:
    drawn = address(served)
    span = (int(ago(360).timestamp()), int(NOW.timestamp()))
    assert drawn == ADDRESS.format(film(served.db).version, *span)
    add(served.db, outage("Z", "transformer:T-040", 130))  # its row would come before the others
    person = served.person("dispatcher")
    assert person.get(drawn).status_code == 409
    assert person.get(address(served)).status_code == 200


def test_nobody_without_the_right_gets_a_film(db: Database) -> None:
    make: Callable[[], Film] = lambda: film(db, Actor("user:a", "郑直", role="auditor"))  # noqa: E731
    with pytest.raises(AccessDenied):
        make()
