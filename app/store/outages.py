"""What counts as an outage in force, and who is in it from when to when, for every question that asks."""

from datetime import datetime
from typing import Final

import pandas as pd

from app.store import meta
from app.store.database import Connection, frame_of, moment_of
from grid_cells.outages import ANNOUNCED

TAKES_PLACE: Final = """
coalesce(status, 'in_force') NOT IN ('cancelled', 'proposed') AND NOT (coalesce(status, '') = 'ended' AND restored_at IS NULL)
"""
"""Neither called off nor only proposed; ended without a known moment counts as over and never counted."""

OPEN_AT: Final = f"""
started_at <= $at AND (restored_at IS NULL OR restored_at > $at) AND {TAKES_PLACE}
"""
"""Begun and not restored at the moment `$at`."""

TOUCHES: Final = f"""
started_at <= $last AND (restored_at IS NULL OR restored_at > $first) AND {TAKES_PLACE}
"""
"""In force at some moment between `$first` and `$last`."""

STATUS_AT: Final = """
CASE WHEN o.status IN ('cancelled', 'proposed') THEN o.status
  WHEN o.started_at > $known THEN CASE WHEN o.status = 'notified' THEN o.status ELSE 'approved' END
  WHEN o.restored_at <= $known OR o.restored_at IS NULL AND o.status = 'ended' THEN 'ended'
  WHEN o.status = 'ended' THEN 'in_force'
  ELSE coalesce(o.status, 'in_force') END
"""
"""The status as it was at the moment `$known`, of an outage o."""

_ANNOUNCED_KINDS: Final = ", ".join(f"'{kind}'" for kind in sorted(ANNOUNCED))
TO_COME: Final = f"""
started_at > $known AND kind IN ({_ANNOUNCED_KINDS}) AND coalesce(status, '') <> 'cancelled'
"""
"""Announced at the moment `$known` and not begun; whatever became of it since, it was to come then.

A fault that lies behind the moment is known to nobody yet.
"""


def who_is_out(chosen: str, schema: str = "") -> str:
    """Steps (WITH …) that tell who is out in the outages that `chosen` selects, and from when to when.

    `chosen`: a SELECT of outages' rows with at least outage_id, scope, started_at and restored_at.
    Its parameter `$known`: steps after that moment are not known yet. The steps to go on from:

    - `chosen`;
    - `lines` (outage_id, transformer_id, out_at, back_at): whole transformers;
    - `fed` (outage_id, customer_no, is_known): everybody whom a part of the outage ever names, out
      or back, and whether by `$known` already; `reaching` (outage_id): outages that so reach somebody;
    - `dark` (outage_id, customer_no, out_at, back_at): every customer's own time, also those that
      are named alone; back_at is empty while nobody has said when.

    A feeder's transformers and a transformer's customers are those of the day the outage began: by
    the billing meter's link of that day, else by the archive. An outage has all its scope out from
    its beginning, but for what a step puts out later; where steps of a file tell the beginning too,
    they tell everything. One recorded by hand there adds to the scope. Who is not restored by a step comes back with the outage. Restored and put out in
    the same moment is restored.
    """
    return f"WITH chosen AS ({chosen}), {_PARTS}, {_LINES}, {_FED}, {_DARK}".replace("@", schema)


_PARTS: Final = """
told AS (
  SELECT s.outage_id, c.started_at, greatest(s.step_at, c.started_at) AS moment, s.change = 'out' AS is_out,
    s.step_at <= $known AS is_known, s.batch_id IS NOT NULL AS is_from_file, trim(unnest(string_split(s.scope, ';'))) AS part
  FROM @outage_steps s JOIN chosen c USING (outage_id) WHERE s.scope IS NOT NULL
),
begun AS (SELECT DISTINCT outage_id FROM told WHERE is_known AND is_out AND is_from_file AND moment <= started_at),
parts AS MATERIALIZED (
  SELECT * FROM (
    SELECT outage_id, started_at, started_at AS moment, true AS is_out, true AS is_known, trim(unnest(string_split(scope, ';'))) AS part
    FROM chosen WHERE scope IS NOT NULL)
  WHERE outage_id NOT IN (SELECT outage_id FROM begun)
    AND (outage_id, part) NOT IN (SELECT (outage_id, part) FROM told WHERE is_known AND is_out)
  UNION ALL
  SELECT outage_id, started_at, moment, is_out, is_known, part FROM told
)"""

