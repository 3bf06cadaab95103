"""The roles as data: which family each belongs to and what it permits."""

from functools import cache

from app.use_cases import reference

PERMISSIONS = (
    "see_today", "see_map", "see_reach", "see_customers", "see_names", "see_phones",
    "see_addresses",
    "see_account_numbers", "see_staff_contacts", "see_small_cells", "see_suspicion", "see_tracks",
    "see_credit", "see_reliability", "see_province", "see_outages", "see_promises",
    "report_faults", "run_outages", "see_orders", "do_orders", "dispatch_orders", "approve_work",
    "see_crews", "run_crews", "run_theft", "run_inspections", "review_readings", "see_halls",
    "tally_visits", "run_halls", "tell_visits", "tell_devices",
    "unmask", "export_data", "load_data", "load_areas", "bring_files", "see_plans", "draw_plans",
    "approve_plans", "publish_plans", "set_clock", "see_audit", "manage_users", "manage_store",
)  # fmt: skip
EVERYBODY = "signed_in"
"""What whoever has signed in may do, in any role: see the own account, read the dictionary."""


@cache
def permissions_by_role() -> dict[str, frozenset[str]]:
    """Permissions of every role, from `data/reference/roles.csv`; ValueError on an unknown one."""
    found = {}
    for row in reference.table("roles").to_dict("records"):
        permissions = frozenset(str(row["permissions"]).split())
        if strangers := permissions - set(PERMISSIONS):
            raise ValueError(f"unknown permissions of {row['role']}: {sorted(strangers)}")
        found[str(row["role"])] = permissions
    return found


@cache
def family_of(role: str) -> str:
    """The family a role belongs to: decide, support, execute, admin or machine."""
    rows = reference.table("roles").set_index("role")["family"]
    return str(rows[role])


def permits(role: str, permission: str) -> bool:
    """Whether the role has the permission; an unknown role has none."""
    held = permissions_by_role().get(role)
    return held is not None and (permission == EVERYBODY or permission in held)
