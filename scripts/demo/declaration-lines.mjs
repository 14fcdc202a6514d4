// @ts-check
// The text the demos run on: every line of the .d.ts files that the installed typescript package ships, in the order of their paths.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { filesBelow } from '../bootstrap/stamp.mjs';

/** The lines without their line feeds, as bytes, and where they come from. */
export function declarationLines() {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
  const files = filesBelow(dirname(manifest)).filter((path) => path.endsWith('.d.ts')).sort();
  const lines = files.flatMap((path) => linesOf(readFileSync(path)));
  return { lines, filesCount: files.length, version: JSON.parse(readFileSync(manifest, 'utf8')).version };
}

/**
 * Lines end with a line feed; the last one may do without.
 * @param {Buffer} bytes
 * @returns {Buffer[]}
 */
export function linesOf(bytes) {
  const lines = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    const next = end === -1 ? bytes.length : end;
    lines.push(bytes.subarray(at, next));
    at = next + 1;
  }
  return lines;
}
