/**
 * async-append-only-log: its append answers before the block is written, and `onDrain` may answer while a block is still being
 * written. What counts as acknowledged is that `since`, which follows each synced block, has come to the
 * record: so the same setting is both durable and written. A block waits for company by a timer of a millisecond at least.
 * A record is at most 64 KiB.
 */
import { join } from 'node:path';
import type { Work } from '../../model/workload.js';
import { joinRecord, splitRecord, touchJoined } from './joined-record.js';
import type { Peer } from './peer.js';

type Callback = (error: unknown) => void;

interface Log {
  append(data: Buffer | readonly Buffer[], callback: (error: unknown, offset: number) => void): void;
  /** Where the last record is that is in the file. */
  readonly since: { readonly value: number };
  onDrain(callback: () => void): void;
  stream(options: { readonly offsets: false }): { pipe(sink: { readonly paused: boolean; readonly write: (value: Buffer) => void; readonly end: Callback }): void };
  close(callback: Callback): void;
}

type Exports = (path: string, options: { readonly blockSize: number; readonly writeTimeout: number }) => Log;

const RECORD_BYTES_MAX = 60_000;
const BLOCK_BYTES = 64 * 1024;
/** The least it takes for a number: 0 means its default, 250. */
const WRITE_TIMEOUT_MS = 1;

function supports(work: Work): boolean {
  if (work.kind === 'read') return true;
  if (work.kind === 'append') return !work.followed && work.size.valueBytes < RECORD_BYTES_MAX;
  return work.kind === 'offered';
}

/** async-append-only-log. */
export const asyncAppendOnlyLog: Peer = {
  packageName: 'async-append-only-log',
  version: '4.3.10',
  supports,
  async open(exports, dir) {
    const log = (exports as Exports)(join(dir, 'log'), { blockSize: BLOCK_BYTES, writeTimeout: WRITE_TIMEOUT_MS });
    await new Promise<void>((resolve) => {
      log.onDrain(resolve);
    });
    const whenWritten = (offset: number, done: () => void): void => {
      log.onDrain(() => {
        if (log.since.value >= offset) done();
        else setImmediate(whenWritten, offset, done);
      });
    };
    const append = (data: Buffer | readonly Buffer[]): Promise<void> =>
      new Promise((resolve, reject) => {
        log.append(data, (error, offset) => {
          if (error !== null && error !== undefined) reject(toError(error));
          else whenWritten(offset, resolve);
        });
      });
    return {
      async produce(next) {
        for (let record = next(); record !== null; record = next()) await append(joinRecord(record));
      },
      async produceBatches(next) {
        for (let batch = next(); batch !== null; batch = next()) await append(batch.map(joinRecord));
      },
      append(record, acknowledged) {
        log.append(joinRecord(record), (_error, offset) => {
          whenWritten(offset, acknowledged);
        });
      },
      readAll: (visit) =>
        scan(log, (value) => {
          splitRecord(value, visit);
        }),
      async touchAll() {
        let sum = 0;
        await scan(log, (value) => {
          sum += touchJoined(value);
        });
        return sum;
      },
      // Its places are positions in the file, which nobody keeps; `supports` says so.
      readPlaces: () => Promise.reject(new Error('async-append-only-log reads no record by its number')),
      close: () =>
        new Promise((resolve, reject) => {
          log.close((error) => {
            if (error !== null && error !== undefined) reject(toError(error));
            else resolve();
          });
        }),
    };
  },
};

function scan(log: Log, write: (value: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error: unknown): void => {
      if (error !== null && error !== undefined && error !== true) reject(toError(error));
      else resolve();
    };
    log.stream({ offsets: false }).pipe({ paused: false, write, end });
  });
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
