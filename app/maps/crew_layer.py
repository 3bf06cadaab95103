"""The folium layer of tracks, circles of accuracy and fences; see static/crew_layer.js."""

from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from app.maps import links


class CrewLayer(JSCSSMixin, Layer):
    """What belongs to crews beside their signs. Everything that changes comes by a CrewUpdate."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = window.gridCells.add(
                "crews", new GridCells.CrewLayer(window.gridCells));
        {% endmacro %}
        """
    )
    default_js: list[tuple[str, str]] = [("grid_cells_crews", links.own("crew_layer.js"))]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(name="crews", overlay=True, control=False, show=False)
        self._name = "CrewLayer"
