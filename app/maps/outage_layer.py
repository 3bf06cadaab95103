"""The folium layer that shows outages over a period; see static/outage_film.js."""

from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from app.maps import links


class OutageLayer(JSCSSMixin, Layer):
    """Outages as bolts, the cells they darken, and a slider through the period.

    Comes after the HexLayer. Everything that changes comes by an OutageUpdate.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = window.gridCells.add(
                "outages", new GridCells.OutageFilm(window.gridCells));
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        ("grid_cells_outage_data", links.own("outage_data.js")),
        ("grid_cells_outage_signs", links.own("outage_signs.js")),
        ("grid_cells_time_slider", links.own("time_slider.js")),
        ("grid_cells_outage_film", links.own("outage_film.js")),
    ]
    default_css: list[tuple[str, str]] = [("grid_cells_outages_css", links.own("outages.css"))]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(name="outages", overlay=True, control=False, show=False)
        self._name = "OutageLayer"
