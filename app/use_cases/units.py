"""The units of the company as pages need them: by name, and by their clock."""

from typing import Final

from app.store import units as store
from app.store.database import Database
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.roles import EVERYBODY

LEVELS: Final = ("station", "county", "city", "province", "company")


@needs(EVERYBODY)
def names(db: Database, actor: Actor) -> dict[str, str]:  # noqa: ARG001 - the sight is the actor's
    """Name of each unit in the actor's sight by its id."""
    frame = store.list_units(db)
    return dict(zip(frame["unit_id"], frame["name"], strict=True))


@needs(EVERYBODY)
def levels(db: Database, actor: Actor) -> list[str]:  # noqa: ARG001 - the sight is the actor's
    """The levels of units in the actor's sight, the lowest first."""
    known = set(store.list_units(db)["level"])
    return [level for level in LEVELS if level in known]


def timezone(db: Database) -> str | None:
    """IANA zone by which the company's days run; None where no unit states one."""
    return db.kept("timezone", store.timezone)
