/**
 * The fastest CRC-32C there is: the processor's instruction through @node-rs/crc32 where that loads, the
 * table elsewhere. INVARIANT: both give the same unsigned number; the native one is believed only after it
 * gave the right answer once.
 */
// eslint-disable-next-line no-restricted-imports -- the table is what this falls back to: the same pure function, and nothing is decided
import { crc32cTable, type Crc32c } from '../../codec/crc32c.js';
import { loadModule } from './load-module.js';

/** Below this many bytes the call into native code costs more than the table. */
const NATIVE_FROM_BYTES = 200;

/** The check value of the CRC catalogue: "123456789" in ASCII. */
const CHECK_INPUT = Uint8Array.from([49, 50, 51, 52, 53, 54, 55, 56, 57]);
const CHECK_VALUE = 0xe3069283;

function loadNative(load: (name: string) => unknown): Crc32c | null {
  try {
    const native = (load('@node-rs/crc32') as { crc32c: Crc32c }).crc32c;
    return native(CHECK_INPUT) === CHECK_VALUE ? native : null;
  } catch {
    return null;
  }
}

let fastest: Crc32c | null = null;

/** Makes the function out of what `load` finds; for tests. @internal */
export function chooseCrc32c(load: (name: string) => unknown): Crc32c {
  const native = loadNative(load);
  if (native === null) return crc32cTable;
  return (bytes) => (bytes.byteLength < NATIVE_FROM_BYTES ? crc32cTable(bytes) : native(bytes));
}

/** The checksum function of this host, loaded at the first call and kept. Never throws. @internal */
export function fastestCrc32c(): Crc32c {
  fastest ??= chooseCrc32c(loadModule);
  return fastest;
}
