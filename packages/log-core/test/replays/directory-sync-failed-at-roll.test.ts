/**
 * The directory's sync failed behind the rename of a new segment. The next opening took the name for durable, told
 * of it in the checkpoint, and a power cut left a checkpoint that tells of a segment that is not there.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 1467190218, character: 'simulated', capacityBytes: 262144, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, segmentMs: 1, retention: {segmentsMax: 2}, onDiskFull: 'delete-oldest', quotaBytesMax: 196608}};
const operations: Operation[] = [
  {do: 'faults', plan: [{on: ['sync-directory'], times: 3, effect: {kind: 'fail', symbol: 'io'}}]},
  {do: 'append', calls: [{sizes: [30, 30, 30, 30, 30, 30, 30, 30, 30], ack: 'flushed'}]},
  {do: 'wait'},
  {do: 'append', calls: [{sizes: [300, 300, 300, 300, 300, 300, 300, 300, 300], ack: 'written'}, {sizes: [8], ack: 'flushed'}, {sizes: [8], ack: 'flushed'}, {sizes: [8], ack: 'written'}, {sizes: [8], ack: 'written'}, {sizes: [30, 30, 30, 30, 30, 30, 30, 30, 30], ack: 'flushed'}]},
  {do: 'reopen'},
];

it("replay: a name whose directory's sync failed is made again at the next opening", () => expectKept(setup, operations));
