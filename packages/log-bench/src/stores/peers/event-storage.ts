/**
 * event-storage: documents are text, so records go in as base64. Durable is `syncOnFlush`; what is written in one turn of
 * the event loop is flushed together and acknowledged after it. Its index of documents follows up to 100 ms later: what a
 * kill takes from there is in the file, but is not found. The read buffer is larger than the largest record.
 */
import type { BenchRecord } from '../../measure/record-ring.js';
import { joinRecord, splitRecord, touchJoined } from './joined-record.js';
import { appendsOrReads, type Peer } from './peer.js';

interface Storage {
  open(): boolean;
  write(document: Buffer, callback?: () => void): number;
  read(number: number): Buffer | false;
  readRange(from: number): Iterable<Buffer>;
  readonly length: number;
  close(): void;
}

interface Exports {
  readonly Storage: (new (name: string, options: Readonly<Record<string, unknown>>) => Storage) & { readonly LOCK_RECLAIM: unknown };
}

const BUFFER_BYTES = 2 * 1024 * 1024;

/** event-storage. */
export const eventStorage: Peer = {
  packageName: 'event-storage',
  version: '0.8.0',
  supports: appendsOrReads,
  async open(exports, dir, ack) {
    const { Storage } = exports as Exports;
    const storage = new Storage('log', {
      // A writer that was killed leaves its lock behind.
      lock: Storage.LOCK_RECLAIM,
      dataDirectory: dir,
      syncOnFlush: ack === 'flushed',
      readBufferSize: BUFFER_BYTES,
      writeBufferSize: BUFFER_BYTES,
      serializer: {
        serialize: (document: Buffer) => document.toString('base64'),
        deserialize: (text: string) => Buffer.from(text, 'base64'),
      },
    });
    storage.open();
    const write = (record: BenchRecord): Promise<void> =>
      new Promise((resolve) => {
        storage.write(joinRecord(record), resolve);
      });
    return {
      async produce(next) {
        for (let record = next(); record !== null; record = next()) await write(record);
      },
      async produceBatches(next) {
        for (let batch = next(); batch !== null; batch = next()) await Promise.all(batch.map(write));
      },
      append(record, acknowledged) {
        storage.write(joinRecord(record), acknowledged);
      },
      async readAll(visit) {
        if (storage.length === 0) return;
        for (const document of storage.readRange(1)) splitRecord(document, visit);
      },
      async touchAll() {
        let sum = 0;
        for (const document of storage.readRange(1)) sum += touchJoined(document);
        return sum;
      },
      async readPlaces(next, visit) {
        for (let place = next(); place !== null; place = next()) {
          // Documents count from 1.
          const document = storage.read(place + 1);
          if (document === false) throw new Error(`there is no document ${place + 1}`);
          splitRecord(document, visit);
        }
      },
      async close() {
        storage.close();
      },
    };
  },
};
