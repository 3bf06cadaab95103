"""Questions about customers by a plan's own cells, finer or coarser than the store's."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.store.database import Connection, frame_of, register


def by_cell(connection: Connection) -> pd.DataFrame:
    """Customers of each of the store's cells: cell_id, customers."""
    return frame_of(
        connection.execute(
            "SELECT cell_id, count(*) AS customers FROM customers WHERE cell_id IS NOT NULL GROUP BY cell_id ORDER BY cell_id"
        )
    )


def people_in(connection: Connection, cells: NDArray[np.int64]) -> pd.DataFrame:
    """Customers of these cells of the store with their places: customer_no, cell_id, lon, lat."""
    register(connection, "wanted_cells", pd.DataFrame({"cell_id": cells}))
    found = frame_of(
        connection.execute(
            "SELECT customer_no, cell_id, lon, lat FROM customers SEMI JOIN wanted_cells USING (cell_id)"
            " ORDER BY cell_id, customer_no"
        )
    )
    connection.unregister("wanted_cells")
    return found
