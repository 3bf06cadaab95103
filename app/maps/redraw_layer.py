"""The folium layer that lets planners paint cells; see static/redraw.js."""

from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from app.maps import links


class RedrawLayer(JSCSSMixin, Layer):
    """Brush, lasso, fill, eyedropper and lock on the hexagons, with their tools on the map.

    Comes after the HexLayer. Everything that changes comes by a RedrawUpdate.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = window.gridCells.add(
                "redraw", new GridCells.Redraw(window.gridCells));
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        ("grid_cells_paint", links.own("hex_paint.js")),
        ("grid_cells_redraw_modes", links.own("redraw_modes.js")),
        ("grid_cells_redraw_tools", links.own("redraw_tools.js")),
        ("grid_cells_redraw_talk", links.own("redraw_talk.js")),
        ("grid_cells_redraw", links.own("redraw.js")),
    ]
    default_css: list[tuple[str, str]] = [  # noqa: RUF012
        ("grid_cells_redraw_css", links.own("redraw.css")),
    ]

    def __init__(self) -> None:
        super().__init__(name="redraw", overlay=True, control=False, show=False)
        self._name = "RedrawLayer"
