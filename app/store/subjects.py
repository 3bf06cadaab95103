"""Whether what a person names exists at all, so that the audit keeps ids and nobody's free text."""

from typing import Final

from app.store.database import Connection

UNKNOWN: Final = "unknown"
"""What stands for an id that is nobody's: it may be anything that somebody typed."""

_QUESTIONS: Final = {
    "unit": "SELECT 1 FROM org_units WHERE unit_id = $id",
    "area": "SELECT 1 FROM service_areas WHERE area_id = $id",
    "transformer": "SELECT 1 FROM transformers WHERE transformer_id = $id",
    "device": "SELECT 1 FROM hall_devices WHERE device_id = $id",
    "hall": "SELECT 1 FROM halls WHERE hall_id = $id",
    "bank": "SELECT 1 FROM banks WHERE bank_id = $id",
    "crew": "SELECT 1 FROM crews WHERE crew_id = $id",
    "report": "SELECT 1 FROM fault_reports WHERE report_id = $id",
    "order": "SELECT 1 FROM work_orders WHERE order_id = $id",
    "user": "SELECT 1 FROM users WHERE user_id = $id",
    "outage": "SELECT 1 FROM outages WHERE outage_id = $id",
    "cell": """
        SELECT 1 FROM cell_areas WHERE to_hex(cell_id) = lower($id)
        UNION ALL SELECT 1 FROM customers WHERE to_hex(cell_id) = lower($id)""",
}
_OURS: Final = frozenset({"customer", "measure", "plan"})
"""Kinds whose ids no caller writes: references made here, codes looked up, numbers."""


def as_known(connection: Connection, about: str) -> str:
    """The subject (kind:id) as the audit may keep it: `kind:unknown` where nothing has that id."""
    kind, colon, identity = about.partition(":")
    if not colon or kind in _OURS:
        return about
    question = _QUESTIONS.get(kind)
    if question is None:
        return f"{UNKNOWN}:{UNKNOWN}"
    found = connection.execute(f"SELECT * FROM ({question}) LIMIT 1", {"id": identity}).fetchone()
    return about if found is not None else f"{kind}:{UNKNOWN}"
