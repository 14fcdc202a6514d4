/**
 * What a log owes its users, written from the design and not from the code: which record is where, what became of
 * each append, how far stable storage is promised, what deletion was allowed. From this follow the legal contents
 * of a live log, and those that an opening may find after any crash. It knows nothing of files.
 */
import type { AppendOutcome, DeletionResult } from '../../src/index.js';
import { ConsumerBooks } from './consumer-books.js';
import { forbidden, mayHaveBeenDeleted, type DeletedRange } from './deletion-rules.js';
import type { LogChoices } from './operations.js';
import { Violation } from './violation.js';

/** - `pending`: no answer yet. - `unknown`: refused, may be there. - `never`: must not appear any more. */
type Fate = 'pending' | 'acknowledged' | 'unknown' | 'never';

/** One call of `append`. Numbers are given in the order of the calls, one per record. */
export interface Attempt {
  readonly first: number;
  readonly sizes: readonly number[];
  readonly ack: 'flushed' | 'written';
  readonly at: number;
  fate: Fate;
}

/** What an opening, or a whole read, found. */
export interface Content {
  readonly start: number;
  /** Numbers of the records from `start` on. */
  readonly records: readonly number[];
}

/** What an opening is held to. */
export interface OpeningFacts {
  /** The log says that all it shows is on stable storage. */
  readonly durable: boolean;
  /** Nothing can have changed since the log was last read whole. */
  readonly same: boolean;
  /** Segments that are left, null where nobody counted. */
  readonly segments: number | null;
}

const ENCODED_OVERHEAD = 160;

export class LogModel {
  readonly #attempts: Attempt[] = [];
  /** The attempt of each record, by its number. */
  readonly #attemptOf: Attempt[] = [];
  /** The record at each offset, deleted ones included. */
  #log: number[] = [];
  /** What no power cut may take. */
  durableEnd = 0;
  /** Whether this process's log was seen whole. */
  #settled = false;
  /** What the next opening must find at least, given how this process ended. */
  #survivingEnd = 0;
  start = 0;
  /** A log start that is durable for certain. */
  durableStart = 0;
  #startAllowed = 0;
  /** How far deletions that failed may have moved the start: an opening may show that, and a power cut take it back. */
  #startDoubtful = 0;
  /** Bytes of records that openings re-homed: a cut that was lost leaves them in their old file as well. */
  #rehomedBytes = 0;
  /** Whether an opening withheld a part, so that what is there is not settled. */
  withheld = false;
  /** Reads failed or lied since opening: what could not be read back could not be re-homed. */
  readsFailed = false;
  consumers = new ConsumerBooks();
  /** The latest wall time, and the earliest that the clock was ever set back to: files may be stamped by that. */
  #wall = { latest: -Infinity, setBackTo: Infinity };
  /** Grows with every change of what is owed: equal numbers mean equal books. */
  version = 0;
  readonly #options: LogChoices;

  constructor(options: LogChoices) {
    this.#options = options;
  }

