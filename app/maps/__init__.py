"""folium maps: the hexagon layer, signs for places, legend, palette, everything offline."""
