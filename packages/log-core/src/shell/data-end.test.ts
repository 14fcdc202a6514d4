import { expect, it } from 'vitest';
import { SimulatedDisk } from '../testing/index.js';
import { findDataEnd } from './data-end.js';

const FILE_BYTES = 200_000;

it.each([
  ['nothing but zeros', [], 0],
  ['its first byte', [0], 1],
  ['a byte at a chunk\'s border', [5, FILE_BYTES - 65_536], FILE_BYTES - 65_535],
  ['the byte before a chunk\'s border', [FILE_BYTES - 65_537], FILE_BYTES - 65_536],
  ['its last byte', [70_000, FILE_BYTES - 1], FILE_BYTES],
])('findDataEnd: finds the end behind %s', async (_what, places, end) => {
  const bytes = new Uint8Array(FILE_BYTES);
  for (const place of places) bytes[place] = 7;
  const disk = new SimulatedDisk();
  disk.writeFile('/f', bytes)._unsafeUnwrap();
  const file = (await disk.open('/f', 'read'))._unsafeUnwrap();
  expect((await findDataEnd(file, 0, FILE_BYTES))._unsafeUnwrap()).toBe(end);
});

it.each([
  ['bytes of it', [3, 99_999, 100_007, 150_000], 100_008],
  ['bytes around it alone', [99_999, 140_000], 100_000],
])('findDataEnd: looks at the range alone, and finds the end behind %s', async (_what, places, end) => {
  const bytes = new Uint8Array(FILE_BYTES);
  for (const place of places) bytes[place] = 7;
  const disk = new SimulatedDisk();
  disk.writeFile('/f', bytes)._unsafeUnwrap();
  const file = (await disk.open('/f', 'read'))._unsafeUnwrap();
  expect((await findDataEnd(file, 100_000, 140_000))._unsafeUnwrap()).toBe(end);
  expect((await findDataEnd(file, FILE_BYTES, FILE_BYTES + 70_000))._unsafeUnwrap()).toBe(FILE_BYTES);
});

it('findDataEnd: passes on what reading fails with', async () => {
  const disk = new SimulatedDisk({ faults: [{ on: ['read'], effect: { kind: 'fail', symbol: 'io' } }] });
  disk.writeFile('/f', new Uint8Array(10))._unsafeUnwrap();
  const file = (await disk.open('/f', 'read'))._unsafeUnwrap();
  expect((await findDataEnd(file, 0, 10))._unsafeUnwrapErr().symbol).toBe('io');
});
