// A narrow screen reads a table as one block for each row: every cell is named after its column.
// The roles keep it a table for screen readers, whatever the style sheet makes of its boxes.
function nameCells(table) {
  const columns = [...table.querySelectorAll("thead th")].map((head) => head.textContent);
  table.setAttribute("role", "table");
  table.querySelectorAll("thead, tbody").forEach((group) => group.setAttribute("role", "rowgroup"));
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    const inHead = row.parentElement.tagName === "THEAD";
    [...row.cells].forEach((cell, place) => {
      cell.setAttribute("role", inHead ? "columnheader" : cell.tagName === "TH" ? "rowheader" : "cell");
      if (cell.tagName === "TD") cell.dataset.column = columns[place];
    });
  }
  table.classList.add("named");
}

document.querySelectorAll("table").forEach(nameCells);

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
    copy.marker = { color: colour(copy.meta) };
    if (copy.error_x) copy.error_x = { ...copy.error_x, color: colour("ink") };
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

// What a phone shows of a chart: names and legends above or below the drawing, not beside it.
const NARROW = matchMedia("(max-width: 640px)");
const NAME_HEIGHT = 22;
// As many letters as fit beside the colour of a legend.
const LEGEND_LETTERS = 36;

function wrapped(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last && last.length + word.length >= LEGEND_LETTERS) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines.join("<br>");
}

function narrowed(spec, height) {
  const [first] = spec.data;
  if (first.type === "pie") {
    const legend = { orientation: "h", x: 0, xanchor: "left", y: -0.08, yanchor: "top" };
    const data = [{ ...first, labels: first.labels.map(wrapped), textinfo: "value", textposition: "inside" }];
    return { data, layout: { ...spec.layout, legend, margin: { l: 8, r: 8, t: 8, b: 8 } }, height };
  }
  if (first.type !== "bar") {
    const legend = { ...spec.layout.legend, orientation: "v", y: 1.02, yanchor: "bottom", font: { size: 12 } };
    const above = spec.layout.legend ? { r: 8, t: 60 } : {};
    const margin = { ...spec.layout.margin, l: 44, ...above };
    return { data: spec.data, layout: { ...spec.layout, legend, margin }, height };
  }
  // Of several traces each may draw some of the names: the axis then has them all.
  const names = (spec.layout.yaxis.categoryarray || first.y).map((name) => ({
    x: 0, y: name, text: name, showarrow: false, xanchor: "left", yanchor: "bottom", yshift: 9, font: { size: 12 },
  }));
  const layout = {
    ...spec.layout,
    yaxis: { ...spec.layout.yaxis, showticklabels: false },
    bargap: 0.68,
    annotations: [...spec.layout.annotations, ...names],
    // Right: half a number, which is centred under the end of the axis.
    margin: { ...spec.layout.margin, l: 6, r: 22 },
  };
  return { data: spec.data, layout, height: height + NAME_HEIGHT * names.length };
}

function draw() {
  for (const [id, spec] of Object.entries(CHARTS)) {
    const place = document.getElementById(id);
    const wide = Number(place.dataset.height);
    const { data, layout, height } = NARROW.matches ? narrowed(spec, wide) : { ...spec, height: wide };
    place.style.height = `${height}px`;
    Plotly.react(id, data.map(painted), framed(layout), { displayModeBar: false, responsive: true });
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
NARROW.addEventListener("change", draw);
// On paper every table is open and the colours are those of paper.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((one) => { one.open = true; });
  draw();
});
addEventListener("afterprint", () => { opened.forEach((one) => { one.open = false; }); draw(); });
