/**
 * A crash left the file of a segment below the log start. Retention by bytes counted its bytes as kept, and let go
 * one segment more than the policy allows.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import type { Operation, Setup } from '../property/operations.js';

const setup: Setup = {seed: 2376985304, character: 'btrfs-mixed', capacityBytes: 1048576, freeAfterCalls: 21, options: {segmentBytesMax: 65536, batchBytesMax: 4096, queueBytesMax: 262144, space: {reserveBytes: 0, lowBytes: 0, highBytes: 1}, ioTimeoutMs: 2000, retention: {bytes: 8192}}};
const operations: Operation[] = [
  {do: 'append', calls: [{sizes: [8], ack: 'written'}, {sizes: [20], ack: 'flushed'}, {sizes: [20, 20], ack: 'flushed'}]},
  {do: 'append', calls: [{sizes: [1100], ack: 'flushed'}]},
  {do: 'crash', how: {data: 'subset'}, during: []},
  {do: 'append', calls: [{sizes: [3000], ack: 'written'}, {sizes: [200, 20], ack: 'flushed'}, {sizes: [20, 200], ack: 'flushed'}, {sizes: [20, 20, 200], ack: 'written'}, {sizes: [500], ack: 'flushed'}, {sizes: [8, 200, 8], ack: 'flushed'}]},
  {do: 'crash', how: {data: 'subset', names: 'posix-weak'}, during: [26, 10]},
  {do: 'append', calls: [{sizes: [3000], ack: 'flushed'}]},
  {do: 'fill', leaveBytes: 12288, quota: true},
  {do: 'crash', how: 'process', during: [35]},
  {do: 'die', at: 11, how: {data: 'subset', names: 'journaling', exposed: 'garbage'}, during: [7, 3]},
  {do: 'deleteBefore', share: 0.8},
  {do: 'append', calls: [{sizes: [1100], ack: 'written'}]},
];

it("replay: retention does not count what deleteBefore gave up already", () => expectKept(setup, operations));
