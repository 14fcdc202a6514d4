/**
 * Appends batches of lines without waiting for each, and keeps their order when the log refuses some: with
 * `backpressure` it waits for the appends that are outstanding, with a full or stuck disk until the log is writable.
 * INVARIANT: nothing is offered past a refused batch before that one is in the log.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AppendError, MessageLog, WaitError } from '@brimlog/log-core';

type Lines = readonly Uint8Array[];

/** What a producer cannot wait for to pass. */
export type SendError = AppendError | WaitError;

export class OrderedSender {
  readonly #log: MessageLog;
  readonly #signal: AbortSignal;
  readonly #onAcknowledged: (lines: Lines, nextOffset: number) => void;
  /** The delivery before the next one: null, or what it failed with for good. */
  #last: Promise<SendError | null> = Promise.resolve(null);
  /** Batches that were refused and are not in the log yet. */
  #refused = 0;

  constructor(log: MessageLog, signal: AbortSignal, onAcknowledged: (lines: Lines, nextOffset: number) => void) {
    this.#log = log;
    this.#signal = signal;
    this.#onAcknowledged = onAcknowledged;
  }

  /** Resolves when more may be sent, which is before the lines are acknowledged; with the error when none may any more. */
  async send(lines: Lines): Promise<SendError | null> {
    const delivery = this.#refused > 0 ? this.#deliverAfter(this.#last, lines) : this.#deliver(this.#last, lines);
    this.#last = delivery;
    // What the log refuses, it refuses at once: one turn of the event loop later it is known here.
    await Promise.race([delivery, nextTurn()]);
    return this.#refused > 0 ? delivery : null;
  }

  /** Resolves when everything that was sent is acknowledged, or with the first error that did not pass. */
  finish(): Promise<SendError | null> {
    return this.#last;
  }

  async #deliver(before: Promise<SendError | null>, lines: Lines): Promise<SendError | null> {
    const appended = await this.#log.append(lines);
    if (appended.isErr()) return this.#deliverAfter(before, lines);
    this.#onAcknowledged(lines, appended.value.lastOffset + 1);
    return before;
  }

  async #deliverAfter(before: Promise<SendError | null>, lines: Lines): Promise<SendError | null> {
    this.#refused += 1;
    const failure = (await before) ?? (await this.#appendPatiently(lines));
    // After a failure for good the count stays: nothing is offered any more.
    if (failure === null) this.#refused -= 1;
    return failure;
  }

  async #appendPatiently(lines: Lines): Promise<SendError | null> {
    for (;;) {
      const appended = await this.#log.append(lines);
      if (appended.isOk()) {
        this.#onAcknowledged(lines, appended.value.lastOffset + 1);
        return null;
      }
      const { error } = appended;
      if (error.kind === 'backpressure') {
        await nextTurn();
      } else if (error.kind === 'disk-full' || error.kind === 'stalled') {
        const writable = await this.#log.waitUntilWritable({ signal: this.#signal });
        if (writable.isErr()) return writable.error;
      } else {
        return error;
      }
    }
  }
}
