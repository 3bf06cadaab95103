"""What a command says: results on stdout, progress and errors on stderr."""

import json
import locale
import os
from typing import Any, TextIO

from app.language import say
from grid_cells.errors import UserError

WIDTH = 30


def language() -> str:
    """Zh where the terminal's locale is Chinese, else en."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith("zh") else "en"


class Terminal:
    """Two streams and a choice: one JSON object alone on stdout, or lines for people."""

    def __init__(self, out: TextIO, err: TextIO, *, as_json: bool) -> None:
        self.out, self.err, self.as_json = out, err, as_json
        self._shown = -1

    def progress(self, label: str, done: float) -> None:
        """Draw the bar again when a whole percent has passed."""
        percent = round(100 * min(max(done, 0.0), 1.0))
        if percent == self._shown:
            return
        self._shown = percent
        bar = ("#" * round(WIDTH * percent / 100)).ljust(WIDTH, ".")
        end = "\n" if percent == 100 else ""  # noqa: PLR2004
        self.err.write(f"\r{label} [{bar}] {percent:3d} %{end}")
        self.err.flush()

    def result(self, answer: dict[str, Any]) -> None:
        """The answer: one JSON object, or a line for each key."""
        if self.as_json:
            self.out.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
        else:
            for name, value in answer.items():
                self.out.write(f"{name}: {'–' if value is None else value}\n")
        self.out.flush()

    def note(self, code: str, **values: Any) -> None:
        """A sentence for people, on stderr."""
        self._end_bar()
        self.err.write(say(code, language(), **values) + "\n")
        self.err.flush()

    def fail(self, error: UserError) -> None:
        """One line that says what happened and what to do."""
        self.note(error.code, **error.values)

    def _end_bar(self) -> None:
        if 0 <= self._shown < 100:  # noqa: PLR2004
            self.err.write("\n")
        self._shown = -1
