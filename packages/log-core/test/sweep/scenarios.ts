/**
 * What the sweep goes through, call by call. A scenario is a few operations: those before the faults, and those that
 * every fault meets at every call. With `recovery` it is the opening after that crash which is swept.
 */
import { PLAIN_SETUP, SMALL_OPTIONS, type Ending, type Operation, type Setup } from '../property/operations.js';

export interface Scenario {
  readonly name: string;
  readonly options?: Setup['options'];
  readonly character?: Setup['character'];
  readonly capacityBytes?: number;
  /** Nothing is opened yet. */
  readonly fresh?: boolean;
  readonly before: readonly Operation[];
  readonly steps: readonly Operation[];
  readonly recovery?: Ending;
}

const append = (...sizes: number[]): Operation => ({ do: 'append', calls: [{ sizes, ack: 'flushed' }] });
const written = (...sizes: number[]): Operation => ({ do: 'append', calls: [{ sizes, ack: 'written' }] });
const together = (count: number, size: number): Operation => ({
  do: 'append',
  calls: Array.from({ length: count }, (_, i) => ({ sizes: [size], ack: i % 3 === 0 ? 'written' : 'flushed' })),
});
const wait = (ms: number): Operation => ({ do: 'advance', ms });
const failNextSync: Operation = { do: 'faults', plan: [{ on: ['sync', 'dsync-write'], effect: { kind: 'fail-sync', flavour: 'drop', symbol: 'io' } }] };

const rolling = { ...SMALL_OPTIONS, segmentMs: 10 };
const threeSegments: readonly Operation[] = [append(200), wait(50), append(200), wait(50), append(200)];

export const scenarios: readonly Scenario[] = [
  { name: 'first open', fresh: true, before: [], steps: [{ do: 'reopen' }, append(20)] },
  { name: 'serial append', before: [append(20)], steps: [append(20), append(300, 20), append(3_000)] },
  { name: 'concurrent append', before: [append(20)], steps: [together(6, 100), together(4, 1_500)] },
  { name: 'group commit, written', before: [append(20)], steps: [together(9, 60), written(500), written(20)] },
  { name: 'flush', before: [append(20), written(400)], steps: [{ do: 'flush' }, written(40), { do: 'flush' }] },
  { name: 'roll', options: rolling, before: [append(20)], steps: [wait(50), append(100), wait(50), append(100, 100), wait(50), append(20)] },
  { name: 'roll on copy-on-write', options: rolling, character: 'btrfs', before: [append(20)], steps: [wait(50), append(100), wait(50), append(20)] },
  { name: 'close and reopen', before: [append(20), written(300)], steps: [{ do: 'reopen' }, append(20)] },
  { name: 'append after a clean close', before: [append(20), { do: 'reopen' }], steps: [append(20), written(20), { do: 'reopen' }, append(60)] },
  { name: 'long life', options: { ...rolling, retention: { segmentsMax: 2 } }, before: [append(20)], steps: [together(3, 100), wait(50), written(200), { do: 'flush' }, wait(1_500), append(20), { do: 'commit', name: 'a', share: 1 }, { do: 'retain' }, { do: 'reopen' }, append(20)] },
  { name: 'reader following', before: [...threeSegments], options: rolling, steps: [{ do: 'follow', calls: [{ sizes: [50], ack: 'flushed' }] }, { do: 'iterate' }, { do: 'verify' }] },
  { name: 'consumer commit', before: [append(20, 20, 20), { do: 'commit', name: 'a', share: 0.3 }], steps: [{ do: 'commit', name: 'a', share: 0.7 }, { do: 'commit', name: 'b', share: 1 }, { do: 'commit', name: 'a', share: 1 }] },
  { name: 'deleteBefore', options: rolling, before: threeSegments, steps: [{ do: 'deleteBefore', share: 0.5 }, append(20), { do: 'deleteBefore', share: 1 }] },
  { name: 'retention', options: { ...rolling, retention: { segmentsMax: 2 } }, before: threeSegments, steps: [wait(50), append(20), { do: 'retain' }] },
  { name: 'disk full and back', before: [append(20)], steps: [{ do: 'fill', leaveBytes: 0 }, wait(50), append(3_000), together(3, 3_000), append(3_000), { do: 'free' }, wait(3_000), append(20)] },
  { name: 'disk full, delete-oldest', options: { ...rolling, onDiskFull: 'delete-oldest' }, before: threeSegments, steps: [{ do: 'fill', leaveBytes: 0 }, wait(50), append(3_000), wait(50), append(3_000), append(20)] },
  { name: 'quota and back', options: { ...rolling, quotaBytesMax: 65_536 }, before: threeSegments, steps: [together(20, 3_000), { do: 'deleteBefore', share: 1 }, wait(3_000), append(20)] },
  { name: 'failed sync and recover', before: [append(20), written(100), failNextSync, append(20)], steps: [{ do: 'recover' }, append(20)] },
  { name: 'recovery: process killed', before: [append(20), written(300), written(40)], steps: [append(20)], recovery: 'process' },
  { name: 'recovery: torn tail', before: [append(20), written(3_000), written(40)], steps: [append(20)], recovery: { data: 'subset' } },
  { name: 'recovery: prefix and garbage', before: [append(20), written(3_000), written(40)], steps: [append(20)], recovery: { data: 'prefix', exposed: 'garbage' } },
  { name: 'recovery: after a roll', options: rolling, before: [...threeSegments, wait(50), written(40)], steps: [append(20)], recovery: { data: 'none', names: 'none' } },
  { name: 'recovery: after a failed sync', before: [append(20), written(100), failNextSync, append(20)], steps: [append(20)], recovery: 'process' },
  { name: 'recovery: disk full', before: [append(20), written(300), { do: 'fill', leaveBytes: 0 }], steps: [append(20)], recovery: 'process' },
  { name: 'recovery: cut once more', before: [append(20), written(300), { do: 'crash', how: 'process', during: [22] }], steps: [append(20)], recovery: { data: 'subset', names: 'posix-weak' } },
];

export function setupOf({ options, character, capacityBytes }: Scenario, seed: number): Setup {
  return { ...PLAIN_SETUP, seed, ...(options !== undefined && { options }), ...(character !== undefined && { character }), ...(capacityBytes !== undefined && { capacityBytes }) };
}
