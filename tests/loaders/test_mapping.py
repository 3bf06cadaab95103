"""The --map file."""

import pytest

from grid_cells.errors import FileRejected
from loaders.contract import ColumnMap
from loaders.mapping import mapping_text, parse_mapping, read_mapping, write_mapping

FULL = """
timezone = "Asia/Shanghai"
[columns]
customer_no = "客户 \\"编号\\""
[values.prepaid]
"J" = "1"
"N" = false
[formats]
connected_on = "%d.%m.%Y"
[defaults]
position_source = "meter"
valid_from = 2026-01-01
[wide]
columns = '(?P<day>\\d{8})'
format = "%Y%m%d"
value = "energy_kwh"
"""


def test_every_part_of_a_mapping_is_read():
    assert parse_mapping(FULL) == ColumnMap(
        columns={"customer_no": '客户 "编号"'},
        values={"prepaid": {"J": "1", "N": "false"}},
        formats={"connected_on": "%d.%m.%Y"},
        defaults={"position_source": "meter", "valid_from": "2026-01-01"},
        timezone="Asia/Shanghai",
        wide={"columns": r"(?P<day>\d{8})", "format": "%Y%m%d", "value": "energy_kwh"},
    )


def test_a_mapping_written_reads_back_equal(tmp_path):
    target = tmp_path / "map.toml"
    write_mapping(parse_mapping(FULL), target)
    assert read_mapping(target) == parse_mapping(FULL)


def test_an_empty_mapping_is_an_empty_file():
    assert parse_mapping(mapping_text(ColumnMap())) == ColumnMap()


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("[columns", "Expected"),
        ('[colums]\na = "b"', "colums"),
        ('[columns]\nnot_ours = "b"', "not_ours"),
        ("[columns]\nname = 3", "columns.name"),
        ('columns = "x"', "columns"),
        ('[values]\nprepaid = "x"', "values.prepaid"),
        ('[wide]\ncolumns = "x"', "wide: value"),
        ('[wide]\ncolumns = "("\nvalue = "energy_kwh"', "wide:"),
        ('[wide]\ncolumns = "x"\nvalue = "energy_kwh"', "wide: (?P<day>…)"),
        ('[wide]\ncolumns = "(?P<tag>x)"\nvalue = "energy_kwh"', "tag"),
    ],
)
def test_a_mapping_that_cannot_be_understood_names_the_place(text, detail):
    with pytest.raises(FileRejected) as refused:
        parse_mapping(text, file="m.toml")
    assert refused.value.code == "mapping_invalid"
    assert refused.value.values["detail"].startswith(detail)


def test_a_mapping_with_an_unknown_zone_is_refused():
    with pytest.raises(FileRejected) as refused:
        parse_mapping('timezone = "Asia/Beijing2"')
    assert refused.value.code == "timezone_unknown"
