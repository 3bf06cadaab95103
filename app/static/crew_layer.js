/* What belongs to crews on the map beside their signs: how exact a place is, the way of a day, and
 * fences. Needs Leaflet; host-neutral.
 *
 *   const crews = new GridCells.CrewLayer({map});
 *   crews.update({circles: [[lon, lat, metres], …], track: [[lon, lat, metres, words], …],
 *                 fences: [{name, circle: [lon, lat, metres], rings: [[[lon, lat], …], …]}, …]});
 */
(function (root) {
  "use strict";

  const GridCells = (root.GridCells = root.GridCells || {});
  const BLUE = "#1d5fa8";
  const DARK = "#17292a";
  const FENCE = "#6a3d7c";
  const still = { interactive: false };

  const at = ([lon, lat]) => [lat, lon];

  function circles(rows) {
    return rows.map((row) =>
      L.circle(at(row), Object.assign({ radius: row[2], color: BLUE, weight: 1, fillOpacity: 0.1 }, still)),
    );
  }

  /* A light casing under a dark line, so that it reads on any ground; a dot for each place told. */
  function track(rows) {
    if (!rows.length) return [];
    const line = rows.map(at);
    const dots = rows.map((row) =>
      L.circleMarker(at(row), { radius: 3.5, color: "#fff", weight: 1, fillColor: BLUE, fillOpacity: 1 }).bindTooltip(
        row[3], { className: "grid-cells-name" }),
    );
    const begin = L.circleMarker(line[0], Object.assign({ radius: 7, color: DARK, weight: 3, fillColor: "#fff", fillOpacity: 1 }, still));
    return [
      L.polyline(line, Object.assign({ color: "#fff", weight: 7, opacity: 0.9 }, still)),
      L.polyline(line, Object.assign({ color: BLUE, weight: 3 }, still)),
      begin,
    ].concat(dots);
  }

  function fence(row) {
    const look = { color: FENCE, weight: 2, dashArray: "7 5", fillColor: FENCE, fillOpacity: 0.06 };
    const shape = row.circle
      ? L.circle(at(row.circle), Object.assign({ radius: row.circle[2] }, look))
      : L.polygon(row.rings.map((ring) => ring.map(at)), look);
    const words = document.createElement("span");
    words.textContent = row.name;
    return shape.bindTooltip(words, { sticky: true, className: "grid-cells-name" });
  }

  GridCells.CrewLayer = L.Evented.extend({
    initialize(host) {
      this.drawn = {};
      for (const name of ["fences", "circles", "track"]) {
        this.drawn[name] = { layer: L.layerGroup().addTo(host.map), print: "" };
      }
    },

    /* Draws what has changed; the rest is left as it stands. */
    update(change) {
      const shapes = { fences: (rows) => rows.map(fence), circles: circles, track: track };
      for (const [name, draw] of Object.entries(shapes)) {
        const rows = change[name] || [];
        const held = this.drawn[name];
        const print = JSON.stringify(rows);
        if (print === held.print) continue;
        held.print = print;
        held.layer.clearLayers();
        for (const shape of draw(rows)) held.layer.addLayer(shape);
      }
    },
  });
})(window);
