"""Classes of faults in two levels, as a company's table has them, and the words that mean them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class FaultClasses:
    """The table: code, parent_code (empty: first level), needs_crew (0/1), words separated by ;."""

    table: pd.DataFrame

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code, each parent before its children, in the table's order."""
        return tuple(self.table["code"].astype("str"))

    @cached_property
    def roots(self) -> dict[str, str]:
        """The first level of each code; its own where it is one."""
        parents = self.table["parent_code"].where(
            self.table["parent_code"].notna(), self.table["code"]
        )
        return dict(zip(self.codes, parents.astype("str"), strict=True))

    @cached_property
    def crews(self) -> dict[str, bool]:
        """Whether a class is a matter for a crew."""
        return dict(zip(self.codes, self.table["needs_crew"].astype(bool), strict=True))

    @cached_property
    def _meanings(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for code, words in zip(self.codes, self.table["words"].fillna(""), strict=True):
            for word in (code, *str(words).split(";")):
                found.setdefault(_plain(word), code)
        return found

    def code_of(self, word: str) -> str | None:
        """The code that a word in either language means, None where none does."""
        return self._meanings.get(_plain(word))

    def below(self, root: str) -> Sequence[str]:
        """The second level under a code of the first."""
        return [code for code in self.codes if self.roots[code] == root != code]

    def first_word(self, code: str) -> str:
        """The table's own first word for a code: what stands where a catalogue knows none."""
        words = self.table.set_index("code")["words"].get(code)
        return words.partition(";")[0] if isinstance(words, str) and words else code


def _plain(word: str) -> str:
    """A word as a careless writer may spell it."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(sign for sign in folded if sign not in " _-·/")
