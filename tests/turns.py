"""Who runs which tests: a module's stay together, and the browser's take turns in one worker.

xdist's own groups are lost with this pytest: they were suffixes of node ids, which are now fixed.
"""

from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling

BROWSER: Final = ("tests/browser/", "in_browser.py")
"""Parts of the paths of tests that drive a browser."""
LONG: Final = (
    "tests/app/test_access_crawl.py", "tests/app/test_access_table.py",
    "tests/app/test_work_orders.py", "tests/pages/test_pages.py", "tests/app/test_promises.py",
    "tests/grid_cells/sample_city/test_city.py", "tests/pages/test_people.py",
)  # fmt: skip
"""Modules that take longest: begun early, so that no worker ends alone."""


class Turns(LoadScopeScheduling):
    """Modules in the order of the collection, the browser's as one piece."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "browser" if any(part in path for part in BROWSER) else path


def early(item: pytest.Item) -> int:
    """Place of a test among those that begin first: the browser's, the long modules, the rest."""
    path = item.nodeid.split("::", 1)[0]
    if any(part in path for part in BROWSER):
        return 0
    return 1 if path in LONG else 2
