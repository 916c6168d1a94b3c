/** Return where the rows of a CSV are as a workbook; its second sheet has what notes say. */
export function workbookOf(csv: string): string {
  const [path = "", query = ""] = csv.split("?");
  const rest = query.split("&").filter((part) => part !== "" && part !== "notes=true");
  const workbook = path.replace(/\.csv$/, ".xlsx");
  return rest.length === 0 ? workbook : `${workbook}?${rest.join("&")}`;
}
