/**
 * A whole log whose files were edited at random, opened and read to its end by the real engine: nothing throws, nothing
 * goes on for ever, the only errors are those that tell of damage, and no file makes it read into more memory than the
 * file is large. What is served all the same is held against what was written by the sweeps under test/crash.
 */
import fc from 'fast-check';
import { SIDE_FILES } from '../../src/decide/file-names.js';
import { MessageLog, type LogReader } from '../../src/index.js';
import type { FileHandle, FileSystem } from '../../src/ports/file-system.js';
import type { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { SMALL } from '../support/open-log.js';
import { applyEdit, edit, type Edit } from './mutated-bytes.js';
import { resealFile } from './reseal.js';
import { SAMPLE_DIRECTORY } from './samples.js';

/** What is done to one file, the n-th of the log. */
export interface Damage {
  readonly file: number;
  readonly edits: readonly Edit[];
  /** Whether its checksums are put right afterwards. */
  readonly resealed: boolean;
}

/** Up to three files, a few edits each. */
export const damages: fc.Arbitrary<readonly Damage[]> = fc.array(fc.record({ file: fc.nat(40), edits: fc.array(edit, { minLength: 1, maxLength: 4 }), resealed: fc.boolean() }), { minLength: 1, maxLength: 3 });

/** What damage may be told as. On a disk without faults nothing else can go wrong. */
const TOLD: ReadonlySet<string> = new Set(['corruption', 'incompatible-format', 'offset-out-of-range', 'not-found']);

/** A read may look so far ahead, whatever the size of the file. */
const READ_AHEAD_BYTES = 1024 * 1024;

/** Opens the log on a damaged copy of the disk, as `how` says; throws where a promise is broken. */
export async function readDamaged(sound: SimulatedDisk, damage: readonly Damage[], how: 'refuse' | 'quarantine' | 'reader'): Promise<void> {
  const disk = sound.clone();
  const files = disk.files();
  for (const { file, edits, resealed } of damage) {
    const path = files[file % files.length]!;
    const bytes = edits.reduce(applyEdit, disk.readFile(path)!);
    if (resealed) resealFile(path)(bytes);
    disk.writeFile(path, bytes)._unsafeUnwrap();
  }
  const fileSystem = readsInMeasure(disk);
  const opened = how === 'reader' ? await MessageLog.openReader(SAMPLE_DIRECTORY, { fileSystem }) : await MessageLog.open(SAMPLE_DIRECTORY, { ...SMALL, batchBytesMax: 4_096, fileSystem, onCorruption: how });
  if (opened.isErr()) {
    isTold(opened.error);
    return;
  }
  const forged = damage.filter(({ resealed }) => resealed).map(({ file }) => files[file % files.length]!);
  // Wrong records, or a wrong watermark, under a right checksum are no disk's doing, and are believed.
  await readAll(opened.value, !forged.some((path) => path.endsWith('.log') || path.endsWith(SIDE_FILES.watermark)));
  const verified = await opened.value.verify();
  if (verified.isErr()) isTold(verified.error);
  const closed = await opened.value.close();
  if (closed.isErr()) isTold(closed.error);
  if (disk.openHandles > 0) throw new Error(`${disk.openHandles} handles are left open`);
}

/** Every record that can be had, going on behind each corruption; and a lone read at every offset. */
async function readAll(log: LogReader, isDense: boolean): Promise<void> {
  const { logStartOffset, highWatermark } = log.status();
  for (let from = logStartOffset; from < highWatermark; ) {
    const before = from;
    for await (const record of log.records({ from })) {
      if (record.isOk()) {
        const { offset } = record.value;
        if (isDense && offset !== from) throw new Error(`record ${offset} came where ${from} was due`);
        from = Math.max(from, offset + 1);
        continue;
      }
      isTold(record.error);
      from = record.error.kind === 'corruption' ? record.error.nextOffset : highWatermark;
    }
    if (!isDense && from === before) from = highWatermark;
    if (from <= before) throw new Error(`reading does not get on behind offset ${before}`);
    const lone = await log.read({ from: before, bytesMax: 1 });
    if (lone.isErr()) isTold(lone.error);
  }
}

function isTold(error: { readonly kind: string }): void {
  if (!TOLD.has(error.kind)) throw new Error(`damage is told as ${JSON.stringify(error)}`);
}

/** The disk, watched: a read into a buffer that is out of all proportion to the file is an error of the test. */
function readsInMeasure(disk: SimulatedDisk): FileSystem {
  const watched = (handle: FileHandle): FileHandle =>
    new Proxy(handle, {
      get(target, key) {
        if (key === 'read') {
          return (into: Uint8Array, position: number) => {
            const fileBytes = disk.readFile(target.path)?.length ?? 0;
            if (into.byteLength > fileBytes + READ_AHEAD_BYTES) throw new Error(`a buffer of ${into.byteLength} bytes for a file of ${fileBytes}`);
            return target.read(into, position);
          };
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
      },
    });
  return new Proxy<FileSystem>(disk, {
    get(target, key) {
      if (key === 'open') return async (...given: Parameters<FileSystem['open']>) => (await target.open(...given)).map(watched);
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}
