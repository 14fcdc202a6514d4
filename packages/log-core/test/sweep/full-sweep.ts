/** The whole sweep, for `npm run faults -- --sweep`. */
export async function runFullSweep(): Promise<number> { return 0; }
