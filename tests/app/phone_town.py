"""The little town with a crew's day: a user of crew C0 and orders of its own and of others."""

from datetime import timedelta

from app.store.database import Connection, Database
from app.use_cases import live_sessions, work_order_moves, work_order_wishes
from app.use_cases.actors import Actor
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_wishes import OrderWish
from tests.conftest import NOW, LittleTown

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
CREW = Actor("user:town-crew", "赵强", role="crew", crew_id="C0")
PHONE_NO = "13912345678"


def settle(db: Database) -> None:
    """Make the town's crew account one of crew C0."""

    def change(connection: Connection) -> None:
        connection.execute("UPDATE users SET crew_id = 'C0' WHERE login = 'crew'")

    db.write(change)
    live_sessions._known.clear()  # the server would believe for half a minute what it knew


def order(db: Database, place: int, *, crew: str | None = "C0", **wished: object) -> str:
    """A new repair order at a home of the town, sent to a crew."""
    number = f"{4 * place + 1:010d}"
    wish = OrderWish(
        task="repair_lv", customer_no=number, contact="孙先生", phone=PHONE_NO,
        window_from=NOW, window_to=NOW + timedelta(minutes=45 + place), **wished,  # type: ignore[arg-type]
    )  # fmt: skip
    made = work_order_wishes.make(db, BOSS, wish)
    if crew is not None:
        work_order_moves.move(db, BOSS, made, Step("told", crew_id=crew))
    return made


def west(town: LittleTown) -> list[int]:
    """Places of the western area, whose repair crew is C0."""
    return [place for place in range(len(town.cells)) if town.is_west(place)]
