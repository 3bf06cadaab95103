/* Outages as bolts on a canvas, shape and colour by kind, size by customers; crowds as counted bubbles.
 * Needs Leaflet, hex_cells.js and outage_data.js. */
(function (root) {
  "use strict";

  const GridCells = root.GridCells;
  const REACH_PX = 34;
  const APART_FROM_ZOOM = 17;
  const PADDING = 0.2;
  const SELECTED = "#e0a04a";
  const BOLT = "M1.4 -8.4L-5.2 0.6h4L-2.2 8 6 -2.4H1.6L3 -8.4z";

  /* rim: the outline in a box of 24 around the middle; by kind in the order of the file. */
  const KINDS = [
    { name: "fault", colour: "#8b1e1e", rim: "M0 -11.500L12 9.500H-12z", lift: 2.6, small: 0.82 },
    { name: "planned", colour: "#1d5fa8", rim: "M-10 -10H10V10H-10z", lift: 0, small: 1 },
    { name: "urgent", colour: "#9a6300", rim: "M0 -12.500L12.500 0 0 12.500-12.500 0z", lift: 0, small: 0.86 },
    { name: "customer", colour: "#4d6a63", rim: "M0 -10.500a10.500 10.500 0 1 0 0.010 0z", lift: 0, small: 0.95 },
    { name: "load_limit", colour: "#5b3a86", rim: "M-6 -10.400H6L12 0 6 10.400H-6L-12 0z", lift: 0, small: 0.95 },
  ];
  const ANNOUNCED = "#fff"; // what has not begun is drawn hollow

  function bolt(small, lift) {
    const path = new Path2D();
    path.addPath(new Path2D(BOLT), new DOMMatrix().translate(0, lift).scale(small * 0.78));
    return path;
  }

  const shapes = () => KINDS.map((kind) => ({ rim: new Path2D(kind.rim), bolt: bolt(kind.small, kind.lift) }));

  /* Half the width of a sign in pixels: 8 for a single house, 15 for thousands. */
  function radius(customers) {
    return Math.min(15, 8 + 1.9 * Math.log10(1 + customers));
  }

  class OutageSigns {
    constructor(map) {
      this.map = map;
      this.canvas = L.DomUtil.create("canvas", "grid-cells-outages leaflet-zoom-animated", map.getPane("overlayPane"));
      this.shapes = shapes();
      this.groups = [];
      this.selected = null;
    }

    remove() {
      this.canvas.remove();
    }

    setFilm(film) {
      this.film = film;
      const { lon, lat, count } = film.outages;
      this.x = new Float64Array(count);
      this.y = new Float64Array(count);
      for (let o = 0; o < count; o++) {
        this.x[o] = lon[o] === lon[o] ? GridCells.projectX(lon[o]) : NaN;
        this.y[o] = GridCells.projectY(lat[o]);
      }
    }

    /* Which outages stand in the window now, the largest first. */
    inWindow(box) {
      const rows = [];
      const { alive, outageOut } = this.film;
      for (let o = 0; o < alive.length; o++) {
        if (alive[o] && this.x[o] > box[0] && this.x[o] < box[2] && this.y[o] > box[1] && this.y[o] < box[3]) rows.push(o);
      }
      return rows.sort((a, b) => outageOut[b] - outageOut[a] || a - b);
    }

    /* Paints the moment that the film was last asked for. */
    paint(view) {
      const pen = this.clear(view);
      this.view = view;
      this.groups = [];
      if (!this.film) return;
      const rows = this.inWindow(view.box);
      const xs = this.x.map((x) => x * view.scale - view.world.x);
      const ys = this.y.map((y) => y * view.scale - view.world.y);
      const reach = this.map.getZoom() >= APART_FROM_ZOOM ? 1 : REACH_PX;
      const groups = GridCells.gather(xs, ys, rows, reach);
      this.groups = groups.map((group) => Object.assign(group, { x: xs[group.row], y: ys[group.row] }));
      for (const group of this.groups.slice().reverse()) this.paintGroup(pen, group);
    }

    paintGroup(pen, group) {
      const { outageOut, outages } = this.film;
      group.customers = group.members.reduce((sum, row) => sum + outageOut[row], 0);
      if (group.members.length === 1) {
        group.r = radius(outageOut[group.row]);
        this.paintSign(pen, group, outages.kind[group.row], outages.flags[group.row]);
      } else {
        this.paintBubble(pen, group);
      }
      if (group.members.includes(this.selected)) this.ring(pen, group);
    }

    paintSign(pen, group, code, flags) {
      const kind = KINDS[code] || KINDS[0];
      const { rim, bolt: mark } = this.shapes[code] || this.shapes[0];
      const hollow = Boolean(flags & GridCells.outageFlags.announced);
      pen.save();
      pen.translate(group.x, group.y);
      pen.scale(group.r / 11, group.r / 11);
      pen.lineJoin = "round";
      pen.lineWidth = hollow ? 2.6 : 1.4;
      pen.fillStyle = hollow ? ANNOUNCED : kind.colour;
      pen.strokeStyle = hollow ? kind.colour : "#fff";
      pen.fill(rim);
      pen.stroke(rim);
      pen.fillStyle = hollow ? kind.colour : "#fff";
      pen.fill(mark);
      pen.restore();
      if (flags & GridCells.outageFlags.important) this.star(pen, group.x + group.r * 0.8, group.y - group.r * 0.8);
    }

    /* An important customer is out: a gold dot with a dark rim at the sign's corner. */
    star(pen, x, y) {
      pen.beginPath();
      pen.arc(x, y, 4, 0, 2 * Math.PI);
      pen.fillStyle = SELECTED;
      pen.fill();
      pen.lineWidth = 1.5;
      pen.strokeStyle = "#17292a";
      pen.stroke();
    }

    paintBubble(pen, group) {
      const { kind, flags } = this.film.outages;
      const sames = group.members.every((row) => kind[row] === kind[group.row]);
      const words = String(group.members.length);
      group.r = Math.min(24, Math.max(12, 9 + 3 * Math.log10(1 + group.customers), 5 + 4 * words.length));
      pen.beginPath();
      pen.arc(group.x, group.y, group.r, 0, 2 * Math.PI);
      pen.fillStyle = sames ? (KINDS[kind[group.row]] || KINDS[0]).colour : "#0f3d3e";
      pen.fill();
      pen.lineWidth = 1.5;
      pen.strokeStyle = "#fff";
      pen.stroke();
      pen.fillStyle = "#fff";
      pen.font = "700 12px Inter, system-ui, sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(words, group.x, group.y + 0.5);
      if (group.members.some((row) => flags[row] & GridCells.outageFlags.important)) {
        this.star(pen, group.x + group.r * 0.75, group.y - group.r * 0.75);
      }
    }

    ring(pen, group) {
      for (const [width, colour] of [[5, "rgba(31,45,46,0.55)"], [3, SELECTED]]) {
        pen.beginPath();
        pen.arc(group.x, group.y, group.r + 5, 0, 2 * Math.PI);
        pen.lineWidth = width;
        pen.strokeStyle = colour;
        pen.stroke();
      }
    }

    clear(view) {
      const ratio = Math.min(2, root.devicePixelRatio || 1);
      const canvas = this.canvas;
      const [width, height] = [Math.round(view.size.x * ratio), Math.round(view.size.y * ratio)];
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
        canvas.style.width = view.size.x + "px";
        canvas.style.height = view.size.y + "px";
      }
      L.DomUtil.setTransform(canvas, view.topLeft, 1);
      const pen = canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, view.size.x, view.size.y);
      return pen;
    }

    /* Scales what is painted to another centre and zoom until it is painted anew. */
    place(centre, zoom) {
      if (!this.view) return;
      const scale = this.map.getZoomScale(zoom, this.view.zoom);
      const corner = this.map.unproject(this.view.world, this.view.zoom);
      L.DomUtil.setTransform(this.canvas, this.map._latLngToNewLayerPoint(corner, zoom, centre), scale);
    }

    /* The group under a point of the map's container, or null. */
    under(point, slack) {
      if (!this.view || !this.film) return null;
      const at = this.map.containerPointToLayerPoint(point).subtract(this.view.topLeft);
      let nearest = null;
      let least = Infinity;
      for (const group of this.groups) {
        const apart = Math.hypot(group.x - at.x, group.y - at.y);
        if (apart <= group.r + slack && apart < least) [nearest, least] = [group, apart];
      }
      return nearest;
    }
  }

  GridCells.OutageSigns = OutageSigns;
  GridCells.outageKinds = KINDS;
  GridCells.OUTAGES_PADDING = PADDING;
})(window);
