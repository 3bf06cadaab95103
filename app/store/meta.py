"""Named settings of one database, and the versions of the facts in it."""

from app.store.database import Connection, Database, frame_of


def read_value(connection: Connection, name: str, default: str = "") -> str:
    """The setting's text, or `default` where it was never set."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
    return default if row is None or row[0] is None else str(row[0])


def set_value(connection: Connection, name: str, value: str) -> None:
    """Set one setting."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, value])


def resolution(connection: Connection) -> int:
    """H3 resolution of the store's own cells."""
    return int(read_value(connection, "resolution", "9"))


def touch_facts(connection: Connection, kind: str) -> None:
    """Count up the version of one kind of facts: what was derived from the old one is stale."""
    for name in ("facts_version", f"version:{kind}"):
        set_value(connection, name, str(int(read_value(connection, name, "0")) + 1))


def facts_version(db: Database) -> int:
    """Version of all facts as committed."""
    return int(read_value(db.read(), "facts_version", "0"))


def versions(connection: Connection, kinds: tuple[str, ...]) -> str:
    """The versions of some kinds in one text, to tell whether anything derived from them is stale."""
    rows = connection.execute("SELECT name, value FROM meta WHERE starts_with(name, 'version:')")
    told = dict(rows.fetchall())  # in one question: every page asks for several
    return ",".join(str(told.get(f"version:{kind}") or "0") for kind in kinds)


def values_like(connection: Connection, prefix: str) -> dict[str, str]:
    """Settings whose name starts with `prefix`, by the rest of their name."""
    rows = frame_of(
        connection.execute(
            "SELECT name, value FROM meta WHERE starts_with(name, ?) ORDER BY name", [prefix]
        )
    )
    return {n[len(prefix) :]: v for n, v in zip(rows["name"], rows["value"], strict=True)}
