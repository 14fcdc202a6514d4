/** The log itself, with its default options: what a user gets who reads no manual. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageLog, type LogOptions, type BrimlogError } from '@brimlog/log-core';
import type { BenchRecord } from '../measure/record-ring.js';
import type { Ack } from '../model/workload.js';
import type { BenchStore } from './bench-store.js';

/** An open log. */
export type OpenedLog = Awaited<ReturnType<typeof openLog>>;

/** The longest wait for the spare, which a small volume never gets. */
const SETTLE_MS_MAX = 3000;

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
export async function readLog(log: OpenedLog, visit: (key: Uint8Array, value: Uint8Array) => void): Promise<void> {
  for await (const batch of log.batches({ from: log.status().logStartOffset })) {
    if (batch.isErr()) throw failure('reading', batch.error);
    for (const { key, value } of batch.value.records) {
      if (key === null || value === null) throw new Error('a record came back without its key or value');
      visit(key, value);
    }
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

  readAll(visit: (key: Uint8Array, value: Uint8Array) => void): Promise<void> {
    return readLog(this.#log, visit);
  }

  close(): Promise<void> {
    return closeLog(this.#log);
  }
}

/** Opens the log as a store. */
export async function openBrimlog(dir: string, ack: Ack): Promise<BenchStore> {
  return new BrimlogStore(await openLog(dir, { ack }));
}
