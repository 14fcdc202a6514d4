import { ok } from 'neverthrow';
import { describe, expect, it } from 'vitest';
import { GIB, KIB, MIB } from '../model/units.js';
import type { FileHandle } from '../ports/file-system.js';
import { SimulatedDisk } from '../testing/simulated-disk.js';
import { ReadWindow } from './read-window.js';

/** A file of so many bytes, and the sizes of the buffers it was read into. */
async function fileOf(bytes: number): Promise<{ readonly handle: FileHandle; readonly asked: number[] }> {
  const disk = new SimulatedDisk();
  expect(disk.writeFile('/file', new Uint8Array(bytes).fill(1))).toEqual(ok(undefined));
  const handle = (await disk.open('/file', 'read'))._unsafeUnwrap();
  const asked: number[] = [];
  const read = handle.read.bind(handle);
  handle.read = (into, position) => {
    asked.push(into.byteLength);
    return read(into, position);
  };
  return { handle, asked };
}

describe('ReadWindow', () => {
  it('makes no buffer for what a damaged length claims and the file does not have', async () => {
    const { handle, asked } = await fileOf(1_000);
    const window = new ReadWindow(false);
    expect(await window.fill(handle, 100, GIB, 64 * KIB)).toEqual(ok(undefined));
    expect([window.start, window.end, window.bytes.byteLength]).toEqual([100, 1_000, 900]);
    expect(Math.max(...asked)).toBe(900);
    expect(await window.fill(handle, 5_000, GIB, 64 * KIB)).toEqual(ok(undefined));
    expect([window.start, window.end]).toEqual([5_000, 5_000]);
  });

  it('reads what is needed where the file has it, however much that is', async () => {
    const { handle } = await fileOf(3 * MIB);
    const window = new ReadWindow(false);
    expect(await window.fill(handle, 10, 2 * MIB, 64 * KIB)).toEqual(ok(undefined));
    expect(window.has(10, 2 * MIB)).toBe(true);
    expect(window.has(10, 2 * MIB + 1)).toBe(false);
  });
});