  /** The same books, kept apart from now on. */
  copy(): LogModel {
    const copy = new LogModel(this.#options);
    for (const attempt of this.#attempts) {
      const same = { ...attempt };
      copy.#attempts.push(same);
      for (let i = 0; i < same.sizes.length; i += 1) copy.#attemptOf.push(same);
    }
    copy.#log = [...this.#log];
    copy.durableEnd = this.durableEnd;
    copy.#survivingEnd = this.#survivingEnd;
    copy.#settled = this.#settled;
    copy.start = this.start;
    copy.durableStart = this.durableStart;
    copy.#startAllowed = this.#startAllowed;
    copy.#startDoubtful = this.#startDoubtful;
    copy.#rehomedBytes = this.#rehomedBytes;
    copy.withheld = this.withheld;
    copy.readsFailed = this.readsFailed;
    copy.consumers = this.consumers.copy();
    copy.#wall = { ...this.#wall };
    copy.version = this.version;
    return copy;
  }

  /** A copy's own entry for an attempt. */
  same(attempt: Attempt): Attempt {
    return this.#attemptOf[attempt.first] as Attempt;
  }

  /** The end of what is acknowledged, or was seen after an opening. */
  get end(): number {
    return this.#log.length;
  }

  /** The wall clock shows this. */
  sawTime(now: number): void {
    if (now < this.#wall.latest) this.#wall.setBackTo = Math.min(this.#wall.setBackTo, now);
    else this.#wall.latest = now;
  }

  // Appends.

  begin(sizes: readonly number[], ack: 'flushed' | 'written', at: number): Attempt {
    this.version += 1;
    const attempt: Attempt = { first: this.#attemptOf.length, sizes, ack, at, fate: 'pending' };
    this.#attempts.push(attempt);
    for (let i = 0; i < sizes.length; i += 1) this.#attemptOf.push(attempt);
    return attempt;
  }

  acknowledged(attempt: Attempt, baseOffset: number, lastOffset: number): void {
    this.version += 1;
    if (baseOffset !== this.end) {
      throw new Violation('no-hole', `record ${String(attempt.first)} was acknowledged at offset ${String(baseOffset)}, but the log ends at ${String(this.end)}`);
    }
    if (lastOffset !== baseOffset + attempt.sizes.length - 1) throw new Violation('no-hole', `an append of ${String(attempt.sizes.length)} records got offsets ${String(baseOffset)} … ${String(lastOffset)}`);
    const newest = this.#log[this.#log.length - 1] ?? -1;
    if (attempt.first < newest) throw new Violation('order', `record ${String(attempt.first)} came behind record ${String(newest)}, which was appended later`);
    attempt.fate = 'acknowledged';
    for (let i = 0; i < attempt.sizes.length; i += 1) this.#log.push(attempt.first + i);
    if (attempt.ack === 'flushed') this.flushedTo(lastOffset + 1);
  }

  refused(attempt: Attempt, outcome: AppendOutcome): void {
    this.version += 1;
    attempt.fate = outcome === 'unknown' ? 'unknown' : 'never';
  }

  /** Everything below `offset` is promised to be on stable storage. */
  flushedTo(offset: number): void {
    if (offset <= this.durableEnd) return;
    this.version += 1;
    this.durableEnd = offset;
  }

  sizeOf(record: number): number | null {
    const attempt = this.#attemptOf[record];
    return attempt?.sizes[record - attempt.first] ?? null;
  }

  // Ends of processes, and openings.

  processEnded(): void {
    this.version += 1;
    for (const attempt of this.#attempts) if (attempt.fate === 'pending') attempt.fate = 'unknown';
    if (this.#settled && !this.withheld) this.#survivingEnd = this.end;
    this.#settled = false;
  }

  powerCut(): void {
    this.processEnded();
    this.#survivingEnd = Math.min(this.#survivingEnd, this.durableEnd);
  }

  /** An opening showed this and withheld nothing: the log now is what it showed, for good. */
  opened({ start, records }: Content, { durable, same, segments }: OpeningFacts): void {
    this.version += 1;
    const end = start + records.length;
    this.#checkStart(start, end, segments);
    if (end < this.#survivingEnd) {
      throw new Violation('never-loses', `the log ends at ${String(end)}, but everything below ${String(this.#survivingEnd)} was promised (acknowledged to ${String(this.end)}, flushed to ${String(this.durableEnd)})`);
    }
    // A deletion that failed may have reached the disk all the same, or the cache alone.
    const wentBack = start < this.start && this.start > this.#startDoubtful;
    if (same && (end !== this.end || wentBack || (start > this.start && start > this.#startAllowed))) {
      throw new Violation('opens-twice', `the log holds ${String(start)} … ${String(end)}, and held ${String(this.start)} … ${String(this.end)} before`);
    }
    this.#checkKnown(start, records, Math.min(end, this.end));
    this.#checkNew(records, Math.max(0, this.end - start));
    const kept = this.#log.slice(0, start);
    while (kept.length < start) kept.push(-1);
    this.#log = [...kept, ...records];
    for (const record of records) (this.#attemptOf[record] as Attempt).fate = 'acknowledged';
    const there = new Set(this.#log);
    // What was refused as unknown and is not there stays unknown: a cut that was not synced may be undone by a power cut.
    for (const attempt of this.#attempts) if (attempt.fate === 'acknowledged' && !there.has(attempt.first)) attempt.fate = 'never';
    this.withheld = false;
    this.#settled = true;
    this.readsFailed = false;
    this.#survivingEnd = this.end;
    if (durable) this.durableEnd = this.end;
    this.start = start;
    this.#startAllowed = Math.max(this.#startAllowed, start);
  }

  /** An opening showed this and withheld the rest: what it showed must be right, the rest is owed. */
  openedInPart({ start, records }: Content, segments: number | null): void {
    this.version += 1;
    this.#checkStart(start, start + records.length, segments);
    this.#checkKnown(start, records, Math.min(start + records.length, this.end));
    if (start + records.length > this.end) this.#checkNew(records, Math.max(0, this.end - start));
    this.withheld = true;
    this.start = start;
    this.#startAllowed = Math.max(this.#startAllowed, start);
  }

  // What a live log shows.

  /** A whole read of a live log from its start to its high watermark. */
  live(content: Content): void {
    if (content.start !== this.start) throw new Violation('log-start', `reading began at ${String(content.start)}, the log start is ${String(this.start)}`);
    this.glimpsed(content);
    if (!this.withheld) this.liveEnd(content.start + content.records.length);
  }

  /** A read of a live log that other things were going on beside, or by another process. */
  glimpsed({ start, records }: Content): void {
    const end = start + records.length;
    if (!this.withheld && end > this.end) throw new Violation('never-serves', `a live read shows ${String(end - this.end)} records beyond what was acknowledged`);
    this.#checkKnown(start, records, Math.min(end, this.end));
  }

  /** The log told that it re-homed these. */
  rehomed({ fromOffset, toOffset }: { readonly fromOffset: number; readonly toOffset: number }): void {
    this.version += 1;
    for (let offset = fromOffset; offset < toOffset; offset += 1) this.#rehomedBytes += this.#bytesAt(offset);
  }

  /** The high watermark of a live log. */
  liveEnd(end: number): void {
    if (this.withheld || end === this.end) return;
    if (end > this.end) throw new Violation('never-serves', `the high watermark is ${String(end)}, but only ${String(this.end)} are acknowledged`);
    if (end < this.durableEnd || !this.readsFailed) {
      throw new Violation('never-loses', `the high watermark went back to ${String(end)} while the log was open (acknowledged to ${String(this.end)}, flushed to ${String(this.durableEnd)})`);
    }
    this.version += 1;
    for (const lost of this.#log.splice(end)) (this.#attemptOf[lost] as Attempt).fate = 'never';
  }

  /** The log start of a live log; `deleting` where a deletion has not come to its end, so that it was not told yet. */
  liveStart(start: number, deleting = false): void {
    if (start < this.start) throw new Violation('log-start', `the log start went back from ${String(this.start)} to ${String(start)}`);
    if (start > this.#startAllowed && !(deleting && this.#crashMayHaveDeleted(start, this.end, null))) throw new Violation('never-deletes', `the log start is ${String(start)}, only ${String(this.#startAllowed)} was allowed`);
    if (start !== this.start) this.version += 1;
    this.start = start;
  }

  // Deletion.

  allowDeleteBefore(offset: number): void {
    if (offset <= this.#startAllowed) return;
    this.version += 1;
    this.#startAllowed = offset;
  }

  deletionFailed(): void {
    if (this.#startAllowed <= this.#startDoubtful) return;
    this.version += 1;
    this.#startDoubtful = this.#startAllowed;
  }

  /** A deletion was answered with success on a well disk: no power cut may bring this back. */
  deletedDurably(toOffset: number): void {
    if (toOffset <= this.durableStart) return;
    this.version += 1;
    this.durableStart = toOffset;
  }

  /** The one file that tells where the log starts, if not with a segment, could not be read. */
  forgetDurableStart(): void {
    this.version += 1;
    this.durableStart = 0;
  }

  /** The log told that it deleted; `kept` says what is left. */
  deleted(result: DeletionResult, kept: { readonly segments: number; readonly bytes: number }): void {
    const { reason, toOffset, stoppedBy } = result;
    if (toOffset > this.#startAllowed) {
      const wrong = forbidden(result, this.#rangeBelow(toOffset, this.end), { ...kept, now: this.#wall.latest }, this.#options);
      if (wrong !== null) throw new Violation('never-deletes', `deleted up to ${String(toOffset)} because of ${String(reason)}: ${wrong}`);
      this.allowDeleteBefore(toOffset);
    }
    if (stoppedBy === 'io') this.deletionFailed();
  }

  #rangeBelow(toOffset: number, end: number): DeletedRange {
    const times = this.#log.slice(0, toOffset).map((record) => this.#attemptOf[record]?.at ?? 0);
    let bytesAfter = this.#deadBytes() + this.#rehomedBytes;
    for (let offset = toOffset; offset < Math.max(end, this.end); offset += 1) bytesAfter += this.#bytesAt(offset);
    return { toOffset, end: this.end + this.#withheldMax(), newestAt: Math.min(Math.max(0, ...times), this.#wall.setBackTo), bytesAfter, slowest: this.consumers.slowest };
  }

  #bytesAt(offset: number): number {
    return (this.sizeOf(this.#log[offset] ?? -1) ?? 4_096) + ENCODED_OVERHEAD;
  }

  /** How many records beyond the known end may be in what an opening withheld: those that were refused as unknown. */
  #withheldMax(): number {
    return this.withheld ? this.#attempts.reduce((sum, { fate, sizes }) => sum + (fate === 'unknown' ? sizes.length : 0), 0) : 0;
  }

  /** Bytes of refused appends that may lie in files all the same, and count as the log's until somebody looks. */
  #deadBytes(): number {
    let bytes = 0;
    for (const { fate, sizes } of this.#attempts) if (fate !== 'acknowledged') for (const size of sizes) bytes += size + ENCODED_OVERHEAD;
    return bytes;
  }

  #crashMayHaveDeleted(start: number, end: number, segments: number | null): boolean {
    return mayHaveBeenDeleted(this.#rangeBelow(start, end), { segments, now: this.#wall.latest }, this.#options);
  }

  #checkStart(start: number, end: number, segments: number | null): void {
    if (start < this.durableStart) throw new Violation('log-start', `the log starts at ${String(start)}, durable was ${String(this.durableStart)}`);
    if (start > this.#startAllowed && !this.#crashMayHaveDeleted(start, end, segments)) {
      throw new Violation('never-deletes', `the log starts at ${String(start)}, only ${String(this.#startAllowed)} was allowed`);
    }
  }

  /** Records at offsets below `to` that are known already must be those. */
  #checkKnown(start: number, records: readonly number[], to: number): void {
    for (let offset = start; offset < to; offset += 1) {
      const found = records[offset - start] as number;
      const known = this.#log[offset] as number;
      if (found !== known && known !== -1) throw new Violation('never-serves', `offset ${String(offset)} shows record ${String(found)}; it holds record ${String(known)}`);
    }
  }

  /** Records from index `from` on are new: appends without an answer, whole and in order. */
  #checkNew(records: readonly number[], from: number): void {
    for (let i = from; i < records.length; ) {
      const first = records[i] as number;
      const attempt = this.#attemptOf[first];
      if (attempt === undefined) throw new Violation('never-serves', `record ${String(first)} was never appended`);
      if (attempt.fate === 'never') throw new Violation('not-appended', `record ${String(first)} appears, but it was refused for certain, or gone before`);
      if (attempt.fate === 'acknowledged') throw new Violation('never-serves', `record ${String(first)} appears twice`);
      if (i > 0 && first < (records[i - 1] as number)) throw new Violation('order', `record ${String(first)} comes behind record ${String(records[i - 1])}`);
      for (let at = 0; at < attempt.sizes.length; at += 1) {
        if (records[i + at] !== attempt.first + at) throw new Violation('all-or-nothing', `of the append of ${String(attempt.sizes.length)} records from ${String(attempt.first)} on only a part appears`);
      }
      i += attempt.sizes.length;
    }
  }
}
