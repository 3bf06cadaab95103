"""What is told of people to those who must not see single households, brought up to date."""

from app.store import cells, meta
from app.store import privacy as privacy_store
from app.store import told as store
from app.store.database import Connection
from app.use_cases import measures, privacy, small_cells
from grid_cells import told as rules
from grid_cells.small_cells import partition

_GROUPS = "told:groups"


def hold_places(connection: Connection) -> None:
    """Let customers and cells count where they do now, from the first day not told of yet.

    Days told of keep the places and the grouping by which they were told. Cells nobody knew on
    these days are grouped among themselves.
    """
    small_cells.hold_areas(connection)
    state = f"{small_cells.held_by(connection)}|{privacy.limit(connection, 'small_cell')}"
    if meta.read_value(connection, _GROUPS) == state:
        return
    least, begin = privacy.limit(connection, "small_cell"), store.first_open_day(connection)
    lived = privacy_store.cells_to_group(connection)
    unknown = lived[~lived["cell_id"].isin(store.cells_known(connection)["cell_id"])]
    if begin > store.BEGIN and len(unknown):
        among = rules.name_groups(partition(unknown, least))
        store.add_cells(connection, among, store.BEGIN, begin)
    store.hold_cells(connection, rules.name_groups(partition(lived, least)), begin)
    store.hold_homes(connection, begin, rules.SLOTS)
    meta.set_value(connection, _GROUPS, state)


def tell_energy(connection: Connection) -> None:
    """Tell the energy of groups of the days whose readings were just summed, where that may be."""
    now, before = store.figures_now(connection, privacy_store.cells_to_group(connection))
    shown = rules.tell_days(now, before, privacy.limit(connection, "small_cell"))
    store.save_figures(connection, shown)


def tell_facts(connection: Connection) -> None:
    """Tell the loaded figures about people, where that may be."""
    small_cells.hold_areas(connection)
    least = privacy.limit(connection, "small_cell")
    groups = partition(privacy_store.cells_to_group(connection), least)
    for measure in cells.fact_measures(connection)["measure"]:
        if not measures.is_about_people(f"{measures.FACT}{measure}"):
            continue
        before = store.facts_behind(connection, measure)
        means = rules.tell_means(cells.fact(connection, measure), groups, before, least)
        store.save_facts(connection, measure, means)
