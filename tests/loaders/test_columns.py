"""Which of the file's columns is which of ours."""

import pytest

from grid_cells.errors import FileRejected
from grid_cells.vocabulary import COLUMNS, KIND_ALIASES, KINDS
from loaders.areas import load_areas
from loaders.columns import match_columns, plain_heading
from loaders.contract import ColumnMap, LoadOptions
from loaders.customers import load_customers


def _match(headings, kind="customers", wanted=None):
    return match_columns(headings, kind, wanted=wanted or {}, file="f.csv")


def test_names_match_whatever_their_case_spaces_and_underscores():
    found = _match(["Customer No", "TRANSFORMER-ID", "Own_Generator"]).matched
    assert found == {
        "customer_no": "Customer No",
        "transformer_id": "TRANSFORMER-ID",
        "own_generator": "Own_Generator",
    }


def test_chinese_aliases_match_also_with_a_unit_behind_them():
    found = _match(["台区编码", "容量(kVA)", "经度", "纬度"], "transformers").matched
    assert found == {
        "transformer_id": "台区编码",
        "capacity_kva": "容量(kVA)",
        "lon": "经度",
        "lat": "纬度",
    }


def test_a_kind_has_aliases_of_its_own():
    assert _match(["网格编号", "台区编号"], "areas").matched == {
        "area_id": "网格编号",
        "transformer_id": "台区编号",
    }
    assert _match(["网格编号", "指标", "数值"], "cell_facts").matched["cell_id"] == "网格编号"


def test_the_exact_name_wins_over_an_alias():
    match = _match(["customer_no", "户号", "lon", "x"])
    assert match.matched == {"customer_no": "customer_no", "lon": "lon"}
    assert match.unmatched == ("户号", "x")


def test_two_aliases_of_one_column_are_ambiguous():
    with pytest.raises(FileRejected) as refused:
        _match(["户号", "客户编号", "name"])
    assert refused.value.code == "columns_ambiguous"
    assert refused.value.values == {
        "file": "f.csv",
        "column": "customer_no",
        "found": "户号, 客户编号",
    }


def test_the_users_choice_settles_an_ambiguity_and_goes_first():
    match = _match(["户号", "客户编号", "name"], wanted={"customer_no": "客户编号"})
    assert match.matched["customer_no"] == "客户编号"
    assert match.unmatched == ("户号",)


def test_a_choice_of_a_column_the_file_lacks_is_refused():
    with pytest.raises(FileRejected) as refused:
        _match(["a"], wanted={"customer_no": "b"})
    assert refused.value.code == "mapping_column_missing"


def test_notes_of_a_reject_file_are_passed_over():
    match = _match(["customer_no", "_reason", "_row"])
    assert match.unmatched == ()


def test_a_missing_required_column_is_refused_with_what_was_found(write):
    with pytest.raises(FileRejected) as refused:
        load_customers(write("c.csv", "名,地\n1,2\n"), LoadOptions())
    assert refused.value.code == "columns_missing"
    assert refused.value.values["missing"] == "customer_no (户号)"
    assert refused.value.values["found"] == "名, 地"
    assert "transformer_id" in refused.value.values["expected"]


def test_a_default_stands_in_for_a_missing_column_and_for_empty_cells(write):
    mapping = ColumnMap(defaults={"area_id": "E-01", "hall_id": "H1"})
    text = "transformer_id,hall_id\nT1,\nT2,H2\n"
    frame = load_areas(write("a.csv", text), LoadOptions(mapping=mapping)).frame
    assert frame["area_id"].tolist() == ["E-01", "E-01"]
    assert frame["hall_id"].tolist() == ["H1", "H2"]


def test_plain_heading_folds_full_width_letters():
    assert plain_heading("ＣＵＳＴＯＭＥＲ＿ＮＯ") == "customerno"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_column_is_found_by_its_own_name_and_by_its_chinese_one(kind):
    columns = list(KINDS[kind].columns)
    assert _match(columns, kind).matched == {column: column for column in columns}
    chinese = [COLUMNS[column].zh for column in columns]
    own = KIND_ALIASES.keys()
    claimed = {alias for of, column in own if of == kind for alias in KIND_ALIASES[of, column]}
    for column, heading in zip(columns, chinese, strict=True):
        if heading not in claimed:
            assert _match([heading], kind).matched == {column: heading}


def test_names_cut_by_a_shapefile_are_found_where_they_stay_distinct():
    assert _match(["transforme", "capacity_k", "metering_s"], "transformers").matched == {
        "transformer_id": "transforme",
        "capacity_kva": "capacity_k",
        "metering_side": "metering_s",
    }
    assert _match(["promise_cl"], "promise_zones").matched == {"promise_class": "promise_cl"}
