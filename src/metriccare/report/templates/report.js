// Colours live in the style sheet: a chart takes those of the page as it is now, light or dark.
const SLICES = ["#0b6e75", "#d9822b", "#4a5fc1", "#8f3d8a", "#5f8f2f", "#b8434e", "#7a6a58", "#2f8fc4", "#a08a1f", "#596b7a"];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function painted(trace) {
  const copy = { ...trace };
  if (copy.type === "pie") {
    copy.marker = { colors: SLICES, line: { color: colour("card"), width: 2 } };
  } else if (copy.meta && copy.meta.endsWith("-band")) {
    copy.fillcolor = colour(copy.meta);
  } else if (copy.type === "bar") {
    copy.marker = { color: colour("bar") };
    copy.error_x = { ...copy.error_x, color: colour("ink") };
  } else {
    copy.line = { color: colour(copy.meta), width: 2.5 };
    copy.marker = { color: colour(copy.meta), size: 8 };
  }
  return copy;
}

function framed(layout) {
  const axis = { gridcolor: colour("line"), zerolinecolor: colour("reference"), linecolor: colour("line"), fixedrange: true };
  return {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour("ink") },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
    shapes: (layout.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: colour("reference") } })),
    hoverlabel: { bgcolor: colour("card"), bordercolor: colour("line"), font: { color: colour("ink") } },
  };
}

function draw() {
  for (const [id, spec] of Object.entries(CHARTS)) {
    Plotly.react(id, spec.data.map(painted), framed(spec.layout), { displayModeBar: false, responsive: true });
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
// On paper every table is open and the colours are those of paper.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((one) => { one.open = true; });
  draw();
});
addEventListener("afterprint", () => { opened.forEach((one) => { one.open = false; }); draw(); });
