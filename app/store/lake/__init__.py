"""Jobs on a lake of Parquet files: one SQL text each, the same for every engine."""

from importlib import resources


def text(name: str, **values: object) -> str:
    """The job's SQL in DuckDB's dialect, with what it leaves open filled in."""
    told = (resources.files(__name__) / f"{name}.sql").read_text(encoding="utf-8")
    return told.format(**values) if values else told
