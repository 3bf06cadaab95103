"""A sight of the database limited to one branch of the unit tree.

Every question runs unchanged: on a limited cursor each table's name means a view of the rows in
scope, so a question that forgets to ask for the scope still sees nothing outside it.
"""

import threading
from dataclasses import dataclass
from typing import Any

from app.store.database import Connection, Database

ALWAYS_WHOLE = (
    "meta", "migrations", "jobs", "service_plans", "promise_zones", "streets", "closures", "water",
)  # fmt: skip
"""Tables without anybody's customers in them: settings, plans' names, geography."""

_VIEWS: dict[str, str] = {
    "org_units": """
        WITH RECURSIVE tree AS (
          SELECT * FROM {w}.org_units WHERE unit_id = getvariable('scope_unit')
          UNION SELECT o.* FROM {w}.org_units o JOIN tree t ON o.parent_id = t.unit_id)
        SELECT * REPLACE (coalesce(timezone, (
          SELECT timezone FROM {w}.org_units WHERE timezone IS NOT NULL
          ORDER BY parent_id IS NOT NULL, unit_id LIMIT 1)) AS timezone) FROM tree""",
    "service_areas": """
        SELECT * FROM {w}.service_areas WHERE unit_id IN (SELECT unit_id FROM org_units)
          AND (getvariable('scope_area') IS NULL OR area_id = getvariable('scope_area'))""",
    "scope_areas": """
        SELECT area_id FROM service_areas
        WHERE plan_id = (SELECT TRY_CAST(value AS BIGINT) FROM {w}.meta WHERE name = 'derived:plan_id')""",
    "scope_feeders": """
        SELECT feeder_id FROM {w}.feeders
        WHERE getvariable('scope_area') IS NULL AND unit_id IN (SELECT unit_id FROM org_units)""",
    "customer_areas": """
        SELECT * FROM {w}.customer_areas WHERE area_id IN (SELECT area_id FROM scope_areas)
        UNION ALL SELECT a.* FROM {w}.customer_areas a JOIN {w}.customers c USING (customer_no)
        WHERE a.area_id IS NULL AND c.transformer_id IN (
          SELECT transformer_id FROM {w}.transformers WHERE feeder_id IN (SELECT feeder_id FROM scope_feeders))""",
    "customers": """
        SELECT * FROM {w}.customers WHERE customer_no IN (SELECT customer_no FROM customer_areas)""",
    "cell_areas": """
        SELECT * FROM {w}.cell_areas WHERE area_id IN (SELECT area_id FROM scope_areas)
        UNION ALL SELECT * FROM {w}.cell_areas WHERE area_id IS NULL AND cell_id IN (
          SELECT cell_id FROM customers JOIN customer_areas USING (customer_no) WHERE area_id IS NULL)""",
    "transformers": """
        SELECT * FROM {w}.transformers WHERE feeder_id IN (SELECT feeder_id FROM scope_feeders)
          OR transformer_id IN (SELECT transformer_id FROM customers)""",
    "feeders": """
        SELECT * FROM {w}.feeders WHERE feeder_id IN (SELECT feeder_id FROM scope_feeders)
          OR feeder_id IN (SELECT feeder_id FROM transformers)""",
    "meters": """
        SELECT * FROM {w}.meters WHERE customer_no IN (SELECT customer_no FROM customers)
          OR (customer_no IS NULL AND transformer_id IN (SELECT transformer_id FROM transformers))""",
    "meter_links": """
        SELECT * FROM {w}.meter_links WHERE meter_id IN (SELECT meter_id FROM meters)
          AND (customer_no IS NULL OR customer_no IN (SELECT customer_no FROM customers))""",
    "transformer_links": """
        SELECT * FROM {w}.transformer_links
        WHERE transformer_id IN (SELECT transformer_id FROM transformers)""",
    "meter_readings": """
        SELECT * FROM {w}.meter_readings WHERE meter_id IN (SELECT meter_id FROM meters)""",
    "area_duties": "SELECT * FROM {w}.area_duties WHERE area_id IN (SELECT area_id FROM scope_areas)",
    "staff": """
        SELECT * FROM {w}.staff WHERE staff_id IN (SELECT staff_id FROM area_duties)
          OR (getvariable('scope_area') IS NULL AND unit_id IN (SELECT unit_id FROM org_units))""",
    "crews": """
        SELECT * FROM {w}.crews WHERE crew_id IN (SELECT crew_id FROM area_duties)
          OR (getvariable('scope_area') IS NULL AND unit_id IN (SELECT unit_id FROM org_units))""",
    "halls": """
        SELECT * FROM {w}.halls WHERE cell_id IN (SELECT cell_id FROM cell_areas)
          OR (getvariable('scope_area') IS NULL AND unit_id IN (SELECT unit_id FROM org_units))""",
    "banks": "SELECT * FROM {w}.banks WHERE cell_id IN (SELECT cell_id FROM cell_areas)",
    "plan_units": "SELECT * FROM {w}.plan_units WHERE area_id IN (SELECT area_id FROM service_areas)",
    "assignment_overrides": """
        SELECT * FROM {w}.assignment_overrides WHERE area_id IN (SELECT area_id FROM service_areas)""",
    "cell_facts": "SELECT * FROM {w}.cell_facts WHERE cell_id IN (SELECT cell_id FROM cell_areas)",
    "cell_travel": "SELECT * FROM {w}.cell_travel WHERE cell_id IN (SELECT cell_id FROM cell_areas)",
    "cell_energy_days": """
        SELECT * FROM {w}.cell_energy_days WHERE cell_id IN (SELECT cell_id FROM cell_areas)""",
    # an outage that reaches over the border counts only the customers on this side of it
    "scope_outages": """
        WITH parts AS (
          SELECT outage_id, trim(unnest(string_split(scope, ';'))) AS part FROM {w}.outages WHERE scope IS NOT NULL),
        lines AS (
          SELECT DISTINCT p.outage_id, t.transformer_id FROM parts p JOIN {w}.transformers t
            ON p.part IN ('transformer:' || t.transformer_id, 'feeder:' || t.feeder_id)),
        reached AS (
          SELECT l.outage_id, c.customer_no FROM lines l JOIN {w}.customers c USING (transformer_id)
          UNION SELECT p.outage_id, c.customer_no FROM parts p JOIN {w}.customers c ON p.part = 'customer:' || c.customer_no),
        counted AS (
          SELECT outage_id, count(*) AS everybody, count(v.customer_no) AS inside
          FROM reached LEFT JOIN (SELECT customer_no FROM customers) v USING (customer_no) GROUP BY outage_id)
        SELECT o.outage_id, k.everybody, k.inside FROM {w}.outages o LEFT JOIN counted k USING (outage_id)
        WHERE k.inside > 0 OR (k.outage_id IS NULL AND o.cell_id IN (SELECT cell_id FROM cell_areas))""",
    "outages": """
        SELECT o.* REPLACE (CASE WHEN s.inside < s.everybody THEN s.inside ELSE o.customers_affected END
          AS customers_affected) FROM {w}.outages o JOIN scope_outages s USING (outage_id)""",
}


