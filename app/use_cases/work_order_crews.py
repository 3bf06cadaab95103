"""Which crews could do an order: on shift, able, by the minutes of their way."""

from datetime import timedelta

import pandas as pd

from app.store import places
from app.store import work_orders as store
from app.store.database import Database
from app.use_cases import promise_crews, promises, work_order_sight
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from grid_cells import order_crews, work_orders


@needs("see_orders")
def who_could(db: Database, actor: Actor, order_id: str) -> pd.DataFrame:
    """Crews in sight on shift that have the order's skills, the best first.

    crew_id, name, travel_min (NaN: the way is not known), busy_since (NaT: free), spare_min,
    is_in_time. Raises as `work_order_sight.seen`.
    """
    now = promises.moment(db)
    seen = work_order_sight.seen(db, actor, order_id, now, asked="work_order_crews.who_could")
    order = store.one(seen, order_id, now) or {}
    crews = promise_crews.on_shift(db, now)
    fits = [work_orders.is_able(one, order.get("skills")) for one in crews["skills"]]
    crews = crews[fits]
    minutes = promise_crews.minutes_from_bases(db, now).reindex([order.get("cell_id") or 0])
    found = crews.assign(travel_min=minutes.iloc[0].reindex(crews.index).astype("float64"))
    held = store.busy(db.whole.read(), now).set_index("crew_id")["busy_since"]
    since = pd.to_datetime(held.reindex(crews.index), utc=True)
    found = found.assign(busy_since=since).rename_axis("crew_id").reset_index()
    return order_crews.ranked(found, timedelta(days=1).total_seconds() / 60)


@needs("see_orders")
def names(db: Database, actor: Actor) -> dict[str, str]:  # noqa: ARG001
    """Every crew in sight with its name, by crew_id."""
    rows = places.listing(db, "crew")
    pairs = zip(rows["crew_id"], rows["name"], strict=True)
    return {str(crew): str(name) for crew, name in pairs}
