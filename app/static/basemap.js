/* A quiet ground: water pale, streets thin and light, names only where there is room.
 * Needs protomaps-leaflet (protomapsL) and a PMTiles file with one layer "ground": water has rank 0. */
(function (root) {
  "use strict";

  const FONT = "'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
  const KINDS = [
    // class, first zoom, [zoom, width] steps, colour
    [4, 14, [[14, 0.5], [16, 2.5], [18, 6]], "#f7f8f5"],
    [3, 13, [[13, 0.6], [16, 3.5], [18, 8]], "#f9faf7"],
    [2, 11, [[11, 0.7], [14, 1.8], [16, 5], [18, 11]], "#fbfcfa"],
    [1, 8, [[8, 0.6], [11, 1.2], [14, 2.8], [16, 7], [18, 14]], "#ffffff"],
  ];

  function widths(steps) {
    return (zoom) => {
      if (zoom <= steps[0][0]) return steps[0][1];
      for (let k = 1; k < steps.length; k++) {
        const [z0, w0] = steps[k - 1];
        const [z1, w1] = steps[k];
        if (zoom <= z1) return w0 + ((w1 - w0) * (zoom - z0)) / (z1 - z0);
      }
      return steps[steps.length - 1][1];
    };
  }

  function streetRules() {
    return KINDS.map(([rank, minzoom, steps, colour]) => ({
      dataLayer: "ground",
      minzoom: minzoom,
      filter: (zoom, feature) => feature.props.rank === rank,
      symbolizer: new root.protomapsL.LineSymbolizer({ color: colour, width: widths(steps) }),
    }));
  }

  function waterRule() {
    return {
      dataLayer: "ground",
      filter: (zoom, feature) => feature.props.rank === 0,
      symbolizer: new root.protomapsL.PolygonSymbolizer({ fill: "#c3d6de" }),
    };
  }

  function nameRule() {
    return {
      dataLayer: "ground",
      minzoom: 15,
      filter: (zoom, { props }) => props.rank > 0 && props.rank <= (zoom >= 16 ? 3 : 2),
      symbolizer: new root.protomapsL.LineLabelSymbolizer({
        labelProps: ["name"],
        fill: "#5d6a69",
        stroke: "#f4f6f2",
        width: 2,
        font: "500 11px " + FONT,
      }),
    };
  }

  root.GridCells = Object.assign(root.GridCells || {}, {
    basemap(url) {
      return root.protomapsL.leafletLayer({
        url: url,
        attribution: "",
        noWrap: true,
        maxDataZoom: 14,
        backgroundColor: undefined,
        paintRules: [waterRule()].concat(streetRules()),
        labelRules: [nameRule()],
      });
    },
  });
})(window);
