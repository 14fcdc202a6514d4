/**
 * What users of an open log do, one function an operation. Each begins its calls at once and answers how to finish: wait for the
 * answers, hold them against the model, and enter them in its books. So any of them can be under way together.
 */
import { getEventListeners } from 'node:events';
import type { Result, ResultAsync } from 'neverthrow';
import type { AppendError, AppendResult, DeletionResult, MessageLog, RetentionError } from '../../src/index.js';
import type { CheckedLog } from './checked-log.js';
import { checkRecord, readWhole } from './checked-log.js';
import type { Attempt, LogModel } from './model.js';
import { intrude, peek } from './other-processes.js';
import { valueOf } from './numbered-values.js';
import type { AppendCall, ClientOperation } from './operations.js';
import type { SimulatedHost } from './simulated-host.js';
import { Violation } from './violation.js';

type AppendAnswer = Result<AppendResult, AppendError>;

/** An append that was made and is not in the model's books yet. */
export interface SentAppend {
  readonly attempt: Attempt;
  result: AppendAnswer | null;
}

/** What an operation works on. */
export interface Scene {
  readonly host: SimulatedHost;
  readonly model: LogModel;
  readonly checked: CheckedLog;
  readonly sent: Set<SentAppend>;
  /** Nothing else is under way, so that what is seen can be told to the record. */
  readonly alone: boolean;
  /** Begins to close the log; the finish opens it again. */
  readonly reopen: () => Finish;
}

/** Waits for an operation's answers and checks them. */
export type Finish = () => Promise<void>;

/** Begins an operation. */
export function begin(scene: Scene, operation: ClientOperation): Finish {
  switch (operation.do) {
    case 'append':
      return append(scene, operation.calls);
    case 'follow':
      return follow(scene, operation.calls);
    case 'flush':
      return flush(scene);
    case 'read':
      return read(scene);
    case 'iterate':
      return iterate(scene);
    case 'verify':
      return verify(scene);
    case 'retain':
      return retain(scene);
    case 'deleteBefore':
      return deleteBefore(scene, operation.share);
    case 'commit':
      return commit(scene, operation.name, shareOf(scene.checked.log, operation.share));
    case 'forget':
      return commit(scene, operation.name, null);
    case 'recover':
      return recover(scene);
    case 'wait':
      return waitUntilWritable(scene);
    case 'peek':
      return peek(scene);
    case 'intrude':
      return intrude(scene);
    case 'reopen':
      return scene.reopen();
  }
}

/** Appends are entered in the books before what may have seen them; a log is closed last. */
export function finishRank(operation: ClientOperation): number {
  if (operation.do === 'reopen') return 2;
  return operation.do === 'append' || operation.do === 'follow' ? 0 : 1;
}

/** Begins one append. */
export function send(scene: Pick<Scene, 'host' | 'model' | 'checked' | 'sent'>, { sizes, ack, aborted }: AppendCall): { readonly sent: SentAppend; readonly answer: Promise<AppendAnswer>; readonly signal: AbortSignal | null } {
  const { host, model, checked } = scene;
  const sent: SentAppend = { attempt: model.begin(sizes, ack, host.clock.now()), result: null };
  scene.sent.add(sent);
  const records = sizes.map((size, i) => ({ value: valueOf(sent.attempt.first + i, size) }));
  const abort = aborted === true ? new AbortController() : null;
  const call = checked.log.append(records.length === 1 ? records[0]! : records, { ack, ...(abort !== null && { signal: abort.signal }) });
  abort?.abort();
  const answer = (async (): Promise<AppendAnswer> => {
    sent.result = await call;
    return sent.result;
  })();
  return { sent, answer, signal: abort?.signal ?? null };
}

function append(scene: Scene, calls: readonly AppendCall[]): Finish {
  const { host, model, checked } = scene;
  const sends = calls.map((call) => send(scene, call));
  return async () => {
    let stillOpen = true;
    for (const { sent, answer, signal } of sends) {
      const { attempt } = sent;
      const result = await host.settle(answer, 'append');
      scene.sent.delete(sent);
      await checked.returnFromWithheld(attempt.first);
      if (signal !== null) checkForgotten(signal, 'an append');
      if (result.isOk()) {
        if (!stillOpen) throw new Violation('order', `record ${String(attempt.first)} was acknowledged behind one that was refused`);
        model.acknowledged(attempt, result.value.baseOffset, result.value.lastOffset);
        continue;
      }
      const { error } = result;
      if (typeof error.kind !== 'string' || (error.outcome as string | undefined) === undefined) throw new Violation('never-throws', `an append answered ${JSON.stringify(error)}`);
      model.refused(attempt, error.outcome);
      if (error.kind === 'aborted' && signal !== null) continue;
      if (error.kind === 'record-too-large' && error.bytes > error.limit) continue;
      stillOpen = stillOpen && error.kind === 'backpressure';
      host.needsCause(`append: ${error.kind} ${error.message}`);
    }
  };
}

