/** The map: my area's border and cells, outages, orders, the round, my own place. */
/* global L, h3 */
import * as day from "./crew_day.js";
import * as place from "./crew_place.js";

const SMALL_ENOUGH = 16 * 1024 * 1024;
let map = null, layers = null, me = null, seen = "", tapped = null, ground = null;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function begin(onTap) {
  if (map || !window.L) return;
  map = L.map("map", { zoomControl: false, attributionControl: false, preferCanvas: true, tap: true, maxZoom: 18 });
  L.control.zoom({ position: "bottomright" }).addTo(map);
  map.setView([30, 110], 4);
  for (const [name, height] of [["cells", 350], ["border", 360]]) map.createPane(name).style.zIndex = height;
  layers = L.layerGroup().addTo(map);
  map.on("click", (event) => onTap({ lon: event.latlng.lng, lat: event.latlng.lat }));
  place.onFix(showMe);
}

/** Draw the day; the view is set once for each area and stays where the person moved it. */
export function draw(rows, current) {
  const told = day.held.day;
  if (!map || !told) return;
  layers.clearLayers();
  basemap(told.basemap);
  const cells = told.area.cells.map((cell) => h3.cellToBoundary(cell));
  const thin = { pane: "cells", renderer: L.canvas({ pane: "cells" }), interactive: false, weight: 1 };
  L.polygon(cells.map((one) => [one]), { ...thin, color: "#35747f", opacity: 0.5, fillColor: "#8fc3c4", fillOpacity: 0.4 }).addTo(layers);
  const dark = [...new Set(told.outages.flatMap((one) => one.cells))].map((cell) => [h3.cellToBoundary(cell)]);
  L.polygon(dark, { ...thin, color: "#5a1a20", fillColor: "#8a1220", fillOpacity: 0.45 }).addTo(layers);
  const rings = told.area.borders.flatMap((one) => one.rings).map((ring) => ring.map(([lon, lat]) => [lat, lon]));
  L.polyline(rings, { pane: "border", renderer: L.canvas({ pane: "border" }), color: css("--dark"), weight: 2.5, interactive: false }).addTo(layers);
  route(rows);
  [...rows].reverse().forEach((row) => pin(row, row === current));
  L.layerGroup(me ? [me] : []).addTo(layers);
  if (tapped) tapped.addTo(layers);
  fit(rings, told);
}

function fit(rings, told) {
  const sight = told.area.borders.map((one) => one.area_id).join();
  if (sight === seen) return;
  const points = rings.flat().concat(day.orders().filter((one) => one.lat !== null && day.isOpen(one)).map((one) => [one.lat, one.lon]));
  map.invalidateSize();
  if (points.length) map.fitBounds(points, { paddingTopLeft: [12, 64], paddingBottomRight: [12, 12] });
  seen = sight;
}

function route(rows) {
  const told = day.held.day;
  const line = told.route.length > 1 ? told.route.map(([lon, lat]) => [lat, lon])
    : rows.filter((one) => one.lat !== null && one.nr).map((one) => [one.lat, one.lon]);
  if (line.length > 1) {
    L.polyline(line, { color: "#fff", weight: 7, opacity: 0.8, interactive: false }).addTo(layers);
    L.polyline(line, { color: css("--dark"), weight: 3.5, dashArray: told.route.length > 1 ? null : "7 6", interactive: false }).addTo(layers);
  }
}

function pin(row, isCurrent) {
  if (row.lat === null || row.lat === undefined || !row.nr) return;
  const size = isCurrent ? 34 : 28;
  const kind = isCurrent ? "first" : row.what === "chore" ? "chore" : "";
  const icon = L.divIcon({ className: "", iconSize: [size, size], html: `<div class="pin ${kind}" style="width:${size}px;height:${size}px">${Number(row.nr)}</div>` });
  const made = L.marker([row.lat, row.lon], { icon, keyboard: false, zIndexOffset: isCurrent ? 1000 : 0 }).addTo(layers);
  made.on("click", () => { location.hash = row.what === "order" ? `#order/${encodeURIComponent(row.order_id)}` : "#today"; });
}

function showMe(fix) {
  if (!map || !fix) return;
  const icon = L.divIcon({ className: "", iconSize: [26, 26], html: '<div class="pin me" style="width:26px;height:26px"></div>' });
  me?.remove();
  me = L.layerGroup([
    L.circle([fix.lat, fix.lon], { radius: fix.accuracy_m, color: css("--dark"), weight: 1, fillOpacity: 0.1, interactive: false }),
    L.marker([fix.lat, fix.lon], { icon, interactive: false }),
  ]).addTo(layers);
}

/** Mark the place that was asked about, and bring it into view. */
export function mark(where) {
  tapped?.remove();
  tapped = null;
  if (!map || !where || where.lat === null || where.lat === undefined) return;
  tapped = L.circleMarker([where.lat, where.lon], { radius: 12, color: "#0b1f1e", weight: 3, fill: false, interactive: false }).addTo(layers);
  if (!map.getBounds().pad(-0.1).contains([where.lat, where.lon])) map.panTo([where.lat, where.lon]);
}

export const resize = () => map?.invalidateSize();

/** The streets, kept on the phone where the file is small; without them the ground stays plain. */
function basemap(url) {
  if (!url || ground === url || !window.GridCells?.basemap) return;
  ground = url;
  window.GridCells.basemap(url).addTo(map);
  keep(url).catch((error) => console.warn("the streets were not kept", error));
}

async function keep(url) {
  if (!("caches" in window) || !navigator.onLine) return;
  const kept = await caches.open("grid-cells-crew-streets");
  if (await kept.match(url)) return;
  const head = await fetch(url, { method: "HEAD" });
  if (!head.ok || Number(head.headers.get("content-length") ?? Infinity) > SMALL_ENOUGH) return;
  for (const old of await kept.keys()) await kept.delete(old);
  await kept.put(url, await fetch(url));
}