# what changes nothing for somebody (out who is out already) is passed over before the ends are looked up
_CHANGES: Final = """
  SELECT *, lead(moment) OVER (PARTITION BY outage_id, {who} ORDER BY moment, is_out DESC) AS next_at FROM (
    SELECT * FROM {events}
    QUALIFY is_out <> coalesce(lag(is_out) OVER (PARTITION BY outage_id, {who} ORDER BY moment, is_out DESC), false))"""

_SPANS: Final = """
  SELECT e.outage_id, e.{who}, e.moment AS out_at, least(e.next_at, c.restored_at) AS back_at
  FROM ({changes}) e JOIN chosen c USING (outage_id)
  WHERE e.is_out AND (e.next_at IS NULL OR e.next_at > e.moment)
    AND (c.restored_at IS NULL OR e.moment < c.restored_at OR e.moment = c.started_at)"""


def _spans(who: str, events: str) -> str:
    return _SPANS.format(who=who, changes=_CHANGES.format(who=who, events=events))


_LINES: Final = f"""
line_events AS MATERIALIZED (
  SELECT outage_id, started_at, moment, is_out, is_known, substr(part, 13) AS transformer_id FROM parts WHERE starts_with(part, 'transformer:')
  UNION ALL
  SELECT outage_id, started_at, moment, is_out, is_known, t.transformer_id FROM parts JOIN @transformer_links t ON part = 'feeder:' || t.feeder_id
    AND (t.valid_from IS NULL OR t.valid_from <= started_at) AND (t.valid_to IS NULL OR t.valid_to > started_at)
),
lines AS ({_spans("transformer_id", "line_events WHERE is_known")}
)"""

_FED: Final = """
asked_lines AS MATERIALIZED (
  SELECT outage_id, started_at, transformer_id, bool_or(is_known) AS is_known FROM line_events GROUP BY ALL
),
billed AS MATERIALIZED (
  SELECT customer_no, transformer_id, valid_from, valid_to FROM @meter_links
  WHERE customer_no IS NOT NULL AND transformer_id IS NOT NULL AND coalesce(role, 'billing') = 'billing'
),
filed AS MATERIALIZED (
  SELECT l.outage_id, l.started_at, l.transformer_id, l.is_known, c.customer_no FROM asked_lines l JOIN @customers c USING (transformer_id)
),
billed_then AS (
  SELECT a.outage_id, a.customer_no FROM filed a JOIN billed b ON b.customer_no = a.customer_no
  WHERE (b.valid_from IS NULL OR b.valid_from <= a.started_at) AND (b.valid_to IS NULL OR b.valid_to > a.started_at)
),
by_line AS MATERIALIZED (
  SELECT l.outage_id, l.transformer_id, l.is_known, b.customer_no FROM asked_lines l JOIN billed b ON b.transformer_id = l.transformer_id
  WHERE (b.valid_from IS NULL OR b.valid_from <= l.started_at) AND (b.valid_to IS NULL OR b.valid_to > l.started_at)
  UNION
  SELECT outage_id, transformer_id, is_known, customer_no FROM filed ANTI JOIN billed_then USING (outage_id, customer_no)
),
fed AS (
  SELECT outage_id, customer_no, bool_or(is_known) AS is_known FROM (
    SELECT outage_id, customer_no, is_known FROM by_line SEMI JOIN @customers USING (customer_no)
    UNION ALL
    SELECT p.outage_id, c.customer_no, p.is_known FROM parts p JOIN @customers c ON p.part = 'customer:' || c.customer_no)
  GROUP BY ALL
),
reaching AS (
  SELECT DISTINCT outage_id FROM fed JOIN chosen USING (outage_id) WHERE is_known OR chosen.scope IS NOT NULL
)"""

