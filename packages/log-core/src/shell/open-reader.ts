/**
 * Opening a log to read it while another process may be writing: no lock, not a byte written. Where it is to be waited for, a log
 * that is not there yet is looked for again and again.
 */
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { checkDirectory } from '../decide/check-arguments.js';
import { checkLogOptions, checkReaderOptions } from '../decide/check-options.js';
import { diskError } from '../decide/failure-policy.js';
import { plainOptions } from '../decide/given-options.js';
import type { LogReader } from '../model/api.js';
import { abortedError, invalidArgument, type OpenError } from '../model/errors.js';
import type { LogSettings, ReaderSettings } from '../model/options.js';
import type { Milliseconds } from '../model/units.js';
import type { Clock, Timer } from '../ports/clock.js';
import { Background } from './background.js';
import { newCounters, type LogContext } from './context.js';
import { contained, internalError, messageOf } from './contain-bug.js';
import { Deadline } from './deadline.js';
import { EventHub } from './event-hub.js';
import { ExternalReader } from './external-reader.js';
import { ExternalView } from './external-view.js';
import { GuardedFileSystem } from './guarded-file-system.js';
import { HandlePool } from './handle-pool.js';
import { LockScope } from './lock-scope.js';
import { giveBackInTime, type LogPorts } from './open-log.js';
import { placeOf, type HostPorts, type ReaderOptions } from './open-options.js';

/** How long a log that is not there yet is waited for before it is looked for again. */
const LOOK_AGAIN_MS = 100;

/** @internal */
export function openLogReader(dir: string, options: ReaderOptions | undefined, host: HostPorts): ResultAsync<LogReader, OpenError> {
  return contained(open(dir, plainOptions(options), host), internalError);
}

async function open(dir: string, options: ReaderOptions | undefined, host: HostPorts): Promise<Result<LogReader, OpenError>> {
  const wrong = checkDirectory(dir);
  if (wrong !== null) return err(wrong);
  const settings = checkReaderOptions(options);
  if (settings.isErr()) return err(settings.error);
  const place = placeOf(dir, options, host);
  const { clock } = place.ports;
  for (;;) {
    if (options?.signal?.aborted === true) return err(abortedError());
    const startedAt = clock.monotonic();
    const opened = await openOnce(place.dir, settings.value, place.ports, startedAt);
    if (opened.isOk() || !settings.value.waitForLog || opened.error.kind !== 'not-found') return opened;
    await pause(clock, LOOK_AGAIN_MS, options?.signal);
  }
}

async function openOnce(dir: string, settings: ReaderSettings, ports: LogPorts, startedAt: Milliseconds): Promise<Result<LogReader, OpenError>> {
  const { batchBytesMax, ioTimeoutMs, handlesMax } = settings;
  const logSettings = checkLogOptions({ batchBytesMax, ioTimeoutMs, handlesMax, queueBytesMax: Math.max(batchBytesMax, 64 * 1024) });
  if (logSettings.isErr()) return err(logSettings.error);
  const context = await openContext(dir, logSettings.value, ports);
  if (context.isErr()) return err(context.error);
  const view = await ExternalView.open(context.value);
  if (view.isOk()) return ok(new ExternalReader(context.value, view.value, startedAt));
  await giveBackInTime(context.value);
  return err(view.error);
}

async function openContext(dir: string, settings: LogSettings, ports: LogPorts): Promise<Result<LogContext, OpenError>> {
  const deadline = new Deadline(ports.clock, settings.ioTimeoutMs);
  const fs = new GuardedFileSystem(ports.fileSystem, deadline);
  const events = new EventHub();
  const background = new Background((bug) => {
    events.emit('warning', { error: { kind: 'assertion', message: messageOf(bug) }, during: 'background work' });
    events.dispatch();
  });
  const pool = new HandlePool(fs, settings.handlesMax, background);
  const directory = await pool.openOwn(dir, 'directory');
  if (directory.isOk()) {
    const { clock, crc32c } = ports;
    const indexWriting = new LockScope('index-writing', () => undefined);
    return ok({ dir, settings, fs, clock, crc32c, deadline, pool, events, background, counters: newCounters(), indexWriting, directory: directory.value });
  }
  deadline.dispose();
  const { symbol } = directory.error;
  if (symbol === 'not-found') return err({ kind: 'not-found', message: `there is no log at ${dir}`, path: dir });
  if (symbol === 'not-a-directory') return err(invalidArgument('dir', `${dir} is no directory`));
  return err(diskError('read', directory.error));
}

/** Waits a while, or until the signal is aborted; the process stays alive for it. */
function pause(clock: Clock, ms: Milliseconds, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer: Timer = clock.setTimer(ms, done, true);
    signal?.addEventListener('abort', done, { once: true });
  });
}
