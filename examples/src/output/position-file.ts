/**
 * Remembers durably how far a consumer has come: a temporary file, synced, renamed over the old one, the directory
 * synced. INVARIANT: after a crash at any moment the file holds a whole earlier position or a whole later one.
 */
import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Position {
  /** The next offset to read. */
  readonly nextOffset: number;
  /** How long the output was when everything before that offset was in it. */
  readonly outputBytes: number;
}

/** The position last saved; null where there is none. */
export async function loadPosition(path: string): Promise<Position | null> {
  if (!existsSync(path)) return null;
  const text = await readFile(path, 'utf8');
  const [nextOffset = NaN, outputBytes = NaN] = text.split(' ').map(Number);
  if (!Number.isSafeInteger(nextOffset) || !Number.isSafeInteger(outputBytes)) throw new Error(`${path} holds no position`);
  return { nextOffset, outputBytes };
}

export async function savePosition(path: string, position: Position): Promise<void> {
  const temporary = `${path}.tmp`;
  await using file = await open(temporary, 'w');
  await file.writeFile(`${String(position.nextOffset)} ${String(position.outputBytes)}\n`);
  await file.sync();
  await rename(temporary, path);
  await using directory = await open(dirname(path), 'r');
  await directory.sync();
}
