/** The TypeScript of the datasets' rows. */
export function datasetTypes(): string;
