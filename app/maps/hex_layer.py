"""folium layers of our own: hexagons, places, streets, and the map's tie to the page."""

from typing import Any

from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from app.maps import links

H3 = ("h3", links.vendored("h3-js/dist/h3-js.umd.js"))
_CLUSTER = "leaflet.markercluster/dist/"


class MapHost(JSCSSMixin):
    """Ties the map to its page: icons, the view in the address, the frame's height, picks out.

    Comes before the layers it registers. `param` names the view in the address; `share` is the
    height as a share of the window on desks and phones, None = the height given to the component.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.gridCells = new GridCells.Host(
                {{ this._parent.get_name() }}, {{ this.options|tojson }});
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        ("grid_cells_host", links.own("map_host.js")),
    ]
    default_css: list[tuple[str, str]] = [("grid_cells_css", links.own("map.css"))]  # noqa: RUF012

    def __init__(self, *, param: str, memory: str, share: dict[str, float] | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "MapHost"
        self.options = {"icons": links.ICONS, "param": param, "memory": memory, "share": share}


class HexLayer(JSCSSMixin, Layer):
    """Hexagons of one measure on a canvas, fed by a cells file; see static/hex_layer.js.

    Everything that changes (file, colours, filter, selection) comes by a MapUpdate.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = window.gridCells.add(
                "hexes", new GridCells.HexLayer({{ this.options|tojson }}));
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        H3,
        ("grid_cells_cells", links.own("hex_cells.js")),
        ("grid_cells_hexes", links.own("hex_layer.js")),
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(name="hexes", overlay=True, control=False, show=True)
        self._name = "HexLayer"
        self.options = options


class TileLayer(HexLayer):
    """Hexagons of a province, tile by tile in the zoom's size; see static/tile_layer.js."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = window.gridCells.add(
                "hexes", new GridCells.TileLayer({{ this.options|tojson }}));
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        *HexLayer.default_js,
        ("grid_cells_tiles", links.own("tile_layer.js")),
    ]


class PlacesLayer(JSCSSMixin, Layer):
    """Halls, banks, crews, outages by shape and colour, clustered; see static/places_layer.js."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = window.gridCells.add("places", new GridCells.PlacesLayer());
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        ("markercluster", links.vendored(_CLUSTER + "leaflet.markercluster.js")),
        ("grid_cells_places", links.own("places_layer.js")),
    ]
    default_css: list[tuple[str, str]] = [  # noqa: RUF012
        ("markercluster_css", links.vendored(_CLUSTER + "MarkerCluster.css")),
    ]

    def __init__(self) -> None:
        super().__init__(name="places", overlay=True, control=False, show=True)
        self._name = "PlacesLayer"


class StreetGround(JSCSSMixin, Layer):
    """Streets and water under everything, from a PMTiles file; see static/basemap.js."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = GridCells.basemap({{ this.url|tojson }});
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        ("protomaps", links.vendored("protomaps-leaflet/dist/protomaps-leaflet.js")),
        ("grid_cells_basemap", links.own("basemap.js")),
    ]

    def __init__(self, url: str) -> None:
        super().__init__(name="streets", overlay=False, control=False, show=True)
        self._name = "StreetGround"
        self.url = url


class Message(MacroElement):
    """A piece of script that hands one message to the map; travels in a feature group."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.gridCells.update({{ this.payload }});
        {% endmacro %}
        """
    )

    def __init__(self, payload: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Message"
        self.payload = payload