# only where customers are named alone must everybody's changes be followed one by one; whoever has billing
# meters on several lines is out from the first of them that goes until the last that comes back
_DARK: Final = f"""
alone AS MATERIALIZED (SELECT DISTINCT outage_id FROM parts WHERE starts_with(part, 'customer:')),
several AS MATERIALIZED (
  SELECT outage_id, customer_no FROM by_line GROUP BY ALL HAVING count(DISTINCT transformer_id) > 1
),
homes_apart AS (SELECT DISTINCT outage_id, customer_no, transformer_id FROM by_line SEMI JOIN several USING (outage_id, customer_no)),
person_events AS MATERIALIZED (
  SELECT p.outage_id, p.moment, p.is_out, substr(p.part, 10) || chr(31) || coalesce(h.transformer_id, '') AS home
  FROM parts p LEFT JOIN homes_apart h ON h.outage_id = p.outage_id AND h.customer_no = substr(p.part, 10)
  WHERE p.is_known AND starts_with(p.part, 'customer:')
  UNION ALL
  SELECT e.outage_id, e.moment, e.is_out, b.customer_no || chr(31) || CASE WHEN s.customer_no IS NULL THEN '' ELSE b.transformer_id END
  FROM line_events e JOIN by_line b USING (outage_id, transformer_id) SEMI JOIN alone USING (outage_id)
  LEFT JOIN several s ON s.outage_id = b.outage_id AND s.customer_no = b.customer_no
  WHERE e.is_known
),
spells AS (
  SELECT DISTINCT * FROM (
    SELECT l.outage_id, b.customer_no, l.out_at, l.back_at
    FROM lines l JOIN by_line b USING (outage_id, transformer_id) ANTI JOIN alone USING (outage_id)
    UNION ALL
    SELECT outage_id, split_part(home, chr(31), 1), out_at, back_at FROM ({_spans("home", "person_events")}))
  SEMI JOIN @customers USING (customer_no)
),
joined_spells AS (
  SELECT *, out_at <= max(coalesce(back_at, 'infinity'::TIMESTAMPTZ)) OVER (
    PARTITION BY outage_id, customer_no ORDER BY out_at, back_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS goes_on
  FROM spells SEMI JOIN several USING (outage_id, customer_no)
),
dark AS (
  SELECT * FROM spells ANTI JOIN several USING (outage_id, customer_no)
  UNION ALL
  SELECT outage_id, customer_no, min(out_at), CASE WHEN count(*) = count(back_at) THEN max(back_at) END FROM (
    SELECT *, count(*) FILTER (goes_on IS DISTINCT FROM true) OVER (PARTITION BY outage_id, customer_no ORDER BY out_at, back_at) AS spell
    FROM joined_spells)
  GROUP BY outage_id, customer_no, spell
)"""

# an outage that reaches no known customer counts by what was told of it: its own number from its
# beginning, unless a file's steps tell the beginning too, and what its steps add and take away
TOLD_COUNTS: Final = """
count_steps AS MATERIALIZED (
  SELECT s.outage_id, greatest(s.step_at, c.started_at) AS moment, s.step_at <= c.started_at AS is_first,
    s.batch_id IS NOT NULL AS is_from_file,
    (CASE WHEN s.change = 'out' THEN s.customers ELSE -s.customers END)::BIGINT AS change
  FROM outage_steps s JOIN chosen c USING (outage_id)
  WHERE s.customers > 0 AND s.step_at <= $known AND (c.restored_at IS NULL OR s.step_at <= c.restored_at)
    AND s.outage_id NOT IN (SELECT outage_id FROM reaching)
),
counted AS (
  SELECT outage_id, moment, change FROM count_steps
  UNION ALL
  SELECT outage_id, started_at, customers_affected::BIGINT FROM chosen
  WHERE customers_affected > 0 AND outage_id NOT IN (SELECT outage_id FROM reaching)
    AND outage_id NOT IN (SELECT outage_id FROM count_steps WHERE is_first AND is_from_file AND change > 0)
)"""
"""`counted` (outage_id, moment, change): how many went out or came back in the outages of `chosen`
(with customers_affected) that reach no known customer, by `$known`; for `interruptions.in_lots`."""

