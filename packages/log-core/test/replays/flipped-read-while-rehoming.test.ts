/**
 * A read showed one bit wrong while the tail was copied. The copy ended there, became the segment, and with it went
 * records that the scan had found whole a moment before.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 2649233266, character: 'simulated', capacityBytes: 262144, wholeWrites: true, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000}};
const operations: Operation[] = [
  {do: 'die', at: 19, how: {data: 'subset', names: 'ext4-like'}, during: [10, 2, 8]},
  {do: 'append', calls: [{sizes: [1200, 500, 8], ack: 'flushed'}]},
  {do: 'append', calls: [{sizes: [1100], ack: 'flushed'}]},
  {do: 'append', calls: [{sizes: [8, 8, 8, 8, 8, 8, 8, 8, 8], ack: 'flushed'}]},
  {do: 'append', calls: [{sizes: [20, 500], ack: 'written'}]},
  {do: 'fill', leaveBytes: 4096},
  {do: 'append', calls: [{sizes: [60], ack: 'flushed'}]},
  {do: 'crash', how: {data: 'prefix', names: 'posix-weak'}, during: [12]},
  {do: 'faults', plan: [{on: ['read'], times: 3, effect: {kind: 'flip', bit: 2693}}, {on: ['write', 'dsync-write', 'create', 'truncate', 'rename'], nth: 2, effect: {kind: 'done-then-fail', symbol: 'read-only-fs'}}]},
  {do: 'deleteBefore', share: 0.9},
];

it("replay: a read that lies while the tail is re-homed takes nothing away", () => expectKept(setup, operations));
