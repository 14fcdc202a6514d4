/** LevelDB through classic-level: 8-byte big-endian keys, buffers, no compression; durable is `sync: true`, and reading by a thousand. */
import { join } from 'node:path';
import type { BenchRecord } from '../../measure/record-ring.js';
import { joinRecord, splitRecord, touchJoined } from './joined-record.js';
import { appendsOrReads, type Peer } from './peer.js';

interface Put {
  readonly type: 'put';
  readonly key: Buffer;
  readonly value: Buffer;
}

interface Database {
  open(): Promise<void>;
  get(key: Buffer): Promise<Buffer | undefined>;
  put(key: Buffer, value: Buffer, options: { readonly sync: boolean }): Promise<void>;
  batch(operations: readonly Put[], options: { readonly sync: boolean }): Promise<void>;
  keys(options: { readonly reverse: true; readonly limit: 1 }): { all(): Promise<Buffer[]> };
  iterator(): { nextv(size: number): Promise<[Buffer, Buffer][]>; close(): Promise<void> };
  close(): Promise<void>;
}

interface Exports {
  readonly ClassicLevel: new (path: string, options: { readonly keyEncoding: 'buffer'; readonly valueEncoding: 'buffer'; readonly compression: false }) => Database;
}

const READ_AT_ONCE = 1000;

/** classic-level. */
export const classicLevel: Peer = {
  packageName: 'classic-level',
  version: '3.0.0',
  supports: appendsOrReads,
  async open(exports, dir, ack) {
    const db = new (exports as Exports).ClassicLevel(join(dir, 'level'), { keyEncoding: 'buffer', valueEncoding: 'buffer', compression: false });
    await db.open();
    const sync = ack === 'flushed';
    const [lastKey] = await db.keys({ reverse: true, limit: 1 }).all();
    let count = lastKey === undefined ? 0n : lastKey.readBigUInt64BE() + 1n;
    const nextKey = (): Buffer => {
      const key = keyOf(count);
      count += 1n;
      return key;
    };
    const put = (record: BenchRecord): Promise<void> => db.put(nextKey(), joinRecord(record), { sync });
    return {
      async produce(next) {
        for (let record = next(); record !== null; record = next()) await put(record);
      },
      async produceBatches(next) {
        for (let batch = next(); batch !== null; batch = next()) {
          const puts = batch.map((record): Put => ({ type: 'put', key: nextKey(), value: joinRecord(record) }));
          await db.batch(puts, { sync });
        }
      },
      append(record, acknowledged) {
        put(record).then(acknowledged, (thrown: unknown) => {
          queueMicrotask(() => {
            throw thrown;
          });
        });
      },
      readAll: (visit) =>
        eachValue(db, (value) => {
          splitRecord(value, visit);
        }),
      async touchAll() {
        let sum = 0;
        await eachValue(db, (value) => {
          sum += touchJoined(value);
        });
        return sum;
      },
      async readPlaces(next, visit) {
        for (let place = next(); place !== null; place = next()) {
          const value = await db.get(keyOf(BigInt(place)));
          if (value === undefined) throw new Error(`there is no key ${place}`);
          splitRecord(value, visit);
        }
      },
      close: () => db.close(),
    };
  },
};

function keyOf(count: bigint): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(count);
  return key;
}

async function eachValue(db: Database, take: (value: Buffer) => void): Promise<void> {
  const iterator = db.iterator();
  for (let entries = await iterator.nextv(READ_AT_ONCE); entries.length > 0; entries = await iterator.nextv(READ_AT_ONCE)) {
    for (const [, value] of entries) take(value);
  }
  await iterator.close();
}
