/** Named consumers: checking what they ask for, and keeping positions from pointing beyond what is durable. */
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import { utf8Bytes } from '../codec/utf8.js';
import { checkConsumerName, checkOffset } from '../decide/check-arguments.js';
import { diskError } from '../decide/failure-policy.js';
import type { Consumer } from '../model/api.js';
import { closedError, offsetOutOfRange, type ConsumerError, type FlushError } from '../model/errors.js';
import type { Offset } from '../model/units.js';
import type { PositionsFile } from './positions-file.js';
import type { LogSnapshot } from './snapshot.js';

/** What consumers need of the log. @internal */
export interface ConsumerHost {
  readonly snapshot: () => LogSnapshot;
  readonly isClosed: () => boolean;
  readonly flush: () => Promise<Result<unknown, FlushError>>;
  /** Told when the slowest consumer has left the oldest segment behind. */
  readonly onReleased: () => void;
}

/** @internal */
export class LogConsumers {
  readonly #positions: PositionsFile;
  readonly #host: ConsumerHost;
  /** Resolves when every call so far has entered what it asks for. */
  #entered: Promise<unknown> = Promise.resolve();

  constructor(positions: PositionsFile, host: ConsumerHost) {
    this.#positions = positions;
    this.#host = host;
  }

  consumer(name: string): Consumer {
    const wrong = checkConsumerName(name, utf8Bytes);
    return {
      name,
      position: () => (wrong === null ? new ResultAsync(this.#position(name)) : errAsync(wrong)),
      commit: (offset) => (wrong === null ? new ResultAsync(this.#commit(name, offset)) : errAsync(wrong)),
      forget: () => (wrong === null ? new ResultAsync(this.#forget(name)) : errAsync(wrong)),
    };
  }

  async #position(name: string): Promise<Result<Offset | null, ConsumerError>> {
    const ready = await this.#ready();
    return ready.map(() => this.#positions.position(name));
  }

  async #ready(): Promise<Result<void, ConsumerError>> {
    if (this.#host.isClosed()) return err(closedError());
    const ready = await this.#positions.ready();
    return ready.mapErr((failure) => diskError('side-file', failure));
  }

  async #commit(name: string, offset: Offset): Promise<Result<{ readonly position: Offset }, ConsumerError>> {
    const wrong = checkOffset('offset', offset);
    if (wrong !== null) return err(wrong);
    const ready = await this.#inTurn(this.#mayCommit(offset));
    if (ready.isErr()) return err(ready.error);
    return this.#save(name, offset).map(() => ({ position: offset }));
  }

  async #mayCommit(offset: Offset): Promise<Result<void, ConsumerError>> {
    const ready = await this.#ready();
    if (ready.isErr()) return ready;
    const { logStartOffset, highWatermark, recoveryPoint } = this.#host.snapshot();
    if (offset > highWatermark) return err(offsetOutOfRange(offset, logStartOffset, highWatermark));
    if (offset <= recoveryPoint.offset) return ok(undefined);
    // A position beyond what is durable would, after a crash, lie beyond the log's end.
    return (await this.#host.flush()).map(() => undefined);
  }

  async #forget(name: string): Promise<Result<void, ConsumerError>> {
    const ready = await this.#inTurn(this.#ready());
    if (ready.isErr()) return err(ready.error);
    return this.#positions.isKnown(name) ? this.#save(name, null) : ok(undefined);
  }

  /** Calls take effect in their order, whichever of them has to wait for a flush first. */
  async #inTurn(prepared: Promise<Result<void, ConsumerError>>): Promise<Result<void, ConsumerError>> {
    const before = this.#entered;
    const turn = Promise.all([prepared, before]);
    this.#entered = turn;
    const [ready] = await turn;
    return ready.isOk() && this.#host.isClosed() ? err(closedError()) : ready;
  }

  #save(name: string, offset: Offset | null): ResultAsync<void, ConsumerError> {
    const before = this.#positions.slowest;
    return new ResultAsync(this.#positions.commit(name, offset)).mapErr((failure) => diskError('make-segment', failure)).map(() => {
      this.#tellReleased(before);
    });
  }

  #tellReleased(before: Offset | null): void {
    const { segments, highWatermark } = this.#host.snapshot();
    const end = segments[1]?.baseOffset ?? highWatermark;
    if (before !== null && before < end && (this.#positions.slowest ?? Infinity) >= end) this.#host.onReleased();
  }
}
