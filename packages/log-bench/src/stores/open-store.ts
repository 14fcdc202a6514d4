/** Finds a store by its name. Everything but the log itself is optional and loaded only when it is asked for. */
import type { OpenStore } from './bench-store.js';
import { openBrimlog } from './brimlog-store.js';

/** The log itself. */
export const BRIMLOG = 'brimlog';

/** How `subject` is opened; throws where it is not known or not installed. `peersFrom` is where else to look for packages. */
export async function storeOpener(subject: string, _peersFrom: string): Promise<OpenStore> {
  if (subject === BRIMLOG) return openBrimlog;
  throw new Error(`no store is called ${subject}`);
}
