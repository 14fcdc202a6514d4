/** What a log holds, as tests compare it. */
import { expect } from 'vitest';
import type { LogRecord, MessageLog, ReadError } from '../../src/index.js';
import { must } from './open-log.js';

/** A record with its bytes as text, null where there are none. */
export interface TextRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

export function toText(record: LogRecord): TextRecord {
  return { offset: record.offset, key: text(record.key), value: text(record.value) };
}

/** Bytes as UTF-8. */
export function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Everything from `from` (the log start by default) to the high watermark, through `records`. */
export async function recordsOf(log: MessageLog, from = log.status().logStartOffset): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  for await (const record of log.records({ from })) found.push(must(record));
  return found;
}

/** The values of all records, as text. */
export async function valuesOf(log: MessageLog, from?: number): Promise<(string | null)[]> {
  return (await recordsOf(log, from)).map((record) => text(record.value));
}

/** What can be served, going on behind every corruption, and the corruptions. */
export async function salvage(log: MessageLog): Promise<{ readonly records: LogRecord[]; readonly errors: ReadError[] }> {
  const records: LogRecord[] = [];
  const errors: ReadError[] = [];
  const end = log.status().highWatermark;
  let from = log.status().logStartOffset;
  while (from < end) {
    const before = from;
    for await (const result of log.records({ from })) {
      if (result.isOk()) {
        records.push(result.value);
        from = result.value.offset + 1;
        continue;
      }
      errors.push(result.error);
      from = result.error.kind === 'corruption' ? result.error.nextOffset : end;
    }
    if (from <= before) throw new Error(`reading does not go on behind ${String(before)}: ${JSON.stringify(errors.at(-1))}`);
  }
  return { records, errors };
}

/** The whole log is sound, dense and of this many records. */
export async function expectSound(log: MessageLog, count: number): Promise<void> {
  const { logStartOffset, highWatermark } = log.status();
  const report = must(await log.verify());
  expect(report.problems).toEqual([]);
  expect(highWatermark - logStartOffset).toBe(count);
  const offsets = (await recordsOf(log)).map((record) => record.offset);
  expect(offsets).toEqual(Array.from({ length: count }, (_, i) => logStartOffset + i));
}

/** The next value of an iteration that must not have ended. */
export async function nextOf<T>(iteration: AsyncIterator<T>): Promise<T> {
  const step = await iteration.next();
  if (step.done === true) throw new Error('the iteration has ended');
  return step.value;
}
