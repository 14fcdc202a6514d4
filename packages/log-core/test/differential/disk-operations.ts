/**
 * Sequences of calls of the `FileSystem` port as plain values, to be made on two disks and compared. Handles are kept in
 * numbered slots; an operation on an empty slot is passed over on both disks. `event`s change the world around the calls.
 */
import fc from 'fast-check';
import type { OpenMode } from '../../src/ports/file-system.js';

/** What happens to a disk as a whole. `full` and `inodes` end with `free`, `read-only` with `writable`. */
export type DiskEvent = 'full' | 'free' | 'inodes' | 'read-only' | 'writable';

const ENDED_BY: Readonly<Record<DiskEvent, readonly DiskEvent[]>> = { free: ['full', 'inodes'], writable: ['read-only'], full: [], inodes: [], 'read-only': [] };

/** The events in force once another one happened; the same ones where it changes nothing. */
export function eventsAfter(before: ReadonlySet<DiskEvent>, event: DiskEvent): ReadonlySet<DiskEvent> {
  const ended = ENDED_BY[event];
  if (ended.length > 0) return ended.some((each) => before.has(each)) ? new Set([...before].filter((each) => !ended.includes(each))) : before;
  return before.has(event) ? before : new Set([...before, event]);
}

/** One call, or one event. */
export type DiskOperation =
  | { readonly do: 'open'; readonly slot: number; readonly path: string; readonly mode: OpenMode }
  | { readonly do: 'write'; readonly slot: number; readonly position: number; readonly sizes: readonly number[]; readonly fill: number }
  | { readonly do: 'read'; readonly slot: number; readonly position: number; readonly bytes: number }
  | { readonly do: 'truncate'; readonly slot: number; readonly bytes: number }
  | { readonly do: 'sync' | 'stat-handle' | 'lock' | 'close'; readonly slot: number }
  /** Whether the path leads to the file that the handle is on. */
  | { readonly do: 'same-file'; readonly slot: number; readonly path: string }
  | { readonly do: 'stat' | 'list' | 'unlink' | 'mkdir'; readonly path: string }
  | { readonly do: 'rename'; readonly path: string; readonly to: string }
  | { readonly do: 'event'; readonly event: DiskEvent };

const SLOTS = 4;

/** Few names, so that calls meet: mostly of files, some of directories, few that lead nowhere. */
const path = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('a', 'b', 'd/a', 'd/b') }, { weight: 3, arbitrary: fc.constantFrom('d', 'd/e', '', 'd/e/a') }, { weight: 1, arbitrary: fc.constantFrom('c', 'a/x', 'none/a') });

const slot = fc.nat(SLOTS - 1);
/** Around blocks of 4 KiB and 16 KiB, and anywhere. */
const bytes = fc.oneof(fc.constantFrom(0, 1, 511, 512, 4095, 4096, 4097, 8192, 16_384), fc.nat(20_000));
/** Nearly always a place that is one; 2^45 is more than ext4 takes, and the simulated disk takes no bytes behind 2^34. */
const place = (far: readonly number[]): fc.Arbitrary<number> =>
  fc.oneof({ arbitrary: bytes, weight: 40 }, { arbitrary: fc.constantFrom(...far), weight: 2 }, { arbitrary: fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 53), weight: 1 });

const weighted = (weight: number, arbitrary: fc.Arbitrary<DiskOperation>): fc.WeightedArbitrary<DiskOperation> => ({ weight, arbitrary });
const call = <Name extends DiskOperation['do'], Fields extends object>(name: Name, fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> }): fc.Arbitrary<{ do: Name } & Fields> =>
  fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<{ do: Name } & Fields>;

const mode = fc.oneof({ weight: 4, arbitrary: fc.constantFrom<OpenMode>('create') }, { weight: 5, arbitrary: fc.constantFrom<OpenMode>('read', 'write', 'dsync', 'directory') });

const calls: readonly fc.WeightedArbitrary<DiskOperation>[] = [
  weighted(8, call('open', { slot, path, mode })),
  weighted(9, call('write', { slot, position: place([2 ** 31]), sizes: fc.array(bytes, { maxLength: 4 }), fill: fc.nat(255) })),
  weighted(5, call('read', { slot, position: place([2 ** 31, 2 ** 45]), bytes })),
  weighted(4, call('truncate', { slot, bytes: place([2 ** 31, 2 ** 40, 2 ** 45]) })),
  weighted(3, call('sync', { slot })),
  weighted(2, call('stat-handle', { slot })),
  weighted(1, call('lock', { slot })),
  weighted(2, call('same-file', { slot, path })),
  weighted(1, call('close', { slot })),
  weighted(3, call('stat', { path })),
  weighted(2, call('list', { path })),
  weighted(3, call('unlink', { path })),
  weighted(3, call('mkdir', { path })),
  weighted(4, call('rename', { path, to: path })),
];

/** So many operations of all kinds; `events` are those that the disks can have happen to them. */
export function diskOperations(lengthMax: number, events: readonly DiskEvent[]): fc.Arbitrary<readonly DiskOperation[]> {
  const event = fc.record({ do: fc.constant('event' as const), event: fc.constantFrom<DiskEvent>('full', ...events) });
  const all = events.length === 0 ? calls : [...calls, weighted(8, event.filter((made) => events.includes(made.event)))];
  const operations = fc.array(fc.oneof(...all), { minLength: 1, maxLength: lengthMax, size: 'max' });
  return fc.tuple(fc.nat(PROLOGUE.length), operations).map(([skipped, rest]) => withoutIdleEvents([...PROLOGUE.slice(skipped), ...rest]));
}

/** Most sequences begin with some files and directories, open. A shrunk one has what it needs of them in its own words. */
const PROLOGUE: readonly DiskOperation[] = [
  { do: 'mkdir', path: 'd' },
  { do: 'open', slot: 0, path: 'd/b', mode: 'create' },
  { do: 'write', slot: 0, position: 0, sizes: [9_000], fill: 5 },
  { do: 'open', slot: 1, path: 'a', mode: 'create' },
  { do: 'open', slot: 2, path: 'b', mode: 'create' },
  { do: 'write', slot: 2, position: 4_096, sizes: [100], fill: 9 },
  { do: 'open', slot: 3, path: '', mode: 'directory' },
];

/** Without events that change nothing: a disk that is read-only is not mounted read-only again. */
function withoutIdleEvents(operations: readonly DiskOperation[]): readonly DiskOperation[] {
  let current: ReadonlySet<DiskEvent> = new Set();
  return operations.filter((operation) => {
    if (operation.do !== 'event') return true;
    const after = eventsAfter(current, operation.event);
    const changes = after !== current;
    current = after;
    return changes;
  });
}
