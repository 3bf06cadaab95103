"""Named settings of one database, and the version of the facts in it."""

import pandas as pd

from app.store.database import Connection, Database


def read_value(connection: Connection, name: str, default: str = "") -> str:
    """The setting's text, or `default` where it was never set."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
    return default if row is None or row[0] is None else str(row[0])


def set_value(connection: Connection, name: str, value: str) -> None:
    """Set one setting."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value])


def touch_facts(connection: Connection) -> int:
    """The new version of the facts: what was derived from the old one is stale."""
    version = int(read_value(connection, "facts_version", "0")) + 1
    set_value(connection, "facts_version", str(version))
    return version


def facts_version(db: Database) -> int:
    """Version of the facts as committed."""
    return int(read_value(db.read(), "facts_version", "0"))


def values_like(db: Database, prefix: str) -> pd.DataFrame:
    """Settings whose name starts with `prefix`: name, value."""
    return db.query("SELECT name, value FROM meta WHERE starts_with(name, ?) ORDER BY name", [prefix])
