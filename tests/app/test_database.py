"""The store's one handle: migrations, transactions, the lock, comments."""

import os
import stat

import duckdb
import pytest

from app.store import migrations
from app.store.database import Database
from grid_cells.errors import UserError


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    with Database(tmp_path / "a.duckdb") as db:

        def half(connection):
            connection.execute("INSERT INTO meta VALUES ('first', '1')")
            raise ValueError("stop")

        with pytest.raises(ValueError, match="stop"):
            db.write(half)
        assert db.query("SELECT * FROM meta WHERE name = 'first'").empty
        db.write(lambda c: c.execute("INSERT INTO meta VALUES ('second', '2')"))
        assert len(db.query("SELECT * FROM meta WHERE name = 'second'")) == 1


def test_migrations_run_once_and_a_newer_database_is_refused(tmp_path):
    path = tmp_path / "a.duckdb"
    Database(path).close()
    with Database(path) as db:
        numbers = db.query("SELECT number FROM migrations ORDER BY number")["number"].tolist()
        assert numbers == list(range(1, len(migrations.known_migrations()) + 1))
    with duckdb.connect(str(path)) as raw:
        raw.execute("INSERT INTO migrations VALUES (9999, 'from the future', now())")
    with pytest.raises(UserError) as caught:
        Database(path)
    assert caught.value.code == "store_too_new"
    assert caught.value.values["reached"] == 9999


def test_columns_carry_their_meaning_from_the_vocabulary(tmp_path):
    with Database(tmp_path / "a.duckdb") as db:
        found = db.query(
            "SELECT comment FROM duckdb_columns()"
            " WHERE table_name = 'customers' AND column_name = 'customer_no'"
        )
    assert found["comment"].iloc[0] == "Customer number · 户号"


def test_cells_with_gaps_keep_all_their_bits(tmp_path):
    cell = 0x8940A56A2A7FFFF
    with Database(tmp_path / "a.duckdb") as db:
        frame = db.query(f"SELECT * FROM (VALUES ({cell}::BIGINT), (NULL)) v(cell_id)")
    assert frame["cell_id"].dropna().tolist() == [cell]


def test_a_write_inside_a_write_is_a_programmers_error(tmp_path):
    with (
        Database(tmp_path / "a.duckdb") as db,
        pytest.raises(RuntimeError, match="wait for itself"),
    ):
        db.write(lambda _c: db.write(lambda c: c))


def modes(folder):
    return {
        file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir() if file.is_file()
    }


def test_only_the_owner_reads_a_database_its_log_of_writes_and_what_lies_beside(tmp_path):
    held = os.umask(0o022)
    try:
        with Database(tmp_path / "a.duckdb") as db:
            for n in range(3):
                db.write(lambda c, n=n: c.execute("INSERT INTO meta VALUES (?, '1')", [f"n{n}"]))
                assert set(modes(tmp_path).values()) == {0o600}
                assert {"a.duckdb", "a.duckdb.wal"} <= set(modes(tmp_path))
                db.cursor().execute("CHECKPOINT")  # the log of writes is begun anew after it
            assert stat.S_IMODE((tmp_path / ".a.duckdb.spill").stat().st_mode) == 0o700
            (tmp_path / "other").touch()
            assert modes(tmp_path)["other"] == 0o644
        assert not (tmp_path / ".a.duckdb.spill").exists()
    finally:
        os.umask(held)


def test_a_database_that_others_could_read_is_tightened_when_it_is_opened(tmp_path):
    Database(tmp_path / "a.duckdb").close()
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    with Database(tmp_path / "a.duckdb"):
        assert set(modes(tmp_path).values()) == {0o600}


def test_no_column_takes_its_default_from_a_sequence():
    """DuckDB cannot read such a table back from its log of writes: a killed process stays shut."""
    files = migrations.known_migrations()
    texts = {path.name: path.read_text(encoding="utf-8").lower() for path in files}
    assert [name for name, text in texts.items() if "default nextval" in text] == []
