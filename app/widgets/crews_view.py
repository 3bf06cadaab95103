"""Which part of the page of crews is open."""

from typing import Final

from app.widgets.page_parts import PageParts

PAGE: Final = "crews"
PARTS: Final = PageParts(PAGE, "crews_view", ("positions", "attendance", "coverage"))
