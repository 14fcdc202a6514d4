// @ts-check
// What `demo:disk-full -- --peer` can set beside the log: each as a user would take it to keep messages durably, one append at a time.
// None of them is a dependency: a peer is found where the demo is run, beside these scripts, or in the directory of `--peers-from`.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/**
 * @typedef {object} Store one that is open
 * @property {(number: number, value: Buffer) => Promise<void>} append resolves when the record is kept, rejects where it is not
 * @property {() => Promise<number[]>} numbers of all records that are there, oldest first
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {object} PeerKind
 * @property {string} version the one this was written against
 * @property {string} keeps what an acknowledgement says
 * @property {(exports: any, directory: string) => Promise<Store>} open
 */

/** The log itself, which the others are set beside. */
export const BRIMLOG = 'brimlog';

/** @type {Record<string, PeerKind>} */
export const PEERS = {
  'better-sqlite3': { version: '12.11.1', keeps: 'WAL, synchronous = FULL', open: openSqlite },
  lmdb: { version: '3.5.6', keeps: 'put, then flushed', open: openLmdb },
  'classic-level': { version: '3.0.0', keeps: 'sync: true', open: openLevel },
  'async-append-only-log': { version: '4.3.10', keeps: 'drained: written, it never syncs', open: openAppendOnlyLog },
};

/**
 * @param {string} name
 * @param {string} from the directory to look in first
 * @returns {{ exports: any, version: string } | null} null where it is not installed; throws where it is and does not load
 */
export function loadPeer(name, from) {
  for (const base of [join(resolve(from), 'package.json'), import.meta.url]) {
    const find = createRequire(base);
    let path;
    try {
      path = find.resolve(name);
    } catch {
      continue;
    }
    return { exports: find(name), version: versionAbove(path, name) };
  }
  return null;
}

/** @param {string} path @param {string} name */
function versionAbove(path, name) {
  for (let dir = dirname(path); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = join(dir, 'package.json');
    if (!existsSync(manifest)) continue;
    const found = JSON.parse(readFileSync(manifest, 'utf8'));
    if (found.name === name && typeof found.version === 'string') return found.version;
  }
  return 'unknown';
}

/** @param {Uint8Array} value */
const numberIn = (value) => Number.parseInt(Buffer.from(value.subarray(0, 16)).toString('latin1'), 10);

/** @param {string} directory @returns {Promise<Store>} */
export async function openBrimlog(directory) {
  /** @type {typeof import('@brimlog/log-core')} */
  const { MessageLog } = await import(new URL('../../packages/log-core/dist/index.js', import.meta.url).href);
  const opened = await MessageLog.open(join(directory, 'log'), { segmentBytesMax: 2 * 1024 * 1024 });
  if (opened.isErr()) throw new Error(opened.error.message);
  const log = opened.value;
  return {
    async append(_, value) {
      const appended = await log.append(value);
      if (appended.isErr()) throw Object.assign(new Error(appended.error.message), { code: `${appended.error.kind}, ${appended.error.outcome}` });
    },
    async numbers() {
      const numbers = [];
      for await (const record of log.records({ from: log.status().logStartOffset })) {
        if (record.isErr()) throw new Error(record.error.message);
        numbers.push(numberIn(record.value.value ?? new Uint8Array()));
      }
      return numbers;
    },
    async close() {
      const closed = await log.close();
      if (closed.isErr()) throw new Error(closed.error.message);
    },
  };
}

/** @param {any} Database @param {string} directory @returns {Promise<Store>} */
async function openSqlite(Database, directory) {
  const db = new Database(join(directory, 'log.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, value BLOB NOT NULL)');
  const insert = db.prepare('INSERT INTO log (value) VALUES (?)');
  return {
    append: async (_, value) => void insert.run(value),
    numbers: async () => db.prepare('SELECT value FROM log ORDER BY id').raw().all().map((/** @type {[Buffer]} */ [value]) => numberIn(value)),
    close: async () => void db.close(),
  };
}

/** @param {any} lmdb @param {string} directory @returns {Promise<Store>} */
async function openLmdb(lmdb, directory) {
  const db = lmdb.open({ path: join(directory, 'log.lmdb'), keyEncoding: 'uint32', encoding: 'binary', cache: false });
  return {
    async append(number, value) {
      await db.put(number, value);
      await db.flushed;
    },
    numbers: async () => [...db.getRange()].map(({ value }) => numberIn(value)),
    close: () => db.close(),
  };
}

/** @param {any} exports @param {string} directory @returns {Promise<Store>} */
async function openLevel({ ClassicLevel }, directory) {
  const db = new ClassicLevel(join(directory, 'level'), { keyEncoding: 'utf8', valueEncoding: 'buffer', compression: false });
  await db.open();
  return {
    append: (number, value) => db.put(String(number).padStart(16, '0'), value, { sync: true }),
    numbers: async () => (await db.values().all()).map(numberIn),
    close: () => db.close(),
  };
}

/** @param {any} openLog @param {string} directory @returns {Promise<Store>} */
async function openAppendOnlyLog(openLog, directory) {
  const log = openLog(join(directory, 'append-only'), { blockSize: 64 * 1024, writeTimeout: 1 });
  await new Promise((resolve) => void log.onDrain(() => resolve(null)));
  return {
    append: (_, value) =>
      new Promise((resolve, reject) => {
        log.append(value, (/** @type {unknown} */ error) => (error ? reject(error) : log.onDrain(() => resolve())));
      }),
    numbers: () =>
      new Promise((resolve, reject) => {
        /** @type {number[]} */
        const numbers = [];
        const write = (/** @type {Buffer} */ value) => void numbers.push(numberIn(value));
        const end = (/** @type {unknown} */ error) => (error && error !== true ? reject(error) : resolve(numbers));
        log.stream({ offsets: false }).pipe({ paused: false, write, end });
      }),
    close: () => new Promise((resolve, reject) => void log.close((/** @type {unknown} */ error) => (error ? reject(error) : resolve()))),
  };
}
