"""Print the sizes of functions, pages and modules; fail on one that is far too long."""

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("grid_cells", "loaders", "app", "pages")
PAGE_LIMIT, MODULE_LIMIT = 80, 400


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions_of(path: Path) -> list[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (n.end_lineno or n.lineno) - n.lineno + 1 for n in ast.walk(tree) if isinstance(n, kinds)
    ]


def report(name: str, sizes: list[int]) -> None:
    ordered = sorted(sizes) or [0]
    p90 = ordered[int(0.9 * (len(ordered) - 1))]
    median = statistics.median(ordered)
    sys.stdout.write(f"{name}: {len(sizes)}, median {median:g}, p90 {p90}, largest {ordered[-1]}\n")


def main() -> int:
    modules = [p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py"))]
    pages = [p for p in modules if p.parts[len(ROOT.parts)] == "pages" and p.name != "__init__.py"]
    report("functions (lines)", [size for p in modules for size in functions_of(p)])
    report("modules (lines)", [lines_of(p) for p in modules])
    report("pages (lines)", [lines_of(p) for p in pages])
    too_long = [p for p in modules if lines_of(p) > MODULE_LIMIT]
    too_long += [p for p in pages if lines_of(p) > PAGE_LIMIT]
    for path in too_long:
        sys.stdout.write(f"too long: {path.relative_to(ROOT)} has {lines_of(path)} lines\n")
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
