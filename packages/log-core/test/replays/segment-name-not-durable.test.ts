/**
 * A process died between the rename of a new segment and the directory's sync. The next one found the name in the
 * page cache, appended to that file, synced the file alone, and acknowledged: a power cut took the name.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 1952766353, character: 'simulated', capacityBytes: 262144, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, intervalMs: 100}, ioTimeoutMs: 2000, retention: {ms: 5000}, onDiskFull: 'delete-oldest', keepBytesMin: 4096}};
const operations: Operation[] = [
  {do: 'append', calls: [{sizes: [8], ack: 'flushed'}]},
  {do: 'crash', how: 'process', during: [28]},
  {do: 'die', at: 4, how: 'process', during: [37, 12]},
  {do: 'deleteBefore', share: 1},
  {do: 'append', calls: [{sizes: [60, 60], ack: 'flushed'}]},
  {do: 'crash', how: {data: 'none', exposed: 'garbage'}, during: []},
];

it("replay: an opening uses a segment only after its name is durable for certain", () => expectKept(setup, operations));
