"""A sight of the database limited to one branch of the unit tree.

Every question runs unchanged: on a limited cursor each table's name means a view of the rows in
scope, so a question that forgets to ask for the scope still sees nothing outside it.
"""

import threading
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import pyarrow as pa

from app.store.database import Connection, Database
from app.store.outages import who_is_out

ALWAYS_WHOLE = (
    "meta", "migrations", "jobs", "service_plans", "promise_zones", "streets", "closures", "water",
    "theft_runs", "theft_models", "reading_checks", "hall_forecast_runs", "province_days",
)  # fmt: skip
"""Tables without anybody's customers in them: settings, plans' names, geography."""

# whoever was ever out in it, whatever moment is asked for later; only what changed is counted anew
_REACHED = who_is_out(
    "SELECT o.outage_id, o.scope, o.started_at, o.restored_at, o.cell_id, m.mark FROM {w}.outages o"
    " JOIN (SELECT * FROM outage_marks ANTI JOIN held_outages USING (outage_id, mark)) m USING (outage_id)",
    "{w}.",
).replace("$known", "'infinity'::TIMESTAMPTZ")

_KEYS: dict[str, str] = {
    "scope_units": """
        WITH RECURSIVE tree AS (
          SELECT unit_id FROM {w}.org_units WHERE unit_id = getvariable('scope_unit')
          UNION SELECT o.unit_id FROM {w}.org_units o JOIN tree t ON o.parent_id = t.unit_id)
        SELECT unit_id FROM tree""",
    "scope_areas": """
        SELECT DISTINCT area_id FROM {w}.service_areas
        WHERE unit_id IN (SELECT unit_id FROM scope_units)
          AND (getvariable('scope_area') IS NULL OR area_id = getvariable('scope_area'))
          AND plan_id = (SELECT TRY_CAST(value AS BIGINT) FROM {w}.meta WHERE name = 'derived:plan_id')""",
    "own_feeders": """
        SELECT DISTINCT feeder_id FROM {w}.feeders
        WHERE getvariable('scope_area') IS NULL AND unit_id IN (SELECT unit_id FROM scope_units)""",
    # customers in no area are for whoever keeps their feeder: somebody must take them
    "scope_customers": """
        SELECT customer_no FROM {w}.customer_areas WHERE area_id IN (SELECT area_id FROM scope_areas)
        UNION SELECT a.customer_no FROM {w}.customer_areas a JOIN {w}.customers c USING (customer_no)
        WHERE a.area_id IS NULL AND c.transformer_id IN (
          SELECT transformer_id FROM {w}.transformers WHERE feeder_id IN (SELECT feeder_id FROM own_feeders))""",
    "scope_cells": """
        SELECT cell_id FROM {w}.cell_areas WHERE area_id IN (SELECT area_id FROM scope_areas)
        UNION SELECT cell_id FROM {w}.cell_areas WHERE area_id IS NULL AND cell_id IN (
          SELECT c.cell_id FROM {w}.customers c JOIN {w}.customer_areas a USING (customer_no)
          WHERE a.area_id IS NULL AND customer_no IN (SELECT customer_no FROM scope_customers))""",
    "scope_transformers": """
        SELECT DISTINCT transformer_id FROM {w}.transformers
        WHERE feeder_id IN (SELECT feeder_id FROM own_feeders) OR transformer_id IN (
          SELECT transformer_id FROM {w}.customers WHERE customer_no IN (SELECT customer_no FROM scope_customers))""",
    "scope_feeders": """
        SELECT feeder_id FROM own_feeders UNION SELECT feeder_id FROM {w}.transformers
        WHERE feeder_id IS NOT NULL AND transformer_id IN (SELECT transformer_id FROM scope_transformers)""",
    "scope_meters": """
        SELECT DISTINCT meter_id FROM {w}.meters
        WHERE customer_no IN (SELECT customer_no FROM scope_customers)
          OR (customer_no IS NULL AND transformer_id IN (SELECT transformer_id FROM scope_transformers))
          OR (customer_no IS NULL AND transformer_id IS NULL AND feeder_id IN (SELECT feeder_id FROM own_feeders))""",
    # half of a hash: what is filtered out of a table of Arrow must be a number with a sign
    "outage_marks": """
        SELECT o.outage_id, (hash(o.scope, o.cell_id, o.started_at, o.restored_at, s.steps) >> 1)::BIGINT AS mark
        FROM {w}.outages o LEFT JOIN (
          SELECT outage_id, bit_xor(hash(step_at, change, scope)) AS steps FROM {w}.outage_steps GROUP BY outage_id
        ) s USING (outage_id)""",
    # an outage that reaches over the border counts only the customers on this side of it
    "seen_outages": f"""
        {_REACHED},
        counted AS (
          SELECT outage_id, count(*) AS everybody, count(v.customer_no) AS inside
          FROM (SELECT DISTINCT outage_id, customer_no FROM dark) LEFT JOIN scope_customers v USING (customer_no)
          GROUP BY outage_id)
        SELECT o.outage_id, o.mark, CASE WHEN k.inside < k.everybody THEN k.inside END AS inside,
          k.inside > 0 OR (k.outage_id IS NULL AND coalesce(o.cell_id IN (SELECT cell_id FROM scope_cells), false)) AS is_in
        FROM chosen o LEFT JOIN counted k USING (outage_id)
        UNION ALL
        SELECT h.outage_id, h.mark, h.inside, h.is_in FROM held_outages h SEMI JOIN outage_marks USING (outage_id, mark)""",
    "scope_outages": "SELECT outage_id, inside FROM seen_outages WHERE is_in",
}
"""What is in scope, each set built on those before it."""

