/** Small real file systems for one test, and what is done to a log on them: filled, followed by its events, compared. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { allocate, MIB, SmallVolume, takeAll, whyNoVolume, type VolumeKind } from '../../../../scripts/disk-full/small-volume.mjs';
import type { AppendError, LogOptions, LogState, MessageLog } from '../../src/index.js';

export { MIB };
export const KIB = 1_024;

/** Small segments and a spare to match, looked at often, so that a test takes a fraction of a second. */
export const SMALL_DISK = {
  segmentBytesMax: 128 * KIB,
  batchBytesMax: 64 * KIB,
  queueBytesMax: 512 * KIB,
  flushIntervalMs: 50,
  space: { reserveBytes: 64 * KIB, intervalMs: 200 },
} as const satisfies LogOptions;

/** Whether a kind can be had here, found out by making one; where it cannot, the reason is printed. */
export function canMount(kind: VolumeKind): boolean {
  const whyNot = whyNoVolume(kind);
  if (whyNot !== null) console.warn(`skipped: ${whyNot}`);
  return whyNot === null;
}

/** A file system for as long as the test. */
export function volumeOf(kind: VolumeKind, settings?: { readonly bytes?: number; readonly options?: string }): SmallVolume {
  const volume = new SmallVolume(kind, settings);
  onTestFinished(() => {
    volume.remove();
  });
  return volume;
}

/** Another program's file that leaves so many bytes free; answers its path. */
export function takeAllBut(volume: SmallVolume, freeBytes: number): string {
  const path = join(volume.path, 'of-another-program');
  const bytes = volume.freeBytes - freeBytes;
  if (bytes > 0) allocate(path, bytes);
  return path;
}

/** Another program's file that takes the last block; answers its path. */
export function takeEverything(volume: SmallVolume, name = 'of-another-program'): string {
  const path = join(volume.path, name);
  takeAll(volume, path);
  return path;
}

/** Appends until the disk is full and the log says so. The error of the first refusal. */
export async function fillUp(log: MessageLog, valueBytes = 9_000): Promise<AppendError> {
  const value = 'f'.padEnd(valueBytes, '.');
  for (let i = 0; i < 100_000; i += 1) {
    const appended = await log.append(value, { ack: 'written' });
    if (appended.isErr()) return appended.error;
  }
  throw new Error('the disk does not become full');
}

/** The states a log goes through from now on, with their reasons. */
export function statesOf(log: MessageLog): string[] {
  const states: string[] = [];
  log.on('stateChange', ({ to, reason }) => states.push(reason === null ? to : `${to}(${reason})`));
  return states;
}

/** Waits until the log is in a state; what it is in after a while otherwise. */
export async function expectState(log: MessageLog, state: LogState, timeout = 5_000): Promise<void> {
  await expect.poll(() => log.status().state, { timeout, interval: 10 }).toBe(state);
}

/** Appends work again within seconds. */
export async function expectReturn(log: MessageLog): Promise<void> {
  const waited = await log.waitUntilWritable({ signal: AbortSignal.timeout(8_000) });
  expect(waited.isOk(), JSON.stringify({ ...log.status(), waited })).toBe(true);
}

/** What this process has written so far, by whatever call. */
export function writtenBytes(): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

/** What a directory's files take on the disk. */
export function takenBytes(dir: string): number {
  return readdirSync(dir).reduce((bytes, name) => bytes + statSync(join(dir, name)).blocks * 512, 0);
}

/** Every file of a directory with its size, times and bytes: equal means that nothing was written. */
export function imprint(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map((name) => {
        const path = join(dir, name);
        const { size, mtimeMs, ino } = statSync(path);
        return [name, `${size} ${mtimeMs} ${ino} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
      }),
  );
}

/** Fails where something does not answer at all, as it would behind a lock that nobody gives back. */
export async function answers<T>(what: string, call: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} does not answer`));
    }, 4_000);
  });
  return Promise.race([call, late]).finally(() => {
    clearTimeout(timer);
  });
}
