/** Saves a chart as SVG or PNG that looks the same away from the page: its styles go with it. */
import { saveFile } from "@/api/download";

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

interface Chart {
  text: string;
  name: string;
  width: number;
  height: number;
}

/** Return the chart of a block as SVG text, with its name and size; null where there is none. */
function chartIn(block: HTMLElement | null): Chart | null {
  const chart = block?.querySelector<SVGElement>(".chart svg[aria-label]");
  if (chart == null) {
    return null;
  }
  const copy = withStyles(chart);
  const { width, height } = chart.getBoundingClientRect();
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const text = new XMLSerializer().serializeToString(copy);
  return { text, name: chart.getAttribute("aria-label") ?? "chart", width, height };
}

export function saveChart(block: HTMLElement | null): void {
  const chart = chartIn(block);
  if (chart !== null) {
    saveFile(new Blob([chart.text], { type: "image/svg+xml" }), `${chart.name}.svg`);
  }
}

/** Pixels of a picture for each one on the screen: sharp in a document. */
const SCALE = 2;

export async function savePicture(block: HTMLElement | null): Promise<void> {
  const chart = chartIn(block);
  if (chart === null || block === null) {
    return;
  }
  const image = new Image();
  // The page's policy allows pictures from its own text, not from a blob's address.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(chart.text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(chart.width * SCALE);
  canvas.height = Math.ceil(chart.height * SCALE);
  const pen = canvas.getContext("2d");
  if (pen === null) {
    return;
  }
  pen.fillStyle = getComputedStyle(block).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (picture !== null) {
    saveFile(picture, `${chart.name}.png`);
  }
}
