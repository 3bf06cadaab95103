"""What counts as an outage in force, for every question that asks."""

OPEN_AT = """
started_at <= $at AND (restored_at IS NULL OR restored_at > $at)
AND coalesce(status, 'in_force') NOT IN ('cancelled', 'proposed')
AND NOT (status = 'ended' AND restored_at IS NULL)
"""
"""Begun and not restored at the moment `$at`; ended without a known moment counts as over."""
