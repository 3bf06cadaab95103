"""Who must be told of an outage, counted in the store."""

from datetime import date, datetime

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outages import who_is_out


def contacts(
    connection: Connection, outage_id: str, at: datetime, *, since: date, until: date
) -> pd.DataFrame:
    """How many of everybody in it have which channel and mark, and a contact confirmed between two days.

    own (channel, may be missing), life_support, is_confirmed, customers. Nobody's contact is read.
    """
    return frame_of(
        connection.execute(
            f"{who_is_out('SELECT * FROM outages WHERE outage_id = $id')}"
            " SELECT c.notice_channel AS own, coalesce(c.life_support, false) AS life_support,"
            " coalesce(c.contact_confirmed_on BETWEEN $since AND $until, false) AS is_confirmed, count(*) AS customers"
            " FROM fed JOIN customers c USING (customer_no) GROUP BY ALL ORDER BY ALL",
            {"id": outage_id, "known": at, "since": since, "until": until},
        )
    )
