"""The one table of pages: the menu, the addresses and the permissions are read from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
    Entry("customers", "pages/customers.py", "look", ":material/person_search:", "see_customers"),
    Entry("data", "pages/data.py", "data", ":material/upload_file:", "load_data"),
    Entry(
        "dictionary", "pages/dictionary.py", "data", ":material/menu_book:", "see_map", in_bar=False
    ),
)

FIRST: Final = ENTRIES[0]


def entry(code: str) -> Entry:
    """The page of that code; KeyError when the table has none."""
    return {one.code: one for one in ENTRIES}[code]
