/**
 * The file of positions could not be read after the tail was re-homed: the opening failed, and kept the handles of
 * the new segment and the checkpoint.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 2711642730, character: 'btrfs-mixed', capacityBytes: 262144, freeAfterCalls: 3, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, segmentMs: 1, flushBytesMax: 3000, ack: 'written', retention: {segmentsMax: 2}}};
const operations: Operation[] = [
  {do: 'append', calls: [{sizes: [500], ack: 'flushed'}]},
  {do: 'fill', leaveBytes: 0},
  {do: 'faults', plan: [{on: ['open'], path: 'brimlog.positions', times: 3, effect: {kind: 'fail', symbol: 'no-space'}}]},
  {do: 'reopen'},
];

it('replay: an opening that fails late gives everything back', () => expectKept(setup, operations));
