/**
 * A write failed, its file was retired with records in it that were only written. A flush found no active file and
 * answered as if everything were durable.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 2490786660, character: 'xfs', capacityBytes: 262144, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, retention: {bytes: 8192}}};
const operations: Operation[] = [
  {do: 'faults', plan: [{on: ['stat'], nth: 6, times: 'sticky', effect: {kind: 'fail', symbol: 'io'}}, {on: ['write'], nth: 2, times: 'sticky', effect: {kind: 'short', bytes: 2211, then: 'file-too-large'}}]},
  {do: 'append', calls: [{sizes: [30, 30, 30, 30, 30, 30, 30, 30, 30], ack: 'written'}]},
  {do: 'append', calls: [{sizes: [20, 500], ack: 'flushed'}]},
  {do: 'flush'},
];

it('replay: flush re-homes what a retired file holds unflushed', () => expectKept(setup, operations));
