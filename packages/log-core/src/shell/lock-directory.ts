/**
 * Getting at a log's directory: made where it may be, opened, and locked. Its handle is the lock (one opener, in this
 * process and in all), and what is synced after the directory's entries changed.
 */
import { err, ok, type Result } from 'neverthrow';
import { diskError } from '../decide/failure-policy.js';
import { invalidArgument, type OpenError } from '../model/errors.js';
import type { IoSymbol } from '../model/io-failure.js';
import type { LogSettings } from '../model/options.js';
import type { FileHandle, FileSystem } from '../ports/file-system.js';
import type { HandlePool } from './handle-pool.js';

/** Opens and locks the directory. Nothing is written but, where allowed, the directory itself. @internal */
export async function lockDirectory(dir: string, settings: LogSettings, fs: FileSystem, pool: HandlePool): Promise<Result<FileHandle, OpenError>> {
  const facts = await fs.stat(dir);
  if (facts.isErr()) {
    if (facts.error.symbol === 'not-a-directory') return err(invalidArgument('dir', `${dir} lies below something that is no directory`));
    if (facts.error.symbol !== 'not-found') return err(diskError('read', facts.error));
    if (!settings.create) return err({ kind: 'not-found', message: `there is no log at ${dir}`, path: dir });
    const made = await makeDirectory(dir, fs);
    if (made.isErr()) return err(made.error);
  } else if (facts.value.kind !== 'directory') {
    return err(invalidArgument('dir', `${dir} is no directory`));
  }
  const opened = await pool.openOwn(dir, 'directory');
  if (opened.isErr()) return err(diskError('read', opened.error));
  const lock = await opened.value.tryLock();
  if (lock.isOk() && lock.value.kind === 'acquired') return ok(opened.value);
  await pool.close(opened.value);
  if (lock.isErr()) return err(diskError('read', lock.error));
  if (lock.value.kind === 'unavailable') return err({ kind: 'io', operation: 'lock', path: dir, message: lock.value.message });
  const pid = lock.value.kind === 'held' ? lock.value.pid : null;
  const holder = pid === null ? 'another opener' : `process ${String(pid)}`;
  return err({ kind: 'locked', pid, path: dir, message: `the log at ${dir} is open in ${holder}` });
}

/** Makes the directory and its missing parents; `syncAbove` makes that durable before a log is made in it. */
async function makeDirectory(dir: string, fs: FileSystem): Promise<Result<void, OpenError>> {
  const made = await fs.makeDirectory(dir);
  if (made.isOk()) return ok(undefined);
  const { symbol } = made.error;
  if (symbol === 'not-a-directory' || symbol === 'exists') return err(invalidArgument('dir', `${dir} lies below something that is no directory`));
  return err(diskError('make-segment', made.error));
}

/**
 * Syncs every directory above: this opening, or one that died before it could, may have made any of them. @internal
 */
export async function syncAbove(dir: string, pool: HandlePool): Promise<Result<void, OpenError>> {
  for (let at = dir, parent = parentOf(at); parent !== at; at = parent, parent = parentOf(at)) {
    const synced = await syncDirectory(parent, pool);
    if (synced.isErr()) return synced;
  }
  return ok(undefined);
}

async function syncDirectory(path: string, pool: HandlePool): Promise<Result<void, OpenError>> {
  const opened = await pool.openOwn(path, 'directory');
  // A parent that may not be read cannot be synced by us: nothing more can be done about it.
  if (opened.isErr()) return opened.error.symbol === 'permission' ? ok(undefined) : err(diskError('make-segment', opened.error));
  const synced = await opened.value.sync();
  await pool.close(opened.value);
  // A file system that is not to be written has no names of ours to lose; some do not sync directories at all.
  if (synced.isErr() && UNSYNCABLE.has(synced.error.symbol)) return ok(undefined);
  return synced.mapErr((failure) => diskError('sync-names', failure));
}

const UNSYNCABLE: ReadonlySet<IoSymbol> = new Set(['permission', 'read-only-fs', 'other']);

function parentOf(dir: string): string {
  const trimmed = dir.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return dir.startsWith('/') ? '/' : '.';
  return slash === 0 ? '/' : trimmed.slice(0, slash);
}
