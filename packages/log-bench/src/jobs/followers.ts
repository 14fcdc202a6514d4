/**
 * Who waits for records: in this process, or in one of its own. Both note when each record came into their hands, by the
 * clock that all processes share.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { MessageLog } from '@brimlog/log-core';
import { sharedNowUs } from '../measure/shared-clock.js';
import { loopTurnUs, messageUs } from '../measure/wake-ups.js';
import { failure, type OpenedLog } from '../stores/brimlog-store.js';
import type { FollowerJob, JobAnswers, Message } from './job.js';
import { WORKER_FILE } from './worker-file.js';

/** A follower at work. */
export interface Follower {
  /** What it takes to wake it with nothing to tell, in microseconds. */
  wakeUpUs(): Promise<number>;
  /** Resolves with when each of the first `count` records came, once all have, and ends the following. */
  receivedAtUs(count: number): Promise<ArrayLike<number>>;
}

/** What a follower in another process is told. */
export type FollowerRequest = { readonly type: 'echo' } | { readonly type: 'until'; readonly records: number };

type Records = ReturnType<OpenedLog['records']>;

/** Notes when each record comes, and who waits for how many. */
class Arrivals {
  readonly #times: number[] = [];
  readonly #stopper: AbortController;
  #wanted = Infinity;
  #onAll: () => void = () => undefined;

  constructor(stopper: AbortController) {
    this.#stopper = stopper;
  }

  /** Takes all records until it is stopped. */
  async take(records: Records): Promise<void> {
    for await (const record of records) {
      if (record.isErr()) {
        if (record.error.kind === 'aborted') return;
        throw failure('following', record.error);
      }
      this.#times.push(sharedNowUs());
      if (this.#times.length >= this.#wanted) this.#onAll();
    }
  }

  /** The times of the first `count`, once they are there; then it stops. */
  async until(count: number): Promise<number[]> {
    if (this.#times.length < count) {
      await new Promise<void>((resolve) => {
        this.#wanted = count;
        this.#onAll = resolve;
      });
    }
    this.#stopper.abort();
    return this.#times.slice(0, count);
  }
}

/** A follower in this process, of the open log itself. */
export function followHere(log: OpenedLog): Follower {
  const stopper = new AbortController();
  const arrivals = new Arrivals(stopper);
  const taking = arrivals.take(log.records({ from: 0, follow: true, signal: stopper.signal }));
  return {
    wakeUpUs: loopTurnUs,
    async receivedAtUs(count) {
      const times = await Promise.race([arrivals.until(count), taking.then(() => [])]);
      await taking;
      return times;
    },
  };
}

/** A follower in a process of its own, which knows the log's directory and nothing else. */
export function followElsewhere(dir: string): Follower {
  const job: FollowerJob = { kind: 'follower', dir };
  const child = fork(WORKER_FILE, [JSON.stringify(job)]);
  return {
    wakeUpUs: () => messageUs(child),
    async receivedAtUs(count) {
      ask(child, { type: 'until', records: count });
      const [message] = (await once(child, 'message')) as [Message];
      if (message.type !== 'result') throw new Error(message.type === 'failed' ? message.message : `the follower sent ${message.type}`);
      return (message.value as JobAnswers['follower']).receivedAtUs;
    },
  };
}

function ask(child: ChildProcess, request: FollowerRequest): void {
  child.send(request);
}

/** The other process's part: follows until it has as many as its parent asked for. */
export async function followForParent(job: FollowerJob): Promise<JobAnswers['follower']> {
  const stopper = new AbortController();
  const opened = await MessageLog.openReader(job.dir, { waitForLog: true });
  if (opened.isErr()) throw failure('opening a reader', opened.error);
  const reader = opened.value;
  const arrivals = new Arrivals(stopper);
  const asked = new Promise<number>((resolve) => {
    process.on('message', (request: FollowerRequest) => {
      if (request.type === 'echo') process.send?.(request);
      else resolve(request.records);
    });
  });
  const taking = arrivals.take(reader.records({ from: 0, follow: true, signal: stopper.signal }));
  const receivedAtUs = await Promise.race([asked.then((count) => arrivals.until(count)), taking.then(() => [])]);
  await taking;
  const closed = await reader.close();
  if (closed.isErr()) throw failure('closing a reader', closed.error);
  return { receivedAtUs };
}
