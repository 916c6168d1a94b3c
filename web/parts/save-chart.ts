/** Saves a chart as an SVG file that looks the same away from the page: its styles go with it. */
const STYLES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "opacity",
] as const;

function withStyles(original: SVGElement): SVGElement {
  const copy = original.cloneNode(true) as SVGElement;
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  [original, ...original.querySelectorAll<SVGElement>("*")].forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const name of STYLES) {
      copies[index]?.setAttribute(name, style.getPropertyValue(name));
    }
    copies[index]?.removeAttribute("class");
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return copy;
}

export function saveChart(block: HTMLElement | null): void {
  const chart = block?.querySelector<SVGElement>(".chart svg[aria-label]");
  if (chart == null) {
    return;
  }
  const text = new XMLSerializer().serializeToString(withStyles(chart));
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${chart.getAttribute("aria-label") ?? "chart"}.svg`;
  link.click();
  URL.revokeObjectURL(address);
}
