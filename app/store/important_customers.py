"""Which important customers are without power on their own feeder."""

from datetime import datetime
from typing import Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outages import DARK_AT, OUT_AT

_DARK: Final = f"""
{OUT_AT}
SELECT c.customer_no, c.second_feeder_id, c.own_generator, coalesce(c.cell_id, 0) AS cell_id,
  arg_min(d.outage_id, d.out_at) AS outage_id, min(d.out_at) AS out_at
FROM dark d JOIN customers c USING (customer_no) WHERE c.importance_code IS NOT NULL AND {DARK_AT}
GROUP BY ALL
"""


def dark_at(connection: Connection, at: datetime) -> pd.DataFrame:
    """Important customers whose own line is out: customer_no, second_feeder_id, own_generator, cell_id, outage_id, out_at."""
    return frame_of(connection.execute(_DARK, {"known": at}))
