"""CSV and TSV: encodings, separators, quotes, torn rows."""

import gzip

import pytest

from grid_cells.errors import FileRejected
from loaders.contract import LoadOptions
from loaders.customers import load_customers

PLAIN = "户号,户名,用电地址\n0012,张三,临江路1号\n0013,李四,江北路2号\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_gives_the_same_customers(write, encoding):
    loaded = load_customers(write("c.csv", PLAIN.encode(encoding)), LoadOptions())
    assert loaded.frame["customer_no"].tolist() == ["0012", "0013"]
    assert loaded.frame["name"].tolist() == ["张三", "李四"]


def test_a_stated_encoding_is_obeyed(write):
    path = write("c.csv", "customer_no,name\n1,José\n".encode("latin-1"))
    assert load_customers(path, LoadOptions(encoding="latin-1")).frame["name"].tolist() == ["José"]


def test_a_stated_encoding_that_does_not_fit_is_refused(write):
    path = write("c.csv", PLAIN.encode("gbk"))
    with pytest.raises(FileRejected) as refused:
        load_customers(path, LoadOptions(encoding="utf-8"))
    assert refused.value.code == "encoding_wrong"


def test_an_unknown_encoding_name_is_refused(write):
    with pytest.raises(FileRejected) as refused:
        load_customers(write("c.csv", PLAIN), LoadOptions(encoding="klingon"))
    assert refused.value.code == "encoding_unknown"


def test_a_row_with_broken_bytes_is_rejected_and_the_others_load(write):
    rows = "".join(f"{i:04d},张三丰,人民中路三十五号\n" for i in range(200)).encode()
    broken = "户号,户名,用电地址\n".encode() + rows + b"9999,\xe5\xbc,x\n"
    loaded = load_customers(write("c.csv", broken), LoadOptions())
    assert len(loaded.frame) == 200
    problem = loaded.report.rejected.iloc[0]
    assert (problem["row"], problem["column"], problem["code"]) == (202, "户名", "bad_bytes")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(write, separator):
    text = PLAIN.replace(",", separator)
    assert load_customers(write("c.txt", text), LoadOptions()).report.matched == {
        "customer_no": "户号",
        "name": "户名",
        "address": "用电地址",
    }


def test_commas_inside_quotes_do_not_make_a_separator(write):
    text = 'customer_no;address\n1;"a, b, c"\n2;"d, e, f"\n'
    assert load_customers(write("c.csv", text), LoadOptions()).frame["address"].tolist() == [
        "a, b, c",
        "d, e, f",
    ]


def test_a_quoted_field_may_hold_lines_quotes_and_separators(write):
    text = 'customer_no,address\n01,"first\nsecond, ""x"""\n02,b\n'
    loaded = load_customers(write("c.csv", text), LoadOptions())
    assert loaded.frame["address"].tolist() == ['first\nsecond, "x"', "b"]
    assert loaded.frame["row_no"].tolist() == [2, 3]


def test_torn_rows_are_rejected_and_never_shift_row_numbers(write):
    text = "customer_no,name,address\n1,a,x\n2,b\n3,c,z\n\n4,d,x,surplus\n5,e,y\n"
    loaded = load_customers(write("c.csv", text), LoadOptions())
    assert loaded.frame["row_no"].tolist() == [2, 4, 7]
    assert loaded.report.rejected[["row", "code", "value"]].to_numpy().tolist() == [
        [3, "torn_row", "2,b"],
        [6, "torn_row", "4,d,x,surplus"],
    ]
    assert loaded.report.rows == 5
    originals = loaded.report.rejected_rows
    assert originals.loc[("c.csv", 6), "_surplus"] == "surplus"
    assert originals.loc[("c.csv", 3), "name"] == "b"


def test_an_unclosed_quote_costs_one_row_not_the_rest_of_the_file(write):
    text = 'customer_no,name,address\n1,a,x\n2,"b,y\n3,c,z\n4,"d\nd",w\n5,e\n6,f,v\n'
    loaded = load_customers(write("c.csv", text), LoadOptions())
    assert loaded.frame["customer_no"].tolist() == ["1", "3", "4", "6"]
    assert loaded.frame["row_no"].tolist() == [2, 4, 5, 7]
    assert loaded.report.rejected[["row", "code"]].to_numpy().tolist() == [
        [3, "unclosed_quote"],
        [6, "torn_row"],
    ]


def test_a_quote_inside_a_plain_field_is_a_character(write):
    text = 'customer_no,address\n1,5" pipe\n2,b\n'
    loaded = load_customers(write("c.csv", text), LoadOptions())
    assert loaded.frame["address"].tolist() == ['5" pipe', "b"]


def test_line_ends_of_any_system_are_read(write):
    for end in ("\n", "\r\n", "\r"):
        loaded = load_customers(write("c.csv", PLAIN.replace("\n", end)), LoadOptions())
        assert loaded.frame["customer_no"].tolist() == ["0012", "0013"]


def test_a_packed_csv_is_read(write):
    path = write("c.csv.gz", gzip.compress(PLAIN.encode()))
    assert len(load_customers(path, LoadOptions()).frame) == 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("c.csv", b"", "file_empty"),
        ("c.csv", b"\n\n", "file_empty"),
        ("c.csv", "户号,户名\n".encode(), "file_without_rows"),
        ("c.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "format_old_excel"),
        ("c.docx", b"PK", "format_unknown"),
        ("c.csv.gz", b"not packed", "file_unreadable"),
        ("c.parquet", b"PAR1", "file_unreadable"),
        ("c.xlsx", b"PK\x03\x04", "file_unreadable"),
        ("c.zip", b"PK\x03\x04", "file_unreadable"),
        ("c.gpkg", b"SQLite", "file_unreadable"),
        ("c.json", b"{", "file_unreadable"),
        ("c.json", b"3", "file_unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(write, name, content, code):
    with pytest.raises(FileRejected) as refused:
        load_customers(write(name, content), LoadOptions())
    assert refused.value.code == code
    assert refused.value.values["file"] == name


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(FileRejected) as refused:
        load_customers(tmp_path / "none.csv", LoadOptions())
    assert refused.value.code == "file_missing"


def test_repeated_and_empty_headings_stay_apart(write):
    loaded = load_customers(write("c.csv", "customer_no,备注,备注,\n1,a,b,c\n"), LoadOptions())
    assert loaded.report.unmatched == ("备注", "备注 (3)", "column 4")
