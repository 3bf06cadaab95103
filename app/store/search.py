"""Finding named things by a piece of text."""

import pandas as pd

from app.store.database import Database
from app.store.places import IN_FORCE


def things(db: Database, text: str, limit: int) -> pd.DataFrame:
    """Halls, banks, crews and transformers by id or name: kind, id, name, lon, lat, cell_id."""
    return db.query(
        f"""
        SELECT kind, id, name, lon, lat, coalesce(cell_id, 0) AS cell_id FROM (
          SELECT 'hall' AS kind, hall_id AS id, name, lon, lat, cell_id FROM halls
          UNION ALL SELECT 'bank', bank_id, name, lon, lat, cell_id FROM banks WHERE {IN_FORCE}
          UNION ALL SELECT 'crew', crew_id, name, lon, lat, cell_id FROM crews
          UNION ALL SELECT DISTINCT 'transformer', transformer_id, name, lon, lat, cell_id FROM transformers
        ) WHERE lower(id) = lower($text) OR (length($text) >= 2 AND contains(lower(name), lower($text)))
        ORDER BY lower(id) <> lower($text), kind, id LIMIT $limit
        """,
        {"text": text, "limit": limit},
    )
