/** The log itself, with its default options: what a user gets who reads no manual. Only batches above 1 MiB have to be allowed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageLog, type BrimlogError, type LogOptions, type ReadBatch } from '@brimlog/log-core';
import type { BenchRecord } from '../measure/record-ring.js';
import type { BenchStore, StoreSettings, Visit } from './bench-store.js';

/** An open log. */
export type OpenedLog = Awaited<ReturnType<typeof openLog>>;

/** The longest wait for the spare, which a small volume never gets. */
const SETTLE_MS_MAX = 3000;
/** What one batch may hold if nothing else is said. */
const DEFAULT_BATCH_BYTES = 1024 * 1024;

/** Turns a value that says what failed into an exception. */
export function failure(doing: string, error: BrimlogError): Error {
  return new Error(`${doing}: ${error.kind}: ${error.message}`);
}

/** Opens a log or throws. */
export async function openLog(dir: string, options?: LogOptions) {
  const opened = await MessageLog.open(dir, options);
  if (opened.isErr()) throw failure('opening', opened.error);
  return opened.value;
}

/** Closes a log or throws. */
export async function closeLog(log: OpenedLog): Promise<void> {
  const closed = await log.close();
  if (closed.isErr()) throw failure('closing', closed.error);
}

/** Every record of a log, by batches. */
export async function readLog(log: OpenedLog, visit: Visit): Promise<void> {
  for await (const batch of log.batches({ from: log.status().logStartOffset })) {
    if (batch.isErr()) throw failure('reading', batch.error);
    visitAll(batch.value.records, visit);
  }
}

function visitAll(records: ReadBatch['records'], visit: Visit): void {
  for (const { key, value } of records) {
    if (key === null || value === null) throw new Error('a record came back without its key or value');
    visit(key, value);
  }
}

class BrimlogStore implements BenchStore {
  readonly #log: OpenedLog;

  constructor(log: OpenedLog) {
    this.#log = log;
  }

  async produce(next: () => BenchRecord | null): Promise<void> {
    const log = this.#log;
    for (let record = next(); record !== null; record = next()) {
      const appended = await log.append(record);
      if (appended.isErr()) throw failure('appending', appended.error);
    }
  }

  async produceBatches(next: () => readonly BenchRecord[] | null): Promise<void> {
    const log = this.#log;
    for (let batch = next(); batch !== null; batch = next()) {
      const appended = await log.append(batch);
      if (appended.isErr()) throw failure('appending', appended.error);
    }
  }

  append(record: BenchRecord, acknowledged: () => void): void {
    this.#log.append(record).then(
      (appended) => {
        if (appended.isErr()) throw failure('appending', appended.error);
        acknowledged();
      },
      () => undefined,
    );
  }

  counters(): { readonly syncs: number; readonly writes: number } {
    const { syncs, writes } = this.#log.metrics();
    return { syncs, writes };
  }

  async settle(): Promise<void> {
    const flushed = await this.#log.flush();
    if (flushed.isErr()) throw failure('flushing', flushed.error);
    for (let waited = 0; this.#log.status().spare === null && waited < SETTLE_MS_MAX; waited += 10) await sleep(10);
  }

  readAll(visit: Visit): Promise<void> {
    return readLog(this.#log, visit);
  }

  async touchAll(): Promise<number> {
    const log = this.#log;
    let sum = 0;
    for await (const batch of log.batches({ from: log.status().logStartOffset })) {
      if (batch.isErr()) throw failure('reading', batch.error);
      for (const { key, value } of batch.value.records) sum += lastByte(key) + lastByte(value);
    }
    return sum;
  }

  async readPlaces(next: () => number | null, visit: Visit): Promise<void> {
    const log = this.#log;
    for (let place = next(); place !== null; place = next()) {
      const read = await log.read({ from: place, bytesMax: 1 });
      if (read.isErr()) throw failure('reading', read.error);
      for (const { key, value } of read.value.records) {
        visit(key ?? new Uint8Array(), value ?? new Uint8Array());
        break;
      }
    }
  }

  readonly follow = async (visit: Visit, signal: AbortSignal): Promise<void> => {
    for await (const batch of this.#log.batches({ from: this.#log.status().logStartOffset, follow: true, signal })) {
      if (batch.isOk()) visitAll(batch.value.records, visit);
      else if (batch.error.kind !== 'aborted') throw failure('following', batch.error);
    }
  };

  close(): Promise<void> {
    return closeLog(this.#log);
  }
}

function lastByte(bytes: Uint8Array | null): number {
  return bytes === null ? 0 : (bytes[bytes.length - 1] ?? 0);
}

/** Opens the log as a store. */
export async function openBrimlog(dir: string, { ack, appendBytes }: StoreSettings): Promise<BenchStore> {
  return new BrimlogStore(await openLog(dir, appendBytes > DEFAULT_BATCH_BYTES ? { ack, batchBytesMax: appendBytes } : { ack }));
}
