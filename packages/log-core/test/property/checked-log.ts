/**
 * One open log, held against the model: what it shows, what it says of itself, what it deleted. Reading is written so that it
 * can go on beside other calls; whoever asks waits for it with `settle`.
 */
import type { DeletionResult, Isolation, LogEvents, LogRecord, LogStatus, MessageLog, ReadError } from '../../src/index.js';
import type { Content, LogModel } from './model.js';
import { numberIn } from './numbered-values.js';
import type { SimulatedHost } from './simulated-host.js';
import { refuseOwnBug, Violation } from './violation.js';

/** What a whole read came to. */
export type WholeRead = { readonly kind: 'whole'; readonly content: Content } | { readonly kind: 'failed'; readonly from: number; readonly error: ReadError };

/** Reads everything from the log start to the high watermark, or to the recovery point. */
export async function readWhole(log: MessageLog, model: LogModel, isolation: Isolation = 'acknowledged'): Promise<WholeRead> {
  const { logStartOffset: start, highWatermark, recoveryPoint } = log.status();
  const bound = isolation === 'flushed' ? recoveryPoint : highWatermark;
  const records: number[] = [];
  let from = start;
  while (from < bound) {
    const read = await log.read({ from, isolation });
    if (read.isErr()) return { kind: 'failed', from, error: read.error };
    const before = from;
    for (const record of read.value.records) {
      records.push(checkRecord(record, from, model));
      from += 1;
    }
    if (from === before) throw new Violation('reads', `a read at ${String(from)} gives nothing, though the log was readable to ${String(bound)}`);
    if (from < read.value.nextOffset) throw new Violation('never-serves', `offsets ${String(from)} … ${String(read.value.nextOffset - 1)} are a hole`);
    const end = isolation === 'flushed' ? log.status().recoveryPoint : log.status().highWatermark;
    if (from > end) throw new Violation('never-serves', `a read shows ${String(from - end)} records beyond the ${isolation === 'flushed' ? 'recovery point' : 'high watermark'}`);
  }
  return { kind: 'whole', content: { start, records } };
}

/** The number of a record, which must be the one at this offset and as it was appended. */
export function checkRecord({ offset, value }: LogRecord, expected: number, model: LogModel): number {
  if (offset !== expected) throw new Violation('never-serves', `offset ${String(offset)} was served where ${String(expected)} is next`);
  const number = numberIn(value);
  if (number === null || model.sizeOf(number) !== value!.byteLength) throw new Violation('never-serves', `offset ${String(offset)} shows bytes that were not appended`);
  return number;
}

export class CheckedLog {
  readonly log: MessageLog;
  readonly #host: SimulatedHost;
  readonly #model: LogModel;
  #deletions: DeletionResult[] = [];
  #warnings: LogEvents['warning'][] = [];

  constructor(log: MessageLog, host: SimulatedHost, model: LogModel) {
    this.log = log;
    this.#host = host;
    this.#model = model;
    log.on('delete', (deletion) => {
      this.#deletions.push(deletion);
    });
    log.on('warning', (warning) => {
      this.#warnings.push(warning);
    });
  }

  /** Reads everything; null where a fault is in the way. */
  async readAll(): Promise<Content | null> {
    return this.contentOf(await this.#host.settle(readWhole(this.log, this.#model), 'read'));
  }

  /** What was read, or null where a fault, or a deletion beside it, was in the way. */
  contentOf(read: WholeRead): Content | null {
    if (read.kind === 'whole') return read.content;
    const { from, error } = read;
    refuseOwnBug('read', error);
    if (error.kind === 'offset-out-of-range' && from < this.log.status().logStartOffset) return null;
    this.needsReadFault(`read(${String(from)}): ${error.kind} ${error.message}`);
    return null;
  }

  needsReadFault(what: string): void {
    this.#host.needsReadFault(what);
    this.#model.readsFailed = true;
  }

  /** Everything it shows is what the model says. */
  async checkWhole(): Promise<void> {
    this.takeDeletions();
    const content = await this.readAll();
    this.takeDeletions();
    if (content !== null) this.#model.live(content);
  }

  /** A log that withheld a part may have proven it by now; records from `first` on came after that. */
  async returnFromWithheld(first = Infinity): Promise<void> {
    if (!this.#model.withheld || this.log.status().withheld !== null) return;
    const content = await this.readAll();
    if (content === null) return;
    const records = content.records.filter((record) => record < first);
    this.takeDeletions();
    this.#model.opened({ ...content, records }, { durable: true, same: false, segments: null });
  }

  /** After every step: what the log says of itself is true, and nothing it does not tell of happened. */
  async afterStep(): Promise<void> {
    for (const { error, during } of this.#warnings.splice(0)) refuseOwnBug(during, error);
    const { disk } = this.#host;
    if (disk.faultsFired.some(({ rule }) => rule.on === '*' || rule.on.includes('read'))) this.#model.readsFailed = true;
    await this.returnFromWithheld();
    const status = this.log.status();
    this.takeDeletions();
    this.#model.liveEnd(status.highWatermark);
    this.#checkStatus(status);
    this.#model.flushedTo(status.recoveryPoint);
  }

  /** Every deletion that was told of is allowed, and there was no other. */
  takeDeletions(): void {
    this.#model.sawTime(this.#host.clock.now());
    let { segments, bytes } = this.log.status();
    // What was left behind each is counted back from what is left now.
    const kept = this.#deletions.splice(0).reverse().map((deletion) => {
      const then = { deletion, segments, bytes };
      segments += deletion.segments;
      bytes += deletion.bytes;
      return then;
    });
    for (const { deletion, ...left } of kept.reverse()) this.#model.deleted(deletion, left);
    this.#model.liveStart(this.log.status().logStartOffset, this.#host.unanswered > 0);
  }

  #checkStatus(status: LogStatus): void {
    const { recoveryPoint, highWatermark, logEndOffset, logStartOffset, handles, state, reason } = status;
    if (reason === 'assertion') throw new Violation('never-throws', 'an internal error failed the log');
    if (recoveryPoint > highWatermark || highWatermark > logEndOffset || logStartOffset > highWatermark) {
      throw new Violation('status', `log start ${String(logStartOffset)}, recovery point ${String(recoveryPoint)}, high watermark ${String(highWatermark)}, log end ${String(logEndOffset)}`);
    }
    const { disk } = this.#host;
    if (this.#host.unanswered === 0 && handles.open !== disk.openHandles) {
      throw new Violation('leaks', `${String(disk.openHandles)} handles are open, the log counts ${String(handles.open)}: ${disk.openPaths.join(', ')}`);
    }
    if (handles.open > handles.max) throw new Violation('leaks', `${String(handles.open)} handles are open, ${String(handles.max)} may be`);
    if (status.queueBytes !== 0) throw new Violation('leaks', `${String(status.queueBytes)} bytes are queued though every append was answered`);
    if (state === 'failed' || state === 'read-only') this.#host.needsCause(`the log is ${state} (${String(status.reason)})`);
  }
}
