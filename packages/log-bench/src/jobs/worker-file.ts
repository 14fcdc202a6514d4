/** The program of the child processes, as it lies beside this one when both are built. */
import { fileURLToPath } from 'node:url';

/** Its path. */
export const WORKER_FILE = fileURLToPath(new URL('./worker.js', import.meta.url));
