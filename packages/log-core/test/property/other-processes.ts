/** Other processes beside the one that has the log open: a reader, and one that would have it too. Neither writes a byte. */
import { MessageLog } from '../../src/index.js';
import type { IoOperation } from '../../src/index.js';
import type { SimulatedDisk } from '../../src/testing/index.js';
import { readWhole, type WholeRead } from './checked-log.js';
import type { Finish, Scene } from './client-operations.js';
import { LOG_DIR, type SimulatedHost } from './simulated-host.js';
import { refuseOwnBug, Violation } from './violation.js';

const PID = 4_711;
const READING: ReadonlySet<IoOperation> = new Set(['open', 'read', 'stat', 'statfs', 'readdir', 'lock', 'watch', 'close']);

/** Another process on the same disk; whatever it changes is a violation. */
function otherProcess(host: SimulatedHost, who: string): { readonly disk: SimulatedDisk; readonly settle: <T>(call: PromiseLike<T>) => Promise<T> } {
  const disk = host.disk.otherProcess(PID);
  const changed: string[] = [];
  disk.beforeCall = ({ operation, path }) => {
    if (!READING.has(operation)) changed.push(`${operation} ${path}`);
  };
  const settle = async <T>(call: PromiseLike<T>): Promise<T> => {
    try {
      const answer = await host.settle(call, who);
      if (changed.length > 0) throw new Violation('writes-nothing', `${who} changes the disk: ${changed.join(', ')}`);
      if (disk.openHandles > 0) throw new Violation('leaks', `${who} keeps handles of ${disk.openPaths.join(', ')}`);
      return answer;
    } finally {
      for (const line of disk.trace) host.note(`      ${who}: ${line}`);
    }
  };
  return { disk, settle };
}

/** A reader sees what is acknowledged, perhaps a little late, and nothing else. */
export function peek({ host, model, alone }: Scene): Finish {
  const { disk, settle } = otherProcess(host, 'a reader');
  const reading = (async (): Promise<WholeRead | null> => {
    const opened = await MessageLog.openReader(LOG_DIR, { fileSystem: disk, clock: host.clock });
    if (opened.isErr()) {
      if (alone) host.needsCause(`openReader: ${opened.error.kind} ${opened.error.message}`);
      return null;
    }
    const read = await readWhole(opened.value, model);
    const closed = await opened.value.close();
    if (closed.isErr()) host.needsCause(`a reader's close: ${closed.error.message}`);
    return read;
  })();
  return async () => {
    const read = await settle(reading);
    if (read?.kind === 'failed') refuseOwnBug('a reader', read.error);
    if (read?.kind === 'whole') model.glimpsed(read.content);
    else if (read?.kind === 'failed' && alone) host.needsCause(`a reader's read(${String(read.from)}): ${read.error.kind} ${read.error.message}`);
  };
}

/** The log has one opener. */
export function intrude({ host, alone }: Scene): Finish {
  const { disk, settle } = otherProcess(host, 'a second opener');
  const opening = MessageLog.open(LOG_DIR, { ...host.setup.options, fileSystem: disk, clock: host.clock });
  return async () => {
    const opened = await settle(opening.map(() => null));
    if (opened.isOk()) throw new Violation('excludes', 'the log is open twice');
    const { error } = opened;
    if (error.kind === 'locked' ? error.pid !== 1 : alone) throw new Violation('excludes', `a second opener is told ${error.kind}: ${error.message}`);
  };
}