/** A follower sees everything that is acknowledged, once and in order, until it is told to stop. */
function follow(scene: Scene, calls: readonly AppendCall[]): Finish {
  const { host, model, checked, alone } = scene;
  const { log } = checked;
  const stop = new AbortController();
  const from = log.status().logStartOffset;
  let seen = 0;
  const errors: string[] = [];
  const following = (async (): Promise<void> => {
    for await (const step of log.records({ from, follow: true, signal: stop.signal })) {
      if (step.isErr()) errors.push(step.error.kind);
      else {
        checkRecord(step.value, from + seen, model);
        seen += 1;
      }
    }
  })();
  const finishAppends = append(scene, calls);
  return async () => {
    await finishAppends();
    await host.clock.settle();
    const { highWatermark, logStartOffset } = log.status();
    stop.abort();
    await host.settle(following, 'a follower');
    checkForgotten(stop.signal, 'a follower');
    if (from + seen > highWatermark) throw new Violation('never-serves', `a follower saw ${String(seen)} records, only ${String(highWatermark - from)} are acknowledged`);
    const passedBy = !alone && logStartOffset > from;
    if (errors.some((kind) => kind !== 'aborted' && !(passedBy && kind === 'offset-out-of-range'))) checked.needsReadFault(`a follower ended with ${errors.join(', ')}`);
    else if (alone && from + seen !== highWatermark && host.unanswered === 0) {
      throw new Violation('never-serves', `a follower saw ${String(seen)} records, ${String(highWatermark - from)} are readable`);
    }
  };
}

function flush(scene: Scene): Finish {
  const { host, model, checked } = scene;
  const { end } = model;
  const call = checked.log.flush();
  return async () => {
    const flushed = await host.settle(call, 'flush');
    if (flushed.isErr()) {
      failed(scene, `flush`, flushed.error);
      return;
    }
    if (!model.withheld && flushed.value.recoveryPoint < end) throw new Violation('never-loses', `flush answered ${String(flushed.value.recoveryPoint)}, acknowledged was ${String(end)}`);
    model.flushedTo(flushed.value.recoveryPoint);
  };
}

/** Everything acknowledged is shown; with the isolation `flushed` the same up to the recovery point, and nothing beyond. */
function read({ host, model, checked, alone }: Scene): Finish {
  if (alone) {
    return async () => {
      await checked.checkWhole();
      const content = checked.contentOf(await host.settle(readWhole(checked.log, model, 'flushed'), 'read'));
      if (content !== null) model.glimpsed(content);
    };
  }
  const reading = readWhole(checked.log, model);
  return async () => {
    const read = await host.settle(reading, 'read');
    const content = read.kind === 'failed' && read.error.kind === 'closed' ? null : checked.contentOf(read);
    if (content !== null) model.glimpsed(content);
  };
}

/** Iterating, record by record and batch by batch, gives every offset once up to the high watermark. */
function iterate({ host, model, checked, alone }: Scene): Finish {
  const { log } = checked;
  const { logStartOffset, highWatermark } = log.status();
  const errors: { readonly kind: string; readonly message: string }[] = [];
  const ends = { records: logStartOffset, batches: logStartOffset };
  const iterating = (async (): Promise<void> => {
    for await (const step of log.records({ from: logStartOffset })) {
      if (step.isErr()) errors.push(step.error);
      else {
        checkRecord(step.value, ends.records, model);
        ends.records += 1;
      }
    }
    for await (const step of log.batches({ from: logStartOffset })) {
      if (step.isErr()) {
        errors.push(step.error);
        continue;
      }
      for (const record of step.value.records) {
        checkRecord(record, ends.batches, model);
        ends.batches += 1;
      }
      if (ends.batches !== step.value.lastOffset + 1) throw new Violation('never-serves', `a batch to ${String(step.value.lastOffset)} gave records to ${String(ends.batches - 1)}`);
    }
  })();
  return async () => {
    await host.settle(iterating, 'iterating');
    const [error] = errors;
    if (error !== undefined) {
      const passedBy = !alone && (error.kind === 'closed' || (error.kind === 'offset-out-of-range' && log.status().logStartOffset > logStartOffset));
      if (!passedBy) checked.needsReadFault(`iterating: ${error.kind} ${error.message}`);
      return;
    }
    for (const [name, end] of Object.entries(ends)) {
      if (alone ? end !== highWatermark : end > model.end && !model.withheld) throw new Violation('never-serves', `${name} ended at ${String(end)}, the high watermark is ${String(highWatermark)}`);
    }
  };
}

