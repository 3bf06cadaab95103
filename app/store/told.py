"""What was told to those who must not see single households, and by which grouping of cells."""

from datetime import date, timedelta

import pandas as pd

from app.store.database import Connection, frame_of, register

BEGIN, END = date(1, 1, 1), date(9999, 12, 31)


def first_open_day(connection: Connection) -> date:
    """The first day from which places and groups may change: nothing was told of it or a later one."""
    row = connection.execute("SELECT max(day) FROM told_figures").fetchone()
    return BEGIN if row is None or row[0] is None else row[0] + timedelta(days=1)


def cells_known(connection: Connection) -> pd.DataFrame:
    """Cells that ever were in a group: cell_id."""
    return frame_of(connection.execute("SELECT DISTINCT cell_id FROM told_cells"))


def add_cells(connection: Connection, groups: pd.DataFrame, begin: date, end: date) -> None:
    """Let cells (cell_id, group, customers, group_customers) be grouped so from one day until before another."""
    register(connection, "grouped", groups)
    connection.execute(
        'INSERT INTO told_cells SELECT cell_id, "group", customers, group_customers, ?, ? FROM grouped',
        [begin, end],
    )
    connection.unregister("grouped")


def hold_cells(connection: Connection, groups: pd.DataFrame, begin: date) -> None:
    """Let the cells be grouped so from a day on, where they were grouped otherwise before."""
    columns = ["cell_id", "group", "customers", "group_customers"]
    register(connection, "found", groups[columns])
    changed = frame_of(
        connection.execute(
            """
            SELECT f.* FROM found f LEFT JOIN told_cells h ON h.cell_id = f.cell_id AND h.to_day = $end
            WHERE (f."group", f.customers, f.group_customers) IS DISTINCT FROM (h."group", h.customers, h.group_customers)
            """,
            {"end": END},
        )
    )
    connection.unregister("found")
    register(connection, "changed", changed)
    connection.execute(
        "UPDATE told_cells SET to_day = ? WHERE to_day = ? AND cell_id IN (SELECT cell_id FROM changed)",
        [begin, END],
    )
    connection.execute("DELETE FROM told_cells WHERE from_day >= to_day")
    connection.unregister("changed")
    add_cells(connection, changed, begin, END)


def hold_homes(connection: Connection, begin: date, slots: int) -> None:
    """Let customers count in the cells they are held to live in, from a day on where they moved.

    Whoever is counted for the first time counts on all days, whoever was not for a time counts on
    the days since. Customers of a group take its slots in turn, so that few of them share one.
    """
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE moving AS
        SELECT c.customer_no, c.cell_id, h.cell_id IS NOT NULL AS is_moving
        FROM customers c LEFT JOIN told_homes h ON h.customer_no = c.customer_no AND h.to_day = $end
        WHERE c.cell_id IS NOT NULL AND c.cell_id IS DISTINCT FROM h.cell_id
        """,
        {"end": END},
    )
    connection.execute(
        """
        UPDATE told_homes SET to_day = $begin WHERE to_day = $end AND (
          customer_no IN (SELECT customer_no FROM moving WHERE is_moving)
          OR customer_no NOT IN (SELECT customer_no FROM customers WHERE cell_id IS NOT NULL))
        """,
        {"begin": begin, "end": END},
    )
    connection.execute("DELETE FROM told_homes WHERE from_day >= to_day")
    connection.execute(
        """
        WITH open AS (SELECT cell_id, "group" FROM told_cells WHERE to_day = $end),
        held AS (SELECT "group", count(*) AS n FROM told_homes JOIN open USING (cell_id) WHERE to_day = $end GROUP BY ALL),
        before AS (SELECT customer_no, max(to_day) AS to_day FROM told_homes GROUP BY customer_no)
        INSERT INTO told_homes
        SELECT m.customer_no, m.cell_id,
          (coalesce(h.n, 0) + row_number() OVER (PARTITION BY o."group" ORDER BY m.customer_no)) % $slots,
          coalesce(b.to_day, $first), $end
        FROM moving m JOIN open o USING (cell_id) LEFT JOIN held h USING ("group") LEFT JOIN before b USING (customer_no)
        """,
        {"end": END, "slots": slots, "first": BEGIN},
    )
    connection.execute("DROP TABLE moving")


def figures_now(connection: Connection, spare: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Energy of groups by day where it is not what is shown, and all that was told of the same before.

    From `energy_parts`, as `derived.sum_readings` leaves them. `spare`: cell_id, spare_meters, how
    many more meters than metered customers it has. Columns: group, day (days since 1970),
    energy_kwh, mark_low, mark_high, with people in the first frame and telling in the second.
    """
    register(connection, "spare", spare[["cell_id", "spare_meters"]])
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE figures_now AS
        WITH sums AS (
          SELECT g."group", p.day, sum(p.energy_kwh) AS energy_kwh, bit_xor(p.mark_low) AS mark_low, bit_xor(p.mark_high) AS mark_high,
            (sum(p.meters_read) - sum(coalesce(s.spare_meters, 0)))::BIGINT AS people
          FROM energy_parts p JOIN told_cells g ON g.cell_id = p.told_cell AND p.day >= g.from_day AND p.day < g.to_day
          LEFT JOIN spare s ON s.cell_id = p.told_cell
          WHERE p.meters_read > 0 GROUP BY g."group", p.day)
        SELECT * FROM sums ANTI JOIN (SELECT * FROM told_figures WHERE is_shown) f USING ("group", day, mark_low, mark_high)
        """
    )
    connection.unregister("spare")
    days = "\"group\", day - DATE '1970-01-01' AS day, energy_kwh, mark_low, mark_high"
    now = frame_of(connection.execute(f"SELECT {days}, people FROM figures_now"))
    told = frame_of(
        connection.execute(
            f'SELECT {days}, telling FROM told_figures SEMI JOIN figures_now USING ("group", day)'
        )
    )
    connection.execute("DROP TABLE figures_now")
    return now, told


def save_figures(connection: Connection, shown: pd.DataFrame) -> None:
    """Show these tellings (group, day, telling, energy_kwh, mark_low, mark_high, is_new) of groups' days."""
    register(connection, "shown", shown)
    day = "DATE '1970-01-01' + s.day::INTEGER"
    connection.execute(
        f'UPDATE told_figures AS f SET is_shown = (f.telling = s.telling) FROM shown s WHERE f."group" = s."group" AND f.day = {day}'
    )
    connection.execute(
        f'INSERT INTO told_figures SELECT s."group", {day}, s.telling, s.energy_kwh, s.mark_low, s.mark_high, true'
        " FROM shown s WHERE s.is_new"
    )
    connection.unregister("shown")


