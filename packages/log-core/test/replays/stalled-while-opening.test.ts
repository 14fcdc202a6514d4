/**
 * Re-homing stalled inside an opening. Nobody waited for the late answer, and the log stayed read-only for ever.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 1747349755, character: 'tmpfs', capacityBytes: 262144, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, segmentMs: 500, retention: {ms: 5000}, onDiskFull: 'delete-oldest', keepBytesMin: 4096}};
const operations: Operation[] = [
  {do: 'append', calls: [{sizes: [8], ack: 'written'}]},
  {do: 'faults', plan: [{on: ['rename'], path: '.log', effect: {kind: 'done-then-fail', symbol: 'no-space'}}, {on: '*', path: '.tmp', times: 'sticky', effect: {kind: 'late', work: 'first'}}]},
  {do: 'deleteBefore', share: 1},
  {do: 'reopen'},
];

it('replay: a log that stalled while it was opened comes back when the call answers', () => expectKept(setup, operations));
