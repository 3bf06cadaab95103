"""Outages put into the little town for tests, as files and deeds would leave them."""

from datetime import UTC, datetime

from app.store import outages
from app.store.database import Connection, Database

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
Step = tuple[datetime, str, str | None, int | None]


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    """A moment of July."""
    return datetime(2026, 7, day, hour, minute, tzinfo=UTC)


def put(
    db: Database,
    outage_id: str,
    scope: str | None,
    began: datetime,
    ended: datetime | None,
    steps: tuple[Step, ...] = (),
    **more: object,
) -> None:
    """Write an outage with its steps, as a file brings them."""
    values = {"outage_id": outage_id, "kind": "fault", "scope": scope, "started_at": began,
              "restored_at": ended, "status": "ended" if ended else "in_force", **more}  # fmt: skip

    def change(connection: Connection) -> None:
        marks = ", ".join("?" * len(values))
        names = ", ".join(values)
        connection.execute(f"INSERT INTO outages ({names}) VALUES ({marks})", list(values.values()))
        for moment, kind, part, count in steps:
            connection.execute(
                "INSERT INTO outage_steps (outage_id, step_at, change, scope, customers, batch_id)"
                " VALUES (?, ?, ?, ?, ?, 1)",
                [outage_id, moment, kind, part, count],
            )
        outages.touch(connection)

    db.write(change)


def put_feeder(db: Database, ended: datetime | None = None) -> None:
    """A feeder that comes back in three steps, over a transformer that does not."""
    steps = (
        (at(10, 30), "restored", "transformer:T-001", None),
        (at(10, 40), "restored", "customer:0000000009", None),  # one of the four at T-002
        (at(11), "restored", "feeder:F-07", 239),
    )
    put(db, "F", "feeder:F-07", at(10), at(11), steps)
    put(db, "N", "transformer:T-003", at(10, 5), ended or at(12), parent_outage_id="F")


def call(db: Database, report_id: str, number: str, registered: datetime, **more: object) -> None:
    """Write a fault report."""
    values = {"report_id": report_id, "registered_at": registered, "customer_no": number,
              "channel": "hotline", "service_type": "fault", **more}  # fmt: skip
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    db.write(
        lambda connection: connection.execute(
            f"INSERT INTO fault_reports ({names}) VALUES ({marks})", list(values.values())
        )
    )
