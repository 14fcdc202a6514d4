/** The floors under reading and opening: the same files read and checked, or listed, with nothing in between. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Crc32c } from './native-crc.js';

const BUFFER = Buffer.alloc(1024 * 1024);

/** The segments of a log, oldest first. */
export function segmentFiles(dir: string): string[] {
  const names = readdirSync(dir).filter((name) => /^\d{20}\.log$/.test(name));
  return names.sort().map((name) => join(dir, name));
}

/** Reads the files through one buffer and takes the CRC-32C of every MiB; answers bytes and milliseconds. */
export function readAndCheck(paths: readonly string[], crc32c: Crc32c): { readonly bytes: number; readonly milliseconds: number } {
  const startedAt = performance.now();
  let bytes = 0;
  for (const path of paths) {
    const fd = openSync(path, 'r');
    for (;;) {
      const count = readSync(fd, BUFFER, 0, BUFFER.length, null);
      if (count === 0) break;
      crc32c(BUFFER.subarray(0, count));
      bytes += count;
    }
    closeSync(fd);
  }
  return { bytes, milliseconds: performance.now() - startedAt };
}

/**
 * Reads pieces of `bytes` at random places of the files, each at a multiple of its length, and takes the CRC-32C of each,
 * for about so long; answers pieces per second.
 */
export function readAndCheckAtRandom(paths: readonly string[], bytes: number, milliseconds: number, random: () => number, crc32c: Crc32c): number {
  const buffer = Buffer.alloc(bytes);
  const files = paths.map((path) => {
    const fd = openSync(path, 'r');
    return { fd, pieces: Math.floor(fstatSync(fd).size / bytes) };
  });
  const pieces = files.reduce((sum, file) => sum + file.pieces, 0);
  const startedAt = performance.now();
  let count = 0;
  do {
    let at = Math.floor(random() * pieces);
    const file = files.find((one) => {
      if (at < one.pieces) return true;
      at -= one.pieces;
      return false;
    });
    if (file === undefined) throw new Error('there is not a whole piece to read');
    crc32c(buffer.subarray(0, readSync(file.fd, buffer, 0, bytes, at * bytes)));
    count += 1;
  } while (performance.now() - startedAt < milliseconds);
  const perSecond = (count * 1000) / (performance.now() - startedAt);
  for (const { fd } of files) closeSync(fd);
  return perSecond;
}

/** Lists a directory and asks for the facts of every file in it. */
export function listAndStat(dir: string): { readonly files: number; readonly milliseconds: number } {
  const startedAt = performance.now();
  const names = readdirSync(dir);
  for (const name of names) statSync(join(dir, name));
  return { files: names.length, milliseconds: performance.now() - startedAt };
}
