"""Values of a dispatch file, each checked where it stands: an error names the place."""

import math
from dataclasses import dataclass
from typing import Any, Final

from grid_cells.errors import FileRejected

_DAYS: Final = 14
LAST_MIN: Final = _DAYS * 1440
"""Minutes that a file may state: two weeks from the midnight it counts from."""


class NumberId(str):
    """An id that a file wrote as a number, so that it can be told as one again."""

    __slots__ = ()


@dataclass(frozen=True)
class Field:
    """A value and where it stands, such as `crews[3].shift[0]` of `day.json`."""

    file: str
    place: str
    value: Any

    def wrong(self, code: str, **values: Any) -> FileRejected:
        """The error about this value."""
        shown = str(self.value)
        shown = shown if len(shown) <= 60 else shown[:57] + "…"  # noqa: PLR2004 - one line of a terminal
        place = self.place or "JSON"
        return FileRejected(code, file=self.file, place=place, value=shown, **values)

    def has(self, key: str) -> bool:
        """Whether an object has the key, and not null there."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def get(self, key: str) -> "Field":
        """The value of an object's key; raises `dispatch_missing`, `dispatch_no_object`."""
        if not isinstance(self.value, dict):
            raise self.wrong("dispatch_no_object")
        place = f"{self.place}.{key}" if self.place else key
        if self.value.get(key) is None:
            raise FileRejected("dispatch_missing", file=self.file, place=place)
        return Field(self.file, place, self.value[key])

    def items(self) -> list["Field"]:
        """The values of a list; raises `dispatch_no_list`."""
        if not isinstance(self.value, list):
            raise self.wrong("dispatch_no_list")
        return [Field(self.file, f"{self.place}[{k}]", one) for k, one in enumerate(self.value)]

    def text(self) -> str:
        """An id or a word; a whole number is its digits (NumberId). Raises `dispatch_no_text`."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return NumberId(self.value)
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("dispatch_no_text")
        return self.value.strip()

    def texts(self) -> frozenset[str]:
        """A list of words."""
        return frozenset(one.text() for one in self.items())

    def whole(self, highest: int = LAST_MIN, lowest: int = 0) -> int:
        """A whole number; raises `dispatch_no_whole` (lowest, highest)."""
        value = self.value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
            raise self.wrong("dispatch_no_whole", lowest=lowest, highest=highest)
        if int(value) != value or not lowest <= value <= highest:
            raise self.wrong("dispatch_no_whole", lowest=lowest, highest=highest)
        return int(value)

    def rounded_up(self) -> int:
        """Minutes of which a part counts as a whole one; raises `dispatch_no_whole`."""
        value = self.value
        if isinstance(value, float) and 0 <= value <= LAST_MIN:
            return math.ceil(value)
        return self.whole()

    def place_of(self, places: int) -> int:
        """A row of the matrix; raises `dispatch_place_outside` (places)."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("dispatch_place_outside", places=places)
        if not 0 <= self.value < places:
            raise self.wrong("dispatch_place_outside", places=places)
        return self.value

    def window(self) -> tuple[int, int]:
        """Two minutes, the later one second; raises `dispatch_no_window`, `dispatch_reversed`."""
        ends = self.items()
        if len(ends) != 2:  # noqa: PLR2004 - a window has two ends
            raise self.wrong("dispatch_no_window")
        first, last = (end.whole() for end in ends)
        if last < first:
            raise self.wrong("dispatch_reversed")
        return first, last
