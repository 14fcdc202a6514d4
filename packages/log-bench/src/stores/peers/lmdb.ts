/**
 * LMDB through lmdb-js: counted keys, binary values, no cache. Durable is a put, then `flushed`, which concurrent callers
 * share; written is `noSync`, where a commit is in the page cache.
 */
import { join } from 'node:path';
import type { BenchRecord } from '../../measure/record-ring.js';
import { joinRecord, splitRecord, touchJoined } from './joined-record.js';
import { appendsOrReads, type Peer } from './peer.js';

interface Database {
  get(key: number): Buffer | undefined;
  put(key: number, value: Buffer): Promise<boolean>;
  transaction<T>(work: () => T): Promise<T>;
  readonly flushed: Promise<unknown>;
  getRange(): Iterable<{ readonly value: Buffer }>;
  getKeys(options: { readonly reverse: true; readonly limit: 1 }): Iterable<number>;
  close(): Promise<void>;
}

interface Exports {
  open(options: { readonly path: string; readonly keyEncoding: 'uint32'; readonly encoding: 'binary'; readonly cache: false; readonly noSync: boolean }): Database;
}

/** lmdb-js. */
export const lmdb: Peer = {
  packageName: 'lmdb',
  version: '3.5.6',
  supports: appendsOrReads,
  async open(exports, dir, ack) {
    const isDurable = ack === 'flushed';
    const db = (exports as Exports).open({ path: join(dir, 'log.lmdb'), keyEncoding: 'uint32', encoding: 'binary', cache: false, noSync: !isDurable });
    let last = -1;
    for (const key of db.getKeys({ reverse: true, limit: 1 })) last = key;
    const put = (record: BenchRecord): Promise<boolean> => {
      last += 1;
      return db.put(last, joinRecord(record));
    };
    const acknowledge = async (committed: Promise<unknown>): Promise<void> => {
      await committed;
      if (isDurable) await db.flushed;
    };
    return {
      async produce(next) {
        for (let record = next(); record !== null; record = next()) await acknowledge(put(record));
      },
      async produceBatches(next) {
        for (let batch = next(); batch !== null; batch = next()) {
          const records = batch;
          await acknowledge(
            db.transaction(() => {
              for (const record of records) put(record).catch(rethrow);
            }),
          );
        }
      },
      append(record, acknowledged) {
        acknowledge(put(record)).then(acknowledged, rethrow);
      },
      async readAll(visit) {
        for (const { value } of db.getRange()) splitRecord(value, visit);
      },
      async touchAll() {
        let sum = 0;
        for (const { value } of db.getRange()) sum += touchJoined(value);
        return sum;
      },
      async readPlaces(next, visit) {
        for (let place = next(); place !== null; place = next()) {
          const value = db.get(place);
          if (value === undefined) throw new Error(`there is no key ${place}`);
          splitRecord(value, visit);
        }
      },
      close: () => db.close(),
    };
  },
};

/** Ends the process: a benchmark that lost an append has nothing to tell. */
function rethrow(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown;
  });
}
