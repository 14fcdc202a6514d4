/**
 * Looks at what power cuts would leave: at many calls of a history, in the midst of operations and openings, the disk is copied
 * as a cut would leave it, opened by the real engine and read whole. The history itself goes on undisturbed.
 */
import { seededRandom, type Random, type SimulatedDisk } from '../../src/testing/index.js';
import type { SentAppend } from './client-operations.js';
import type { LogModel } from './model.js';
import type { Ending } from './operations.js';
import { randomProfile } from './random-operations.js';
import type { SimulatedHost } from './simulated-host.js';

/** A state that a power cut could leave at some call, and what is owed then. */
export interface Look {
  readonly image: SimulatedDisk;
  readonly model: LogModel;
  /** The disk is full, so that an opening may withhold. */
  readonly troubled: boolean;
  /** Wall time of the cut. */
  readonly now: number;
}

/** A process that starts on such a state; `twice`: and another one after it, when that has ended. */
export interface Visit {
  readonly host: SimulatedHost;
  lookOnce(twice: Ending | null): Promise<void>;
}

interface Watched {
  readonly host: SimulatedHost;
  readonly model: LogModel;
  readonly sent: ReadonlySet<SentAppend>;
  readonly isOpening: () => boolean;
  readonly visit: (look: Look) => Visit;
}

/** One of so many states is opened twice. */
const TWICE_EVERY = 8;
const SECOND_ENDINGS: readonly [Ending, ...Ending[]] = ['process', { data: 'none', names: 'none' }];

export class CrashLooks {
  readonly #share: number;
  readonly #watched: Watched;
  readonly #random: Random;
  #looks: Look[] = [];
  /** States that were checked, by image and books. */
  readonly #known = new Set<string>();

  constructor(share: number, watched: Watched) {
    this.#share = share;
    this.#watched = watched;
    // A stream of its own: whether anybody looks changes nothing of the history.
    this.#random = seededRandom(watched.host.setup.seed + 1);
  }

  /** Notes states at this process's calls from now on. */
  watch(disk: SimulatedDisk): void {
    if (this.#share === 0) return;
    disk.beforeCall = () => {
      if (disk === this.#watched.host.disk && !disk.halted && this.#random.chance(this.#share)) this.#note(disk);
    };
  }

  /** Counts a state that a power cut of the history itself left. */
  count(image: SimulatedDisk, insideRecovery: boolean): void {
    const { counts } = this.#watched.host;
    counts.states += 1;
    if (insideRecovery) counts.insideRecovery += 1;
    counts.hashes.push(image.imageHash());
  }

  #note(disk: SimulatedDisk): void {
    const { host, isOpening } = this.#watched;
    const image = disk.crash(randomProfile(this.#random), this.#random);
    const key = this.#keyOf(image);
    if (this.#known.has(key)) {
      host.counts.known += 1;
      return;
    }
    const model = this.#booksNow();
    // Between an answer and its entry in the books: the next call will do.
    if (model === null) return;
    this.#known.add(key);
    this.count(image, isOpening());
    this.#looks.push({ image, model, troubled: host.troubled, now: host.clock.now() });
  }

  /** The same image and the same books make the same state. */
  #keyOf(image: SimulatedDisk): string {
    const { model, sent } = this.#watched;
    let answered = 0;
    for (const { result } of sent) if (result !== null) answered += 1;
    return `${String(image.imageHash())} ${String(model.version)} ${String(answered)}`;
  }

  /** What is owed at this moment, answers included that the history has not taken yet. */
  #booksNow(): LogModel | null {
    const { sent, host, isOpening } = this.#watched;
    const model = this.#watched.model.copy();
    if (isOpening() && host.lacksLogStart) model.forgetDurableStart();
    try {
      for (const { attempt, result } of sent) {
        if (result === null) continue;
        if (result.isOk() && !model.withheld) model.acknowledged(model.same(attempt), result.value.baseOffset, result.value.lastOffset);
        else if (result.isErr()) model.refused(model.same(attempt), result.error.outcome);
      }
    } catch {
      return null;
    }
    model.powerCut();
    return model;
  }

  /** Opens and checks every state that was noted. */
  async check(): Promise<void> {
    const looks = this.#looks;
    this.#looks = [];
    for (const look of looks) await this.#lookAt(look);
  }

  async #lookAt(look: Look): Promise<void> {
    const { host, visit } = this.#watched;
    const visited = visit(look);
    const twice = this.#random.below(TWICE_EVERY) === 0 ? this.#random.pick(SECOND_ENDINGS) : null;
    try {
      await visited.lookOnce(twice);
    } catch (thrown) {
      host.note('--- what a power cut would leave at some call of this step:');
      for (const line of visited.host.trace) host.note(line);
      throw thrown;
    } finally {
      visited.host.finish();
    }
  }
}