_UNIT = "(getvariable('scope_area') IS NULL AND unit_id IN (SELECT unit_id FROM scope_units))"
_CELL = "cell_id IN (SELECT cell_id FROM scope_cells)"
_AREA = "area_id IN (SELECT area_id FROM scope_areas)"
_CUSTOMER = "customer_no IN (SELECT customer_no FROM scope_customers)"
_TRANSFORMER = "transformer_id IN (SELECT transformer_id FROM scope_transformers)"
_METER = "meter_id IN (SELECT meter_id FROM scope_meters)"
_HUNG = f"{_METER} AND (customer_no IS NULL OR {_CUSTOMER})"
_OUTAGE = "outage_id IN (SELECT outage_id FROM scope_outages)"
# a report or order belongs to whoever keeps its customer, else its transformer, else its place; what nobody knows tells nothing
_REPORT = f"""CASE WHEN customer_no IN (SELECT customer_no FROM {{w}}.customers) THEN {_CUSTOMER}
  WHEN transformer_id IN (SELECT transformer_id FROM {{w}}.transformers) THEN {_TRANSFORMER}
  WHEN cell_id IN (SELECT cell_id FROM {{w}}.cell_areas) THEN {_CELL} ELSE coalesce({_AREA}, false) END"""
_ORDER = f"order_id IN (SELECT order_id FROM {{w}}.work_orders WHERE {_REPORT})"
_IN_DUTY = f"IN (SELECT {{}} FROM {{{{w}}}}.area_duties WHERE {_AREA})"
_CREWS = f"crew_id {_IN_DUTY.format('crew_id')} OR {_UNIT}"
_CREW = f"crew_id IN (SELECT crew_id FROM {{w}}.crews WHERE {_CREWS})"
_HALLS = f"{_CELL} OR {_UNIT}"
_HALL = f"hall_id IN (SELECT hall_id FROM {{w}}.halls WHERE {_HALLS})"
_DEVICE = f"device_id IN (SELECT device_id FROM {{w}}.hall_devices WHERE {_HALL})"