# where more would come back than are out, nobody comes back by the steps: as `interruptions.adding_up`
COUNTED: Final = f"""
{TOLD_COUNTS},
levels AS (
  SELECT outage_id, change, sum(change) OVER (PARTITION BY outage_id ORDER BY moment, change DESC ROWS UNBOUNDED PRECEDING) AS level
  FROM counted
),
counts AS (
  SELECT outage_id, sum(change) FILTER (change > 0) AS went_out, CASE WHEN min(level) < 0 THEN went_out ELSE sum(change) END AS left_out
  FROM levels GROUP BY outage_id
),
unreached AS (
  SELECT c.*, coalesce(k.went_out, 0)::BIGINT AS went_out, coalesce(k.left_out, 0)::BIGINT AS left_out
  FROM chosen c LEFT JOIN counts k USING (outage_id) WHERE c.outage_id NOT IN (SELECT outage_id FROM reaching)
)"""
"""The outages of `chosen` (with customers_affected) that reach no known customer, with `went_out` and `left_out` at the moment `$known`."""

DARK_AT: Final = "out_at <= $known AND (back_at IS NULL OR back_at > $known)"

_COLUMNS: Final = "outage_id, kind, status, cause, scope, started_at, estimated_restore_at, restored_at, customers_affected, parent_outage_id, lon, lat, cell_id"
_OPEN: Final = f"SELECT {_COLUMNS} FROM outages WHERE {OPEN_AT}".replace("$at", "$known")
OUT_AT: Final = f"{who_is_out(_OPEN)}, {COUNTED}"
"""The steps of `who_is_out` and `COUNTED` for the outages in force at the moment `$known`."""


def first_begun_at(connection: Connection, at: datetime) -> datetime | None:
    """When the first outage known up to `at` began."""
    return moment_of(
        connection.execute("SELECT min(started_at) FROM outages WHERE started_at <= ?", [at])
    )


def touch(connection: Connection) -> None:
    """Say that outages or their steps changed without a load: what was kept of them is stale.

    To be called by every deed that makes an outage or changes its scope, steps, times or status.
    The rest of the facts stays fresh.
    """
    name = "version:outages"
    meta.set_value(connection, name, str(int(meta.read_value(connection, name, "0")) + 1))


def version(connection: Connection) -> int:
    """A number that grows whenever an outage or a step was loaded or changed."""
    return sum(int(one) for one in meta.versions(connection, KINDS).split(","))


KINDS: Final = ("outages", "outage_steps")


def cell_spans(connection: Connection, first: datetime, last: datetime) -> pd.DataFrame:
    """Who was out between two moments, by cell: cell_id (0 = unplaced), outage_id, out_at, back_at, customers.

    back_at is empty where supply was not back at `last`, beyond which nothing is known. Outages that
    reach no known customer are told by counts, see `TOLD_COUNTS`, and not here.
    """
    return frame_of(connection.execute(_CELL_SPANS, {"first": first, "known": last}))


_TOUCHED: Final = f"SELECT {_COLUMNS} FROM outages WHERE {TOUCHES}".replace("$last", "$known")
_CELL_SPANS: Final = f"""
{who_is_out(_TOUCHED)}
SELECT coalesce(c.cell_id, 0) AS cell_id, d.outage_id, d.out_at, CASE WHEN d.back_at <= $known THEN d.back_at END AS back_at,
  count(*) AS customers
FROM dark d JOIN customers c USING (customer_no)
WHERE d.out_at <= $known AND (d.back_at IS NULL OR d.back_at > $first)
GROUP BY ALL ORDER BY out_at, outage_id, cell_id
"""


