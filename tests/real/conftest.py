"""Real files of other people, read where they lie and never copied here."""

import os
from pathlib import Path

import pytest

VARIABLE = "GRIDCELLS_REAL_DATA"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the data one test stands for all of them, skipped with the reason."""
    if os.environ.get(VARIABLE):
        return
    real = [item for item in items if item.get_closest_marker("real")]
    for item in real[:1]:
        reason = f"{len(real)} tests on real data: set {VARIABLE} to its folder to run them"
        item.add_marker(pytest.mark.skip(reason=reason))
    config.hook.pytest_deselected(items=real[1:])
    items[:] = [item for item in items if item not in real[1:]]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data."""
    folder = Path(os.environ[VARIABLE]).resolve()
    assert folder.is_dir(), f"{VARIABLE} names no folder: {folder}"
    return folder