_ROWS: dict[str, str] = {
    "service_areas": f"unit_id IN (SELECT unit_id FROM scope_units) AND (getvariable('scope_area') IS NULL OR {_AREA})",
    "customer_areas": _CUSTOMER,
    "customers": _CUSTOMER,
    "cell_areas": _CELL,
    "transformers": _TRANSFORMER,
    "transformer_links": _TRANSFORMER,
    "feeders": "feeder_id IN (SELECT feeder_id FROM scope_feeders)",
    **dict.fromkeys(("meters", "meter_links", "meter_quality", "reading_reviews"), _HUNG),
    **dict.fromkeys(("meter_readings", "reading_findings"), _METER),
    **dict.fromkeys(
        ("reading_review_days", "reading_review_steps", "reading_review_values"),
        f"review_id IN (SELECT review_id FROM {{w}}.reading_reviews WHERE {_HUNG})",
    ),
    # a feeder's balance is told to who keeps the feeder: behind it may be other people's customers
    "feeder_days": "feeder_id IN (SELECT feeder_id FROM own_feeders)",
    "area_duties": _AREA,
    "staff": f"staff_id {_IN_DUTY.format('staff_id')} OR {_UNIT}",
    "crews": _CREWS,
    "halls": _HALLS,
    "banks": _CELL,
    "plan_units": _AREA,
    "assignment_overrides": _AREA,
    "cell_facts": _CELL,
    "cell_travel": _CELL,
    "cell_energy_days": _CELL,
    # the coarser cells beside them lie across borders: they are seen by whoever sees everything
    "cell_days": _CELL,
    "outage_steps": _OUTAGE,
    "outage_estimates": _OUTAGE,
    "outage_events": _OUTAGE,
    "fault_reports": _REPORT,
    "fault_report_events": f"report_id IN (SELECT report_id FROM {{w}}.fault_reports WHERE {_REPORT})",
    "work_orders": _REPORT,
    **dict.fromkeys(
        (
            "work_order_reports", "work_order_links", "work_order_crews", "work_order_events",
            "work_order_cards", "work_order_parts", "work_order_evidence",
        ),
        _ORDER,
    ),
    **dict.fromkeys(("crew_shifts", "crew_duties", "crew_positions", "fence_stays"), _CREW),
    "theft_scores": _CUSTOMER,
    **dict.fromkeys(("inspections", "inspection_visits", "remote_checks"), _CUSTOMER),
    **dict.fromkeys(("hall_visits", "hall_hours", "hall_tallies", "hall_duties", "hall_forecasts"), _HALL),
    "hall_devices": _HALL,
    **dict.fromkeys(("hall_device_events", "hall_device_moves"), _DEVICE),
    "payments": f"CASE WHEN customer_no IS NOT NULL THEN {_CUSTOMER} ELSE {_CELL} END",
    **dict.fromkeys(("transformer_scores", "loss_days"), _TRANSFORMER),
    "fences": f"{_UNIT} OR (kind = 'area' AND subject IN (SELECT area_id FROM scope_areas))",
}  # fmt: skip
"""Tables of which the rows in scope are seen, by the condition that holds for them."""

_VIEWS: dict[str, str] = {
    # a unit's clock follows the company's where it states none
    "org_units": """
        SELECT * REPLACE (coalesce(timezone, (
          SELECT timezone FROM {w}.org_units WHERE timezone IS NOT NULL
          ORDER BY parent_id IS NOT NULL, unit_id LIMIT 1)) AS timezone)
        FROM {w}.org_units WHERE unit_id IN (SELECT unit_id FROM scope_units)""",
    "outages": """
        SELECT o.* REPLACE (coalesce(s.inside, o.customers_affected) AS customers_affected)
        FROM {w}.outages o JOIN scope_outages s USING (outage_id)""",
    **{name: f"SELECT * FROM {{w}}.{name} WHERE {rows}" for name, rows in _ROWS.items()},
    # the order in which estimates were told is that of the rows, where the moment is the same
    "outage_estimates": f"SELECT *, rowid FROM {{w}}.outage_estimates WHERE {_OUTAGE}",
}

# outages are made and changed by the minute: theirs apart, so that the rest need not be worked out anew
_STAMP = """
SELECT string_agg(value, ' ' ORDER BY name) FILTER (name IN ('facts_version', 'derived:areas', 'derived:plan_id')),
  coalesce(max(value) FILTER (name = 'version:outages'), '') || ' ' || (SELECT count(*) FROM outages)::VARCHAR
  || ' ' || (SELECT count(*) FROM outage_steps)::VARCHAR
FROM meta
"""

_SEEN: Final = "seen_outages"
_OF_OUTAGES: Final = ("outage_marks", _SEEN, "scope_outages")
"""Sets that follow the outages; only the last is for questions: the others name outages elsewhere."""
_NONE_SEEN: Final = pa.table(
    {
        "outage_id": pa.array([], pa.string()), "mark": pa.array([], pa.int64()),
        "inside": pa.array([], pa.int64()), "is_in": pa.array([], pa.bool_()),
    }
)  # fmt: skip

Keys = dict[str, pa.Table]


