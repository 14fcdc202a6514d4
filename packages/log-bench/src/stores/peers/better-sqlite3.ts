/**
 * SQLite in WAL mode through better-sqlite3. Durable is `synchronous = FULL`, set after every opening, because it comes back
 * as NORMAL; written is OFF. Every call blocks the event loop, so callers take turns and nothing is joined.
 */
import { join } from 'node:path';
import type { BenchRecord } from '../../measure/record-ring.js';
import { appendsOrReads, type Peer } from './peer.js';

interface Statement {
  run(...values: unknown[]): unknown;
  get(id: number): [Buffer, Buffer] | undefined;
  iterate(): Iterable<[Buffer, Buffer]>;
  raw(): Statement;
}

interface Database {
  pragma(text: string): unknown;
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  transaction<T>(work: (argument: T) => void): (argument: T) => void;
  close(): void;
}

/** Lets the other callers run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** better-sqlite3. */
export const betterSqlite3: Peer = {
  packageName: 'better-sqlite3',
  version: '12.11.1',
  supports: appendsOrReads,
  async open(exports, dir, ack) {
    const db = new (exports as new (path: string) => Database)(join(dir, 'log.sqlite'));
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${ack === 'flushed' ? 'FULL' : 'OFF'}`);
    db.exec('CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL)');
    const insert = db.prepare('INSERT INTO log (key, value) VALUES (?, ?)');
    const insertAll = db.transaction<readonly BenchRecord[]>((records) => {
      for (const { key, value } of records) insert.run(key, value);
    });
    return {
      async produce(next) {
        for (let record = next(); record !== null; record = next()) {
          insert.run(record.key, record.value);
          await turn();
        }
      },
      async produceBatches(next) {
        for (let batch = next(); batch !== null; batch = next()) {
          insertAll(batch);
          await turn();
        }
      },
      append({ key, value }, acknowledged) {
        insert.run(key, value);
        acknowledged();
      },
      async readAll(visit) {
        for (const [key, value] of db.prepare('SELECT key, value FROM log ORDER BY id').raw().iterate()) visit(key, value);
      },
      async touchAll() {
        let sum = 0;
        for (const [key, value] of db.prepare('SELECT key, value FROM log ORDER BY id').raw().iterate()) sum += (key[key.length - 1] ?? 0) + (value[value.length - 1] ?? 0);
        return sum;
      },
      async readPlaces(next, visit) {
        const byId = db.prepare('SELECT key, value FROM log WHERE id = ?').raw();
        for (let place = next(); place !== null; place = next()) {
          // Row ids count from 1.
          const row = byId.get(place + 1);
          if (row === undefined) throw new Error(`there is no row ${place + 1}`);
          visit(row[0], row[1]);
        }
      },
      async close() {
        db.close();
      },
    };
  },
};
