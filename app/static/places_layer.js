/* Halls, banks, crews, outages … as small signs that differ in shape and in colour, gathered into
 * counted pills where they crowd. Needs Leaflet and leaflet.markercluster; host-neutral.
 *
 *   const layer = new GridCells.PlacesLayer().addTo(map);
 *   layer.update({groups: [{kind: "hall", rows: [[id, lon, lat, name, note, tone, mark, was], …]}]});
 *   layer.on("pick", ({kind, id, lat, lng}) => …);
 */
(function (root) {
  "use strict";

  const GridCells = (root.GridCells = root.GridCells || {});
  const SVG = "http://www.w3.org/2000/svg";
  const CROWDED_UNTIL_ZOOM = 15;

  /* rim: the sign's outline; mark: what is drawn inside, both in a 24 × 24 box. */
  const signs = {
    hall: { colour: "#0f3d3e", rim: "M3 3h18v18H3z", mark: "M6 18V9l6-3.5L18 9v9h-4v-5h-4v5z" },
    bank: {
      colour: "#7a5a00",
      rim: "M12 1.5a10.5 10.5 0 1 0 0 21a10.5 10.5 0 1 0 0-21z",
      mark: "M7 6.5h2.6l2.4 3.8 2.4-3.8H17l-3.3 5h2v1.6H13v1.3h2.7V16H13v2.5h-2V16H8.3v-1.6H11v-1.3H8.3v-1.6h2z",
    },
    crew: {
      colour: "#1d5fa8",
      rim: "M5 5h14a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4H5a4 4 0 0 1-4-4V9a4 4 0 0 1 4-4z",
      mark: "M4 8.5h9V15H4zM14 10h3l2.5 2.6V15H14zM6 15.2a1.7 1.7 0 1 0 3.4 0zM14.4 15.2a1.7 1.7 0 1 0 3.4 0z",
    },
    outage: { colour: "#8b1e1e", rim: "M12 1.5L23 21.5H1z", mark: "M13.4 8.2L8.2 15h3l-.9 4.6L15.8 13h-3z" },
  };
  /* An order tells by what is drawn in it how its promise stands, not by its colour alone. */
  signs.order = {
    colour: "#1d5fa8",
    rim: "M12 1L23 12 12 23 1 12z",
    mark: "M11 6h2v5.5l3.5 2-1 1.8L11 12.7z",
    standing: {
      kept: "M6 12l2-2 2.7 2.7L16 7l2 2-7.3 8z",
      risk: "M10.7 5h2.6v8h-2.6zM10.7 15h2.6v2.6h-2.6z",
      broken: "M7 9l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z",
      muted: "M8 7h3v10H8zM13 7h3v10h-3z",
    },
  };
  /* A hall tells by what is drawn in it how long its visitors wait. */
  signs.hall.standing = {
    risk: signs.order.standing.risk,
    broken: signs.order.standing.broken,
    muted: "M8 9.5a4 4 0 1 1 5.4 3.7c-.5.2-.7.5-.7 1v.8h-2.2v-1.2c0-1.1.6-2 1.7-2.5a1.8 1.8 0 1 0-2-1.8zM10.5 16h2.2v2.2h-2.2z",
  };
  GridCells.signs = signs;

  const tones = { kept: "#1d5fa8", risk: "#9a6300", broken: "#8b1e1e", muted: "#6b7577" };

  /* Signs of what is not there itself: an outline in the sign's own colour, or a faint one. */
  const outlines = { hollow: "own", faint: "#6b7577" };

  function path(outline, fill, stroke) {
    const part = document.createElementNS(SVG, "path");
    part.setAttribute("d", outline);
    part.setAttribute("fill", fill);
    if (stroke) {
      part.setAttribute("stroke", stroke);
      part.setAttribute("stroke-width", "1.2");
    }
    return part;
  }

  function drawing(kind, tone) {
    const sign = signs[kind];
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    const mark = (sign.standing && sign.standing[tone]) || sign.mark;
    const line = outlines[tone] && (outlines[tone] === "own" ? sign.colour : outlines[tone]);
    if (line) {
      const rim = path(sign.rim, "#fff", line);
      rim.setAttribute("stroke-width", "2.4");
      picture.append(rim, path(mark, line));
    } else {
      picture.append(path(sign.rim, tones[tone] || sign.colour, "#fff"), path(mark, "#fff"));
    }
    return picture;
  }

  /* What a plan assumes of a place: a plus for a new one, an arrow for one that moves, a cross for one that closes. */
  const marks = {
    added: { badge: "M19 12.500v9M14.500 17h9", round: true },
    moved: { badge: "M14.500 17h8M19.500 13.500l3.500 3.500-3.500 3.500", round: true },
    closed: { badge: "M1 1l22 22M23 1L1 23", round: false },
  };

  function marked(picture, mark) {
    const { badge, round } = marks[mark];
    if (round) picture.append(path("M19 10.500a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13z", "#e0a04a", "#fff"));
    for (const [colour, width] of [["#fff", round ? 0 : 6], [round ? "#17292a" : "#8b1e1e", round ? 2.2 : 3]]) {
      const line = path(badge, "none", colour);
      line.setAttribute("stroke-width", String(width));
      line.setAttribute("stroke-linecap", "round");
      picture.append(line);
    }
    return picture;
  }

  function text(tag, words, className) {
    const part = document.createElement(tag);
    part.textContent = words;
    if (className) part.className = className;
    return part;
  }

  function icon(kind, tone, mark) {
    const picture = drawing(kind, tone);
    return L.divIcon({
      className: "grid-cells-place grid-cells-" + kind + (mark ? " is-assumed is-" + mark : ""),
      html: marks[mark] ? marked(picture, mark) : picture,
      iconSize: [26, 26],
      iconAnchor: [13, 13],
      tooltipAnchor: [12, 0],
    });
  }

  function pill(kind, count) {
    const box = document.createElement("span");
    box.className = "grid-cells-pill";
    box.style.background = signs[kind].colour;
    box.append(drawing(kind), text("b", String(count)));
    return L.divIcon({
      className: "grid-cells-crowd",
      html: box,
      iconSize: [48, 26],
      iconAnchor: [24, 13],
    });
  }

  GridCells.PlacesLayer = L.Layer.extend({
    initialize() {
      this.drawn = new Map();
    },

    onAdd(map) {
      this.map = map;
    },

    onRemove() {
      for (const { crowd, apart } of this.drawn.values()) for (const part of [crowd, apart]) part.remove();
      this.drawn.clear();
    },

    /* Shows these groups alone; a group whose rows are the same as before is left as it stands. */
    update(change) {
      const wanted = new Map(change.groups.map((group) => [group.kind, group]));
      for (const [kind, { crowd, apart, print }] of this.drawn) {
        if (wanted.has(kind) && JSON.stringify(wanted.get(kind)) === print) {
          wanted.delete(kind);
        } else {
          crowd.remove();
          apart.remove();
          this.drawn.delete(kind);
        }
      }
      for (const [kind, group] of wanted) this.draw(kind, group);
    },

    draw(kind, group) {
      const crowd = L.markerClusterGroup({
        showCoverageOnHover: false,
        maxClusterRadius: 56,
        disableClusteringAtZoom: CROWDED_UNTIL_ZOOM,
        spiderfyOnMaxZoom: false,
        iconCreateFunction: (cluster) => pill(kind, cluster.getChildCount()),
      });
      const isMarked = (row) => Boolean(row[6]);
      crowd.addLayers(group.rows.filter((row) => !isMarked(row)).map((row) => this.marker(kind, row)));
      const apart = L.layerGroup(group.rows.filter(isMarked).flatMap((row) => this.assumed(kind, row)));
      this.map.addLayer(crowd).addLayer(apart);
      this.drawn.set(kind, { crowd: crowd, apart: apart, print: JSON.stringify(group) });
    },

    /* A place that a plan assumes: never in a crowd; from where it was, a line to where it would be. */
    assumed(kind, row) {
      const [, lon, lat, , , tone, , was] = row;
      const parts = [this.marker(kind, row)];
      if (!was) return parts;
      const line = (options) => L.polyline([[was[1], was[0]], [lat, lon]], Object.assign({ interactive: false }, options));
      const ghost = L.marker([was[1], was[0]], { icon: icon(kind, tone, "was"), interactive: false, keyboard: false });
      return [line({ color: "#fff", weight: 5, opacity: 0.9 }), line({ color: "#17292a", weight: 2, dashArray: "6 6" }), ghost].concat(parts);
    },

    marker(kind, [id, lon, lat, name, note, tone, mark]) {
      const marker = L.marker([lat, lon], {
        icon: icon(kind, tone, mark),
        alt: name,
        keyboard: true,
        riseOnHover: true,
      });
      const words = document.createElement("span");
      words.append(text("b", name));
      if (note) words.append(text("div", note));
      marker.bindTooltip(words, { direction: "right", className: "grid-cells-name" });
      marker.on("add", () => marker.getElement().setAttribute("aria-label", name));
      marker.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        this.fire("pick", { kind: kind, id: id, lat: lat, lng: lon });
      });
      return marker;
    },
  });
})(window);
