/**
 * A process died between writing the checkpoint without the clean mark and its sync. The next one read the cleared
 * mark out of the page cache and appended; a power cut brought the mark back, over a log with a torn end.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 3373012879, character: 'simulated', capacityBytes: 262144, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, segmentMs: 500, handlesMax: 16}};
const operations: Operation[] = [
  {do: 'crash', how: {data: 'none', exposed: 'garbage'}, during: []},
  {do: 'deleteBefore', share: 0.4},
  {do: 'die', at: 3, how: 'process', during: [3]},
  {do: 'append', calls: [{sizes: [20], ack: 'flushed'}]},
  {do: 'append', calls: [{sizes: [200], ack: 'written'}]},
  {do: 'crash', how: {data: 'subset', names: 'ext4-like', exposed: 'garbage'}, during: []},
];

it("replay: the clean mark is cleared durably by the process that writes", () => expectKept(setup, operations));
