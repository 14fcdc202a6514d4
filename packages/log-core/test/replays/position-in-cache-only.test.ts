/**
 * A process died between the rename of the positions file and the directory's sync. The next one committed into the file
 * it found in the page cache, synced the file alone, and answered: a power cut took the name, and with it the position.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 972343632, character: 'ext4', capacityBytes: 16777216, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, segmentMs: 2000, retention: {bytes: 8192}, quotaBytesMax: 65536}};
const operations: Operation[] = [
  {do: 'die', at: 5, how: 'process', during: [28]},
  {do: 'commit', name: 'a', share: 0.4},
  {do: 'commit', name: 'a', share: 0.3},
];

it('replay: a position is durable before it counts, also in a file that was only read', () => expectKept(setup, operations));
