/**
 * The directory's sync failed, for want of space, behind the rename of a new segment. The log came back and wrote on in
 * the old file, whose end the new name had fixed: acknowledged records were out of reach after the next opening.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 3403617795, character: 'btrfs', capacityBytes: 16777216, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, retention: {segmentsMax: 1, keepUnconsumed: true}}};
const operations: Operation[] = [
  {do: 'append', calls: [{sizes: [8], ack: 'flushed'}, {sizes: [8], ack: 'flushed'}, {sizes: [500], ack: 'flushed'}, {sizes: [3000], ack: 'written'}, {sizes: [1800, 8], ack: 'flushed'}]},
  {do: 'faults', plan: [{on: ['truncate'], nth: 3, effect: {kind: 'late', work: 'first'}}, {on: ['sync-directory'], nth: 1, times: 3, effect: {kind: 'fail-sync', flavour: 'poison', symbol: 'no-inodes'}}]},
  {do: 'deleteBefore', share: 1},
];

it('replay: nothing goes into a file whose successor may be named', () => expectKept(setup, operations));