class Stamp(NamedTuple):
    """The state of the facts for which sets were worked out, that of the outages apart."""

    facts: str
    outages: str


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
        self._held = _held_by(whole)

    @property
    def whole(self) -> Database:
        """The database without any limit to what may be seen."""
        return self._whole

    @property
    def seen_as(self) -> str:
        """What tells this sight of the database from others."""
        return self.scope.word

    def read(self) -> Connection:
        """The calling thread's cursor of this scope, in the state of the facts of now."""
        stamp = _stamp(self._whole.read())
        mine = self._held.mine()
        held = mine.get(self.scope)
        if held is not None and held[0] == stamp:
            return held[1]
        keys = self._held.keys_of(self._whole, self.scope, stamp)
        cursor = limit(self._whole.cursor(), self.scope, keys) if held is None else held[1]
        _register(cursor, keys)
        mine[self.scope] = (stamp, cursor)
        return cursor

    def in_scope(self) -> Keys:
        """The ids of everything in scope, by the name of the set."""
        return self._held.keys_of(self._whole, self.scope, _stamp(self._whole.read()))

    def write(self, change: Any) -> Any:
        """As the whole database writes."""
        return self._whole.write(change)

    def close(self) -> None:
        """Nothing: whoever opened the whole closes it."""


class _Held:
    """What is kept of one open database: each thread's cursors, and the sets in scope."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._sets: dict[Scope, tuple[Stamp, Keys]] = {}
        self._lock = threading.Lock()

    def mine(self) -> dict[Scope, tuple[Stamp, Connection]]:
        """The calling thread's cursors by scope, each with the state of the facts it was made for."""
        found: dict[Scope, tuple[Stamp, Connection]] | None = getattr(self._local, "cursors", None)
        if found is None:
            found = self._local.cursors = {}
        return found

    def keys_of(self, whole: Database, scope: Scope, stamp: Stamp) -> Keys:
        """The sets of a scope, worked out once for a state of the facts, those of outages for theirs."""
        with self._lock:
            held = self._sets.get(scope)
            if held is None or held[0] != stamp:
                kept = held[1] if held is not None and held[0].facts == stamp.facts else {}
                held = self._sets[scope] = (stamp, work_out(whole.cursor(), scope, kept))
            return held[1]


_open: dict[int, _Held] = {}
_guard = threading.Lock()


def _held_by(whole: Database) -> _Held:
    with _guard:
        return _open.setdefault(whole.opened_as, _Held())


def _stamp(connection: Connection) -> Stamp:
    row = connection.execute(_STAMP).fetchone()
    return Stamp(str(row[0]), str(row[1])) if row else Stamp("", "")


def _main(connection: Connection) -> str:
    """The schema of the stored tables, quoted: plain names mean the limited views."""
    row = connection.execute("SELECT current_database()").fetchone()
    return '"' + str(row[0] if row else "").replace('"', '""') + '".main'


def _state(connection: Connection, scope: Scope) -> None:
    connection.execute("SET VARIABLE scope_unit = ?", [scope.unit_id])
    connection.execute("SET VARIABLE scope_area = ?", [scope.area_id])


def work_out(connection: Connection, scope: Scope, kept: Keys) -> Keys:
    """Every set of the scope as a table of ids, `kept` those of the same facts; uses up the cursor.

    Of kept ones only the sets of outages are made anew, and of these what changed.
    """
    _state(connection, scope)
    whole, keys = _main(connection), {n: t for n, t in kept.items() if n not in _OF_OUTAGES}
    connection.register("held_outages", kept.get(_SEEN, _NONE_SEEN))
    for name, sql in _KEYS.items():
        if name not in keys:
            keys[name] = connection.execute(sql.format(w=whole)).to_arrow_table()
        connection.register(name, keys[name])
    connection.close()
    return keys


def _register(connection: Connection, keys: Keys) -> None:
    """Make the sets readable for questions."""
    for name, table in keys.items():
        if name not in _OF_OUTAGES[:-1]:
            connection.register(name, table)


def limit(connection: Connection, scope: Scope, keys: Keys) -> Connection:
    """The cursor, limited to the scope for good."""
    _state(connection, scope)
    whole = _main(connection)
    _register(connection, keys)
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
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
    ).fetchall()
    return sorted({str(row[0]) for row in rows} - set(_VIEWS) - set(ALWAYS_WHOLE))


def units_of(connection: Connection) -> list[tuple[str, str | None]]:
    """Every unit with its parent."""
    rows = connection.execute("SELECT unit_id, parent_id FROM org_units").fetchall()
    return [(str(unit), None if parent is None else str(parent)) for unit, parent in rows]
