/** The checksum of the floors: the same native CRC-32C that the log itself uses, found where the log finds it. */
import { createRequire } from 'node:module';

/** The CRC-32C of some bytes. */
export type Crc32c = (bytes: Uint8Array) => number;

/** Loads it; throws where this platform has no native one, since a slower floor would flatter the log. */
export function loadCrc32c(): Crc32c {
  const here = createRequire(import.meta.url);
  const fromCore = createRequire(here.resolve('@brimlog/log-core'));
  return (fromCore('@node-rs/crc32') as { readonly crc32c: Crc32c }).crc32c;
}
