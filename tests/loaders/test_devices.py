"""The register of devices: words of two languages and of makers, halls known, days come."""

from datetime import datetime

import pandas as pd

from loaders.contract import ColumnMap, LoadOptions
from loaders.devices import load_devices
from loaders.writing import write_table

NOW = datetime.fromisoformat("2026-07-16T19:40:00+08:00")
HALLS = pd.DataFrame({"hall_id": ["H-1", "H-2"]})


def options(mapping=None):
    return LoadOptions(
        mapping=mapping or ColumnMap(), now=NOW, known={"halls_known": HALLS},
        timezone="Asia/Shanghai",
    )  # fmt: skip


def test_a_chinese_register_is_read_by_its_own_headings(write):
    text = (
        "资产编号,所在营业厅,设备类型,设备厂家,设备型号,设备状态,投运日期,节目版本,最近心跳,功能\n"
        "007,H-1,自助缴费终端,华创,HC-2,备用,2023-05-01,,2026-07-16 19:30,payment;invoice\n"
        "008,H-2,信息发布屏,,,,,2026.07,,\n"
    )
    loaded = load_devices(write("d.csv", text), options())
    assert loaded.report.rejected.empty
    first, second = loaded.frame.to_dict("records")
    assert (first["device_id"], first["hall_id"], first["kind"], first["status"]) == (
        "007", "H-1", "payment_terminal", "spare",
    )  # fmt: skip
    named = [first[name] for name in ("maker", "model", "functions")]
    assert named == ["华创", "HC-2", "payment;invoice"]
    assert first["installed_on"] == pd.Timestamp("2023-05-01")
    assert first["seen_at"] == pd.Timestamp("2026-07-16T11:30:00Z")
    assert (second["kind"], second["status"], second["content_version"]) == (
        "media_player", "in_use", "2026.07",
    )  # fmt: skip


def test_another_systems_words_for_makers_and_models_come_by_a_mapping(tmp_path):
    path = tmp_path / "assets.xlsx"
    rows = [("K1", "East", "KSK", "Acme Corp.", "a-100")]
    write_table(pd.DataFrame(rows, columns=["Tag", "Site", "Cat", "Supplier", "Series"]), path)
    mapping = ColumnMap(
        columns={"device_id": "Tag", "hall_id": "Site", "kind": "Cat", "maker": "Supplier",
                 "model": "Series"},
        values={"hall_id": {"East": "H-2"}, "kind": {"KSK": "service_terminal"},
                "maker": {"Acme Corp.": "Acme"}, "model": {"a-100": "A100"}},
    )  # fmt: skip
    frame = load_devices(path, options(mapping)).frame
    assert frame[["hall_id", "kind", "maker", "model"]].to_numpy().tolist() == [
        ["H-2", "service_terminal", "Acme", "A100"]
    ]


def test_what_cannot_be_is_rejected_with_its_row_column_and_value(write):
    text = (
        "device_id,hall_id,kind,status,installed_on,seen_at\n"
        "1,H-9,kiosk,active,,\n"
        "2,H-1,robot,,,\n"
        "3,H-1,kiosk,broken,,\n"
        "4,H-1,kiosk,,2026-07-17,\n"
        "5,H-1,kiosk,,2026-07-16,2026-07-16 19:41\n"
        "6,,kiosk,,,\n"
        "7,H-1,kiosk,,2026-07-16,2026-07-16 19:40\n"
        "7,H-2,kiosk,,,\n"
    )
    loaded = load_devices(write("d.csv", text), options())
    names = ["row", "column", "value", "code"]
    assert loaded.report.rejected[names].to_numpy().tolist() == [
        [2, "hall_id", "H-9", "unknown_hall"],
        [3, "kind", "robot", "unknown_choice"],
        [4, "status", "broken", "unknown_choice"],
        [5, "installed_on", "2026-07-17", "in_future"],
        [6, "seen_at", "2026-07-16 19:41", "in_future"],
        [7, "hall_id", "", "required_missing"],
        [9, "device_id", "7", "duplicate_key"],
    ]
    assert loaded.frame["device_id"].tolist() == ["7"]
