/**
 * An outbox: what is put into it is on stable storage, and is delivered at least once, in order, whatever happens to the
 * process or the disk meanwhile. What it has delivered it gives the space of back.
 * INVARIANT: the position is committed only behind what was delivered, so that a crash repeats and never skips.
 */
import { MessageLog, type AppendError, type CloseError, type ConsumerError, type LogOptions, type OpenError, type ReadError, type WaitError } from '@brimlog/log-core';
import { err, ok, ResultAsync, type Result } from 'neverthrow';

/** Hands one message over; false where the receiver does not take it now. */
export type Deliver = (message: string) => Promise<boolean>;

/** How far a round of deliveries came, and whether all that was there was taken. */
export interface Delivered {
  readonly messages: number;
  readonly all: boolean;
}

const CONSUMER = 'delivery';
/** Messages that a crash may repeat at most. */
const COMMIT_EVERY = 100;

const text = new TextDecoder();

export class Outbox {
  readonly #log: MessageLog;

  private constructor(log: MessageLog) {
    this.#log = log;
  }

  /** Opens the outbox at `dir`, which is made where it is not there. `options` are the log's. */
  static open(dir: string, options: LogOptions = {}): ResultAsync<Outbox, OpenError | ConsumerError> {
    const kept: LogOptions = { ...options, retention: { bytes: 0, ...options.retention, keepUnconsumed: true } };
    return MessageLog.open(dir, kept).andThen((log) => {
      const outbox = new Outbox(log);
      return new ResultAsync(outbox.#enter()).map(() => outbox);
    });
  }

  /** Puts a message in: it is on stable storage when this resolves. An error says by its `outcome` whether it may be there all the same. */
  put(message: string): ResultAsync<number, AppendError> {
    return this.#log.append(message).map(({ baseOffset }) => baseOffset);
  }

  /** Resolves when there is room again, after `put` was refused for want of it. */
  whenWritable(signal?: AbortSignal): ResultAsync<void, WaitError> {
    return this.#log.waitUntilWritable(signal === undefined ? {} : { signal });
  }

  /** Delivers what was not delivered yet, in order, until the receiver refuses or nothing is left. */
  async deliverPending(deliver: Deliver): Promise<Result<Delivered, ReadError | ConsumerError>> {
    const consumer = this.#log.consumer(CONSUMER);
    const position = await consumer.position();
    if (position.isErr()) return err(position.error);
    let next = position.value ?? 0;
    let committed = next;
    let messages = 0;
    let all = true;
    for await (const record of this.#log.records({ from: next })) {
      if (record.isErr()) return err(record.error);
      all = await deliver(text.decode(record.value.value ?? undefined));
      if (!all) break;
      next = record.value.offset + 1;
      messages += 1;
      if (next - committed < COMMIT_EVERY) continue;
      const saved = await consumer.commit(next);
      if (saved.isErr()) return err(saved.error);
      committed = next;
    }
    if (next === committed) return ok({ messages, all });
    return consumer.commit(next).map(() => ({ messages, all }));
  }

  close(): ResultAsync<void, CloseError> {
    return this.#log.close();
  }

  /** A consumer counts for retention from its first commit on: before that, nothing would keep what was not delivered. */
  async #enter(): Promise<Result<void, ConsumerError>> {
    const consumer = this.#log.consumer(CONSUMER);
    const position = await consumer.position();
    if (position.isErr()) return err(position.error);
    if (position.value !== null) return ok(undefined);
    return consumer.commit(this.#log.status().logStartOffset).map(() => undefined);
  }
}
