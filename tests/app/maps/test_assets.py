"""Making the browser files: once, and again only when the recipe changes."""

import shutil
from pathlib import Path

import pytest

from app import assets


@pytest.fixture
def static(tmp_path: Path) -> Path:
    for name in (*assets.RECIPE, ".npmrc"):
        shutil.copy(assets.STATIC / name, tmp_path / name)
    return tmp_path


def put_package(work: Path) -> None:
    (work / "node_modules" / "thing" / "dist").mkdir(parents=True)
    (work / "node_modules" / "thing" / "dist" / "thing.js").write_text("1")
    (work / "node_modules" / "thing" / "README").write_text("2")


def recipe(static: Path, pattern: str) -> None:
    (static / "assets.toml").write_text(f'[links]\n[files]\n"thing" = ["{pattern}"]\n')


def test_only_named_files_are_kept_and_the_second_time_does_nothing(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "_install", put_package)
    recipe(static, "dist/*.js")
    vendor = static / "vendor"
    assert assets.build(static, vendor)
    kept = {str(file.relative_to(vendor)) for file in vendor.rglob("*") if file.is_file()}
    assert kept == {"thing/dist/thing.js", ".stamp"}
    assert not assets.build(static, vendor)
    recipe(static, "README")
    assert assets.build(static, vendor)
    assert not (vendor / "thing" / "dist").exists()


def test_a_named_file_that_no_package_has_leaves_the_old_files(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "_install", put_package)
    vendor = static / "vendor"
    recipe(static, "README")
    assets.build(static, vendor)
    recipe(static, "dist/gone.js")
    with pytest.raises(RuntimeError, match=r"thing/dist/gone\.js"):
        assets.build(static, vendor)
    assert (vendor / "thing" / "README").exists()


def test_a_failing_npm_says_why(static: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "_npms", lambda: iter([["sh", "-c", "echo no wire >&2; exit 1"]]))
    with pytest.raises(RuntimeError, match="no wire"):
        assets.build(static, static / "vendor")