def energy_a_day(connection: Connection, first: date, last: date, least: int) -> pd.DataFrame:
    """Mean energy in kWh of the days told within a span, each cell's part of its group's: cell_id, value."""
    return frame_of(
        connection.execute(
            """
            SELECT c.cell_id, avg(f.energy_kwh * c.customers / c.group_customers) AS value
            FROM told_figures f JOIN told_cells c ON c."group" = f."group" AND f.day >= c.from_day AND f.day < c.to_day
            WHERE f.is_shown AND f.day BETWEEN $first AND $last AND c.group_customers >= $least GROUP BY c.cell_id
            """,
            {"first": first, "last": last, "least": least},
        )
    )


def energy_days(connection: Connection, cell_id: int, least: int) -> pd.DataFrame:
    """A cell's part of the energy told of its group by day: day, energy_kwh."""
    return frame_of(
        connection.execute(
            """
            SELECT f.day, f.energy_kwh * c.customers / c.group_customers AS energy_kwh
            FROM told_cells c JOIN told_figures f ON c."group" = f."group" AND f.day >= c.from_day AND f.day < c.to_day
            WHERE c.cell_id = $cell AND f.is_shown AND c.group_customers >= $least ORDER BY f.day
            """,
            {"cell": cell_id, "least": least},
        )
    )


def facts_behind(connection: Connection, measure: str) -> pd.DataFrame:
    """Values of cells that stood behind a mean told of the measure: cell_id, behind."""
    return frame_of(
        connection.execute(
            "SELECT DISTINCT cell_id, behind FROM told_facts WHERE measure = ?", [measure]
        )
    )


def save_facts(connection: Connection, measure: str, means: pd.DataFrame) -> None:
    """Keep means (cell_id, behind, shown, customers) as told of the measure."""
    register(connection, "means", means)
    connection.execute(
        """
        INSERT INTO told_facts SELECT $measure, cell_id,
          (SELECT coalesce(max(telling), 0) + 1 FROM told_facts WHERE measure = $measure), behind, shown, customers FROM means
        """,
        {"measure": measure},
    )
    connection.unregister("means")


def facts_shown(
    connection: Connection, measure: str, values: pd.DataFrame, least: int
) -> pd.DataFrame:
    """The mean told for each cell that has a value (cell_id, value) now: cell_id, value.

    Of several the one that most cells' present values stood behind, of equals the last.
    """
    register(connection, "held", values[["cell_id", "value"]].dropna())
    found = frame_of(
        connection.execute(
            """
            WITH fitting AS (
              SELECT t.cell_id, t.telling, t.shown, t.customers,
                count(*) FILTER (t.behind = h.value) OVER (PARTITION BY t.telling, t.shown) AS fits
              FROM told_facts t JOIN held h USING (cell_id) WHERE t.measure = $measure),
            ranked AS (
              SELECT *, row_number() OVER (PARTITION BY cell_id ORDER BY fits DESC, telling DESC) AS place FROM fitting)
            SELECT cell_id, shown AS value FROM ranked WHERE place = 1 AND customers >= $least
            """,
            {"measure": measure, "least": least},
        )
    )
    connection.unregister("held")
    return found
