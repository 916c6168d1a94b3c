/** Breaks a JSON text on one line into lines. Nothing but line breaks and indents is added. */

/** Return the text with a line for each element; a text of several lines as it is. */
export function brokenIntoLines(text: string): string {
  if (text.trim().includes("\n")) {
    return text;
  }
  let depth = 0;
  let isString = false;
  let lines = "";
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (isString) {
      lines += sign;
      if (sign === "\\") {
        at += 1;
        lines += text.charAt(at);
      }
      isString = sign !== '"';
    } else if (sign === "{" || sign === "[") {
      depth += 1;
      lines += `${sign}\n${"  ".repeat(depth)}`;
    } else if (sign === "}" || sign === "]") {
      depth -= 1;
      lines += `\n${"  ".repeat(Math.max(0, depth))}${sign}`;
    } else {
      isString = sign === '"';
      lines += sign === "," ? `,\n${"  ".repeat(Math.max(0, depth))}` : sign;
    }
  }
  return lines;
}
