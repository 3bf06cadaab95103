"""Questions about failed sign-ins, kept under keyed hashes of the login and of the source."""

from datetime import UTC, datetime

from app.store.database import Connection
from grid_cells.sign_in import FADE, Failures


def failures(
    connection: Connection, login_key: str, source_key: str, *, at: datetime
) -> tuple[Failures, int]:
    """A login's failures from one source, and its failures of the last day from everywhere."""
    rows = connection.execute(
        "SELECT source_key, failed, epoch_us(last_at) FROM sign_in_failures"
        " WHERE login_key = ? AND last_at > ?",
        [login_key, at - FADE],
    ).fetchall()
    own = [row for row in rows if row[0] == source_key]
    if not own:
        return Failures(), sum(row[1] for row in rows)
    last_at = datetime.fromtimestamp(own[0][2] / 1e6, UTC)
    return Failures(own[0][1], last_at), sum(row[1] for row in rows)


def keep_failures(
    connection: Connection,
    login_key: str,
    source_key: str,
    *,
    failed: Failures,
    locked_until: datetime | None,
) -> None:
    """Keep how often the login failed from the source; what is a day old is forgotten."""
    forget_failures(connection, login_key, source_key)
    assert failed.last_at is not None  # noqa: S101 - whoever failed did so at some time
    connection.execute("DELETE FROM sign_in_failures WHERE last_at <= ?", [failed.last_at - FADE])
    connection.execute(
        "INSERT INTO sign_in_failures VALUES (?, ?, ?, ?, ?)",
        [login_key, source_key, failed.count, failed.last_at, locked_until],
    )


def forget_failures(connection: Connection, login_key: str, source_key: str | None = None) -> None:
    """Forget the login's failures, from one source or from all."""
    connection.execute(
        "DELETE FROM sign_in_failures WHERE login_key = ? AND source_key = coalesce(?, source_key)",
        [login_key, source_key],
    )