def outage_points(connection: Connection, at: datetime) -> pd.DataFrame:
    """Every outage in force at that moment with its place and who is out in it.

    Columns: outage_id, kind, status, cause, scope (in the clear), parent_outage_id, started_at,
    estimated_restore_at (as last told up to then), restored_at (never known yet), unit_id, lon, lat (missing where not stated), cell_id (its own, else that of most of its
    customers; 0 = none), customers_out, customers_affected (everybody so far), important_out (customers
    with a grade of importance), life_support_out.
    """
    return frame_of(connection.execute(_POINTS, {"known": at}))


ESTIMATES_AT: Final = """
told_estimates AS (
  SELECT outage_id, max(told_at) FILTER (told_at <= $known) AS estimate_told_at,
    last(estimated_restore_at ORDER BY told_at, rowid) FILTER (told_at <= $known) AS told_estimate
  FROM outage_estimates GROUP BY outage_id
)"""
"""The estimate as it stood at the moment `$known`, for outages of which any telling was kept.

Of two told in the same moment the later row corrects the one before.
"""

ESTIMATE_AT: Final = (
    "CASE WHEN t.outage_id IS NULL THEN o.estimated_restore_at ELSE t.told_estimate END"
)
"""The estimate of an outage o beside which `told_estimates` are joined as t."""

CELL_UNITS: Final = """
cell_units AS (
  SELECT k.cell_id, min(a.unit_id) AS unit_id FROM cell_areas k JOIN service_areas a USING (area_id)
  WHERE a.plan_id = (SELECT TRY_CAST(value AS BIGINT) FROM meta WHERE name = 'derived:plan_id') GROUP BY k.cell_id
)"""
"""The unit whose service area holds each cell."""

_POINTS: Final = f"""
{OUT_AT}, {ESTIMATES_AT}, {CELL_UNITS},
people AS (
  SELECT f.outage_id, f.customer_no, c.cell_id, c.importance_code IS NOT NULL AS is_important,
    coalesce(c.life_support, false) AS has_life_support, n.customer_no IS NOT NULL AS is_out
  FROM fed f JOIN customers c USING (customer_no)
  LEFT JOIN (SELECT DISTINCT outage_id, customer_no FROM dark WHERE {DARK_AT}) n USING (outage_id, customer_no)
),
ever AS (SELECT outage_id, count(DISTINCT customer_no) AS customers_affected FROM dark WHERE out_at <= $known GROUP BY outage_id),
sums AS (
  SELECT outage_id, count(*) FILTER (is_out) AS customers_out,
    count(*) FILTER (is_out AND is_important) AS important_out,
    count(*) FILTER (is_out AND has_life_support) AS life_support_out, mode(cell_id) AS main_cell
  FROM people GROUP BY outage_id
)
SELECT o.outage_id, o.kind, {STATUS_AT} AS status, o.cause, o.scope, o.parent_outage_id, o.started_at,
  {ESTIMATE_AT} AS estimated_restore_at,
  CASE WHEN o.restored_at <= $known THEN o.restored_at END AS restored_at,
  o.lon, o.lat, coalesce(o.cell_id, s.main_cell, 0) AS cell_id, u2.unit_id,
  coalesce(s.customers_out, u.left_out, 0)::BIGINT AS customers_out,
  coalesce(e.customers_affected, u.went_out, 0)::BIGINT AS customers_affected,
  coalesce(s.important_out, 0) AS important_out, coalesce(s.life_support_out, 0) AS life_support_out
FROM chosen o LEFT JOIN sums s USING (outage_id) LEFT JOIN ever e USING (outage_id)
LEFT JOIN unreached u USING (outage_id) LEFT JOIN told_estimates t USING (outage_id)
LEFT JOIN cell_units u2 ON u2.cell_id = coalesce(o.cell_id, s.main_cell)
ORDER BY o.started_at, o.outage_id
"""
