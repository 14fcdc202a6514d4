/**
 * The checkpoint could not be written while segments were deleted. Asked again on a well disk, deleteBefore found
 * nothing to do and answered without making the log start durable.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 4217101078, character: 'tmpfs', capacityBytes: 262144, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, segmentMs: 2000, retention: {segmentsMax: 2}, onDiskFull: 'delete-oldest', keepBytesMin: 4096, quotaBytesMax: 98304}};
const operations: Operation[] = [
  {do: 'append', calls: [{sizes: [60], ack: 'flushed'}]},
  {do: 'crash', how: {data: 'prefix'}, during: [12]},
  {do: 'die', at: 4, how: {data: 'subset', names: 'all'}, during: [15, 1]},
  {do: 'append', calls: [{sizes: [500], ack: 'written'}, {sizes: [30, 30, 30, 30, 30, 30, 30, 30, 30], ack: 'flushed'}]},
  {do: 'faults', plan: [{on: ['write'], times: 2, effect: {kind: 'fail', symbol: 'io'}}]},
  {do: 'deleteBefore', share: 0.3},
  {do: 'heal'},
  {do: 'deleteBefore', share: 0},
  {do: 'crash', how: {data: 'prefix', names: 'ext4-like'}, during: [2, 11, 2]},
];

it("replay: a log start that could not be saved is saved when it is asked for again", () => expectKept(setup, operations));
