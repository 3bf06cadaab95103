"""The tools of the redraw page that divide and merge cells by number."""

from typing import Any

from app.store.database import Database
from app.use_cases import drafts
from tests.pages.test_pages import written
from tests.pages.test_redraw import PLANNER, opened


def test_dense_cells_are_counted_divided_and_brought_back(
    served: Database, open_page: Any, as_user: Any
) -> None:
    plan = drafts.begin(served, PLANNER, "July", basis="cell")
    page = opened(open_page, as_user, "planner", lang="en", plan=str(plan))
    assert "0 cells would become 0." in written(page)
    assert page.button(key="cells_divide").disabled
    page.number_input(key=f"cells_over_{plan}").set_value(3).run()
    assert "61 cells would become 427." in written(page)
    page.button(key="cells_divide").click().run()
    assert not page.exception
    assert len(drafts.cells(served, PLANNER, plan)) == 427


def test_a_plan_by_transformers_offers_no_sizes(
    served: Database, open_page: Any, as_user: Any
) -> None:
    plan = drafts.begin(served, PLANNER, "July", basis="transformer")
    page = opened(open_page, as_user, "planner", lang="en", plan=str(plan))
    assert "Size of cells" not in written(page)