@dataclass(frozen=True)
class Scope:
    """A branch of the unit tree, and within it perhaps a single service area."""

    unit_id: str
    area_id: str | None = None

    @property
    def word(self) -> str:
        """The scope in one word, for keys."""
        return f"{self.unit_id}/{self.area_id or ''}"


class ScopedDatabase(Database):
    """A database of which only the rows of one scope are seen; writing is as ever."""

    def __init__(self, whole: Database, scope: Scope) -> None:
        self._whole = whole
        self.scope = scope
        self.path = whole.path
        self.opened_as = whole.opened_as
        self.keys = whole.keys
        self._local = _cursors(whole)

    @property
    def whole(self) -> Database:
        """The database without any limit to what may be seen."""
        return self._whole

    @property
    def seen_as(self) -> str:
        """What tells this sight of the database from others."""
        return self.scope.word

    def read(self) -> Connection:
        """The calling thread's cursor of this scope."""
        held: dict[Scope, Connection] = self._local.__dict__.setdefault("held", {})
        if self.scope not in held:
            held[self.scope] = limit(self._whole.cursor(), self.scope)
        return held[self.scope]

    def write(self, change: Any) -> Any:
        """As the whole database writes."""
        return self._whole.write(change)

    def close(self) -> None:
        """Nothing: whoever opened the whole closes it."""


def limit(connection: Connection, scope: Scope) -> Connection:
    """The cursor, limited to the scope for good."""
    row = connection.execute("SELECT current_database()").fetchone()
    whole = '"' + str(row[0] if row else "").replace('"', '""') + '".main'
    connection.execute("SET VARIABLE scope_unit = ?", [scope.unit_id])
    connection.execute("SET VARIABLE scope_area = ?", [scope.area_id])
    for name, sql in _VIEWS.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {sql.format(w=whole)}")
    for name in _hidden(connection):
        connection.execute(
            f'CREATE TEMP VIEW "{name}" AS SELECT * FROM {whole}."{name}" WHERE false'
        )
    return connection


def _hidden(connection: Connection) -> list[str]:
    """Every table that was neither given a view nor declared free of customers: seen empty."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()"
    ).fetchall()
    return sorted({str(row[0]) for row in rows} - set(_VIEWS) - set(ALWAYS_WHOLE))


_held: dict[int, threading.local] = {}
_guard = threading.Lock()


def _cursors(whole: Database) -> threading.local:
    """The place where threads keep their limited cursors of one open database."""
    with _guard:
        return _held.setdefault(whole.opened_as, threading.local())


def units_of(connection: Connection) -> list[tuple[str, str | None]]:
    """Every unit with its parent."""
    rows = connection.execute("SELECT unit_id, parent_id FROM org_units").fetchall()
    return [(str(unit), None if parent is None else str(parent)) for unit, parent in rows]