function verify({ host, checked }: Scene): Finish {
  const call = checked.log.verify();
  return async () => {
    const report = await host.settle(call, 'verify');
    if (report.isOk() && report.value.problems.length > 0 && !host.hasFlips) checked.needsReadFault(`verify found ${JSON.stringify(report.value.problems)}`);
  };
}

function deleteBefore(scene: Scene, share: number): Finish {
  const { checked, model } = scene;
  const offset = shareOf(checked.log, share);
  model.allowDeleteBefore(offset);
  return deletion(scene, 'deleteBefore', checked.log.deleteBefore(offset), () => {
    const { logStartOffset } = checked.log.status();
    if (logStartOffset < offset) throw new Violation('log-start', `deleteBefore(${String(offset)}) succeeded, the log start is ${String(logStartOffset)}`);
    return offset;
  });
}

function retain(scene: Scene): Finish {
  // Where it deletes nothing, it tells the log start as it is, however that came to be.
  return deletion(scene, 'runRetention', scene.checked.log.runRetention(), ({ segments, toOffset }) => (segments > 0 ? toOffset : 0));
}

function deletion(scene: Scene, what: string, call: ResultAsync<DeletionResult, RetentionError>, durableTo: (deleted: DeletionResult) => number): Finish {
  const { host, model } = scene;
  const quiet = !host.troubled;
  return async () => {
    const deleted = await host.settle(call, what);
    if (deleted.isErr()) {
      failed(scene, what, deleted.error);
      model.deletionFailed();
    } else {
      const toOffset = durableTo(deleted.value);
      if (quiet) model.deletedDurably(toOffset);
    }
  };
}

/** Commits a position, or, with null, forgets the consumer. */
function commit(scene: Scene, name: string, offset: number | null): Finish {
  const { host, model, checked, alone } = scene;
  const consumer = checked.log.consumer(name);
  model.version += 1;
  const begun = model.consumers.begins(name, offset);
  const call = offset === null ? consumer.forget().map(() => undefined) : consumer.commit(offset).map(() => undefined);
  return async () => {
    model.version += 1;
    const done = await host.settle(call, 'commit');
    if (done.isOk()) model.consumers.committed(name, begun);
    else failed(scene, 'commit', done.error);
    if (!alone) return;
    const position = await host.settle(consumer.position(), 'position');
    if (position.isOk()) model.consumers.seen(name, position.value);
  };
}

function recover(scene: Scene): Finish {
  const { host, checked } = scene;
  const call = checked.log.recover();
  return async () => {
    const recovered = await host.settle(call, 'recover');
    if (recovered.isErr()) failed(scene, 'recover', recovered.error);
    else await checked.returnFromWithheld();
  };
}

function waitUntilWritable(scene: Scene): Finish {
  const { host, checked } = scene;
  const abort = new AbortController();
  const waiting = checked.log.waitUntilWritable({ signal: abort.signal });
  return async () => {
    await host.advance(1_500);
    abort.abort();
    const waited = await host.settle(waiting, 'waitUntilWritable');
    checkForgotten(abort.signal, 'waitUntilWritable');
    if (waited.isErr()) failed(scene, 'waitUntilWritable', waited.error);
  };
}

/** An error has a cause: a disk that is not well, or a log that is being closed beside it. */
function failed({ host, alone }: Scene, what: string, { kind, message }: { readonly kind: string; readonly message: string }): void {
  if (alone || kind !== 'closed') host.needsCause(`${what}: ${kind} ${message}`);
}

/** Nobody listens to a signal whose call was answered. */
function checkForgotten(signal: AbortSignal, who: string): void {
  const left = getEventListeners(signal, 'abort').length;
  if (left > 0) throw new Violation('leaks', `${who} was answered and still listens to its signal`);
}

/** The offset at a share of what can be read. */
function shareOf(log: MessageLog, share: number): number {
  const { logStartOffset, highWatermark } = log.status();
  return logStartOffset + Math.floor((highWatermark - logStartOffset) * share);
}
