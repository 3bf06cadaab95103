"""The one table of pages: the menu, the addresses and the permissions are read from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.use_cases import roles
from app.use_cases.roles import EVERYBODY

PROJECT: Final = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Entry:
    """One page: its code is its address and the key of its title in the catalogues."""

    code: str
    file: str
    group: str
    icon: str
    permission: str
    in_bar: bool = True

    @property
    def path(self) -> Path:
        """Where the page's script lies."""
        return PROJECT / self.file


ENTRIES: Final = (
    Entry("today", "pages/today.py", "look", ":material/today:", "see_today"),
    Entry("service_map", "pages/service_map.py", "look", ":material/hive:", "see_map"),
    Entry("outages", "pages/outages.py", "look", ":material/bolt:", "see_outages"),
    Entry("promises", "pages/promises.py", "look", ":material/timer:", "see_promises"),
    Entry(
        "reliability", "pages/reliability.py", "look", ":material/monitoring:", "see_reliability"
    ),
    Entry("customers", "pages/customers.py", "serve", ":material/person_search:", "see_customers"),
    Entry("halls", "pages/halls.py", "serve", ":material/storefront:", "see_halls"),
    Entry("reach", "pages/reach.py", "serve", ":material/directions_walk:", "see_reach"),
    Entry("province", "pages/province.py", "meter", ":material/public:", "see_province"),
    Entry(
        "theft_hotspots",
        "pages/theft_hotspots.py",
        "meter",
        ":material/troubleshoot:",
        "see_suspicion",
    ),
    Entry("data_quality", "pages/data_quality.py", "meter", ":material/rule:", "review_readings"),
    Entry("redraw", "pages/redraw.py", "plan", ":material/brush:", "see_plans"),
    Entry("plan_inbox", "pages/plan_inbox.py", "plan", ":material/inbox:", "see_plans"),
    Entry("compare", "pages/compare.py", "plan", ":material/compare:", "see_plans", in_bar=False),
    Entry("crews", "pages/crews.py", "do", ":material/airport_shuttle:", "see_crews"),
    Entry("dispatch", "pages/dispatch.py", "do", ":material/alt_route:", "dispatch_orders"),
    Entry("my_area", "pages/my_area.py", "do", ":material/location_on:", "do_orders"),
    Entry("orders", "pages/orders.py", "do", ":material/assignment:", "see_orders"),
    Entry("fault_intake", "pages/fault_intake.py", "do", ":material/call:", "report_faults"),
    Entry("data", "pages/data.py", "admin", ":material/upload_file:", "bring_files"),
    Entry(
        "dictionary",
        "pages/dictionary.py",
        "admin",
        ":material/menu_book:",
        EVERYBODY,
        in_bar=False,
    ),
    Entry("users", "pages/users.py", "admin", ":material/group:", "manage_users"),
    Entry("audit", "pages/audit.py", "admin", ":material/fact_check:", "see_audit"),
    Entry(
        "account", "pages/account.py", "own", ":material/account_circle:", EVERYBODY, in_bar=False
    ),
)


def entry(code: str) -> Entry:
    """The page of that code; KeyError when the table has none."""
    return {one.code: one for one in ENTRIES}[code]


def open_to(role: str) -> tuple[Entry, ...]:
    """The pages that the role may use, in the order of the menu."""
    return tuple(one for one in ENTRIES if roles.permits(role, one.permission))


def first_of(role: str) -> Entry:
    """Where the role lands: its first page in the bar, else its own account."""
    return next((one for one in open_to(role) if one.in_bar), entry("account"))
