/** Directories that live as long as one test. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh directory, removed when the test is over. */
export function scratchDirectory(): string {
  return below(tmpdir());
}

/** As `scratchDirectory`, in memory where the machine has such a place: for what opens a log thousands of times. */
export function memoryDirectory(): string {
  return below(statSync('/dev/shm', { throwIfNoEntry: false })?.isDirectory() === true ? '/dev/shm' : tmpdir());
}

function below(parent: string): string {
  const dir = mkdtempSync(join(parent, 'brimlog-test-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}
