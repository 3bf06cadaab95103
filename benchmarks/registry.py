"""Which benchmarks there are, and the command that runs each."""

import ast
import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TABLE = HERE / "benchmarks.toml"
REAL = "GRIDCELLS_REAL_DATA"
LIMIT_S, QUICK_LIMIT_S = 1800.0, 300.0
"""A quick run should end within 60 s on a quiet machine; a busy one is given five times that."""


@dataclass(frozen=True)
class Benchmark:
    """One way to run a module: more words, and the input it needs below a variable's folder."""

    name: str
    script: str = ""
    words: Sequence[str] = ()
    quick: Sequence[str] | None = None
    input: str | None = None
    variable: str = REAL
    limit_s: float = LIMIT_S

    def path(self, folder: Path = HERE) -> Path:
        return folder / f"{self.script or self.name}.py"

    def lacks(self, environment: Mapping[str, str] = os.environ) -> str | None:
        """What must be set before it can run, None when nothing is amiss."""
        if self.input is None:
            return None
        given = environment.get(self.variable)
        if not given:
            below = f" (it holds {self.input})" if self.input else ""
            return f"set {self.variable}{below}"
        file = Path(given) / self.input if self.input else Path(given)
        return None if file.exists() else f"set {self.variable}: {self.input or given} isn't there"

    def command(
        self, *, quick: bool, seed: int | None, environment: Mapping[str, str] = os.environ
    ) -> list[str]:
        """The words that run it; `seed` stands in the place of the one it is meant to have."""
        words = [sys.executable, str(self.path()), "--json"]
        words += self.quick if quick and self.quick is not None else self.words
        words += ["--quick"] if quick else []
        words += [] if seed is None else ["--seed", str(seed)]
        if self.input is not None:
            words += ["--input", str(Path(environment[self.variable]) / self.input)]
        return words


def benchmarks(folder: Path = HERE, table: Path | None = TABLE) -> list[Benchmark]:
    """All of them in the order of their names: those of the table, and modules it doesn't name."""
    told = tomllib.loads(table.read_text(encoding="utf-8")) if table else {}
    named = [Benchmark(name, **_fields(entry)) for name, entry in told.items()]
    scripts = {one.script or one.name for one in named}
    there = [path.stem for path in sorted(folder.glob("*.py")) if _is_benchmark(path)]
    own = [Benchmark(name) for name in there if name not in scripts]
    return sorted((one for one in named + own), key=lambda one: one.name)


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _is_benchmark(path: Path) -> bool:
    """Whether the module takes its arguments as benchmarks do and can be run."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "comparison"
        for alias in node.names
    }
    return {"arguments", "show"} <= imported
