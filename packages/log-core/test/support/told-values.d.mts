/** The text that stands for one record of one run. */
export function valueOf(run: number, number: number): string;
