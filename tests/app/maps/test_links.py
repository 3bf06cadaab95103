"""Every file that a map asks the browser for comes from our own server."""

import json
from pathlib import Path

import folium
import folium.plugins
import pytest
import streamlit_folium

from app.assets import STATIC, VENDOR, read_table, wanted_files
from app.maps import links, offline
from app.maps.service_map import build_map
from app.maps.update import MapUpdate


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Arguments that reach the map component, which itself is replaced."""
    arguments: dict[str, object] = {}
    monkeypatch.setattr(
        streamlit_folium, "_component_func", lambda **given: arguments.update(given)
    )
    offline.install()
    return arguments


def show(built: folium.Map) -> None:
    streamlit_folium.st_folium(built, key="k", returned_objects=[])


def test_our_map_asks_only_our_server(sent: dict[str, object]) -> None:
    streamlit_folium.st_folium(
        build_map((30.5, 114.3), 11, basemap_url="/assets/basemap.pmtiles"),
        key="k",
        returned_objects=[],
        feature_group_to_add=MapUpdate().as_group(),
    )
    asked = [*sent["js_links"], *sent["css_links"]]
    assert len(asked) == 12
    assert all(link.startswith("/assets/") for link in asked)
    assert "://" not in str(sent["script"])


@pytest.mark.parametrize(
    "plugin",
    [
        folium.plugins.MarkerCluster(),
        folium.plugins.Draw(),
        folium.plugins.Fullscreen(),
        folium.plugins.LocateControl(),
        folium.plugins.HeatMap([(30.5, 114.3)]),
    ],
    ids=lambda plugin: type(plugin).__name__,
)
def test_plain_folium_and_the_mapped_plugins_ask_only_our_server(
    sent: dict[str, object], plugin: folium.map.Layer
) -> None:
    built = folium.Map(tiles=None)
    built.add_child(plugin)
    show(built)
    assert all(link.startswith("/assets/") for link in [*sent["js_links"], *sent["css_links"]])


def test_a_plugin_that_is_not_in_the_table_is_refused(sent: dict[str, object]) -> None:
    built = folium.Map(tiles=None)
    built.add_child(folium.plugins.Terminator())
    with pytest.raises(links.UnmappedLinkError, match="terminator"):
        show(built)


def test_a_link_hidden_in_the_header_is_refused(sent: dict[str, object]) -> None:
    built = folium.Map(tiles=None)
    built.get_root().header.add_child(
        folium.Element('<link rel=icon href="https://example.org/x.ico">'), name="icon"
    )
    with pytest.raises(links.UnmappedLinkError, match=r"example\.org"):
        show(built)


def test_installing_twice_wraps_once(sent: dict[str, object]) -> None:
    wrapped = streamlit_folium._component_func
    offline.install()
    assert streamlit_folium._component_func is wrapped


def test_dropped_links_vanish() -> None:
    dropped = "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css"
    assert links.all_local([dropped]) == []


def test_every_mapped_file_lies_in_vendor() -> None:
    missing = [name for name in wanted_files(read_table()) if not list(VENDOR.glob(name))]
    assert missing == []


def test_folium_has_the_templates_that_the_table_names() -> None:
    folder = Path(folium.__file__).parent / "templates"
    named = [
        target.removeprefix("folium:")
        for target in read_table()["links"].values()
        if target.startswith("folium:")
    ]
    assert [name for name in named if not (folder / name).exists()] == []


def test_the_lock_has_hashes_and_no_addresses() -> None:
    packages = json.loads((STATIC / "package-lock.json").read_text())["packages"]
    held = [entry for name, entry in packages.items() if name]
    assert len(held) > 20
    assert all(entry["integrity"].startswith("sha512-") for entry in held)
    assert not any("resolved" in entry for entry in held)
