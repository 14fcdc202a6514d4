/** The producer's input: the lines of some files, one after the other, or of standard input. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { lineBatches } from './line-batches.js';

/** Lines of all files, or of standard input where there are none; ends early, and without an error, when `signal` is aborted. */
export async function* inputLines(files: readonly string[], signal: AbortSignal): AsyncGenerator<Uint8Array[]> {
  const sources = files.length === 0 ? [() => process.stdin] : files.map((path) => () => createReadStream(path));
  try {
    for (const open of sources) yield* lineBatches(addAbortSignal(signal, open()));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Bytes of all files together; null where that is not known beforehand. */
export async function inputBytes(files: readonly string[]): Promise<number | null> {
  if (files.length === 0) return null;
  const facts = await Promise.all(files.map((path) => stat(path)));
  return facts.reduce((bytes, { size }) => bytes + size, 0);
}

/** The lines after the first `count`. */
export async function* withoutFirst(batches: AsyncIterable<Uint8Array[]>, count: number): AsyncGenerator<Uint8Array[]> {
  let toSkip = count;
  for await (const batch of batches) {
    const rest = batch.slice(toSkip);
    toSkip = Math.max(0, toSkip - batch.length);
    if (rest.length > 0) yield rest;
  }
}
