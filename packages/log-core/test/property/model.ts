/**
 * What a log owes its users, written from the design and not from the code: which record is where, what became of
 * each append, how far stable storage is promised, what deletion was allowed. From this follow the legal contents
 * of a live log, and those that an opening may find after any crash. It knows nothing of files.
 */
import type { AppendOutcome, DeletionResult, LogOptions } from '../../src/index.js';

/** A promise that was broken; `property` is its short name. */
export class Violation extends Error {
  readonly property: string;

  constructor(property: string, message: string) {
    super(`${property}: ${message}`);
    this.property = property;
  }
}

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

interface Position {
  acknowledged: number | null;
  /** Commits that were begun since, each of which may have become durable. */
  attempted: number[];
  /** What the live log says: committed, or found at opening (then perhaps in the page cache only). */
  live: number | null;
}

const NO_POSITION: Position = { acknowledged: null, attempted: [], live: null };

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
  /** Whether an opening withheld a part, so that what is there is not settled. */
  withheld = false;
  /** Reads failed or lied since opening: what could not be read back could not be re-homed. */
  readsFailed = false;
  readonly #positions = new Map<string, Position>();
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
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
    copy.withheld = this.withheld;
    copy.readsFailed = this.readsFailed;
    for (const [name, position] of this.#positions) copy.#positions.set(name, position);
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

  // Appends.

  begin(sizes: readonly number[], ack: 'flushed' | 'written', at: number): Attempt {
    const attempt: Attempt = { first: this.#attemptOf.length, sizes, ack, at, fate: 'pending' };
    this.#attempts.push(attempt);
    for (let i = 0; i < sizes.length; i += 1) this.#attemptOf.push(attempt);
    return attempt;
  }

  acknowledged(attempt: Attempt, baseOffset: number, lastOffset: number): void {
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
    attempt.fate = outcome === 'unknown' ? 'unknown' : 'never';
  }

  /** Everything below `offset` is promised to be on stable storage. */
  flushedTo(offset: number): void {
    this.durableEnd = Math.max(this.durableEnd, offset);
  }

  sizeOf(record: number): number | null {
    const attempt = this.#attemptOf[record];
    return attempt?.sizes[record - attempt.first] ?? null;
  }

  // Ends of processes, and openings.

  processEnded(): void {
    for (const attempt of this.#attempts) if (attempt.fate === 'pending') attempt.fate = 'unknown';
    if (this.#settled && !this.withheld) this.#survivingEnd = this.end;
    this.#settled = false;
  }

  powerCut(): void {
    this.processEnded();
    this.#survivingEnd = Math.min(this.#survivingEnd, this.durableEnd);
  }

  /** An opening showed this and withheld nothing: the log now is what it showed, for good. */
  opened({ start, records }: Content, durable: boolean): void {
    const end = start + records.length;
    this.#checkStart(start, end);
    if (end < this.#survivingEnd) {
      throw new Violation('never-loses', `the log ends at ${String(end)}, but everything below ${String(this.#survivingEnd)} was promised (acknowledged to ${String(this.end)}, flushed to ${String(this.durableEnd)})`);
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
  openedInPart({ start, records }: Content): void {
    this.#checkStart(start, start + records.length);
    this.#checkKnown(start, records, Math.min(start + records.length, this.end));
    if (start + records.length > this.end) this.#checkNew(records, Math.max(0, this.end - start));
    this.withheld = true;
    this.start = start;
    this.#startAllowed = Math.max(this.#startAllowed, start);
  }

  // What a live log shows.

  /** A whole read of a live log from its start to its high watermark. */
  live({ start, records }: Content): void {
    if (start !== this.start) throw new Violation('log-start', `reading began at ${String(start)}, the log start is ${String(this.start)}`);
    const end = start + records.length;
    if (this.withheld) {
      this.#checkKnown(start, records, Math.min(end, this.end));
      return;
    }
    if (end > this.end) throw new Violation('never-serves', `a live read shows ${String(end - this.end)} records beyond what was acknowledged`);
    this.#checkKnown(start, records, end);
    this.liveEnd(end);
  }

  /** The high watermark of a live log. */
  liveEnd(end: number): void {
    if (this.withheld || end === this.end) return;
    if (end > this.end) throw new Violation('never-serves', `the high watermark is ${String(end)}, but only ${String(this.end)} are acknowledged`);
    if (end < this.durableEnd || !this.readsFailed) {
      throw new Violation('never-loses', `the high watermark went back to ${String(end)} while the log was open (acknowledged to ${String(this.end)}, flushed to ${String(this.durableEnd)})`);
    }
    for (const lost of this.#log.splice(end)) (this.#attemptOf[lost] as Attempt).fate = 'never';
  }

  /** The log start of a live log; `deleting` where a deletion has not come to its end, so that it was not told yet. */
  liveStart(start: number, deleting = false): void {
    if (start < this.start) throw new Violation('log-start', `the log start went back from ${String(this.start)} to ${String(start)}`);
    if (start > this.#startAllowed && !(deleting && this.#crashMayHaveDeleted(start, this.end))) throw new Violation('never-deletes', `the log start is ${String(start)}, only ${String(this.#startAllowed)} was allowed`);
    this.start = start;
  }

  // Deletion.

  allowDeleteBefore(offset: number): void {
    this.#startAllowed = Math.max(this.#startAllowed, offset);
  }

  /** The log told that it deleted; `kept` says what is left. */
  deleted(result: DeletionResult, kept: { readonly segments: number; readonly bytes: number; readonly now: number }): void {
    const { reason, toOffset } = result;
    if (toOffset <= this.#startAllowed) return;
    const wrong = this.#forbidden(result, kept);
    if (wrong !== null) throw new Violation('never-deletes', `deleted up to ${String(toOffset)} because of ${String(reason)}: ${wrong}`);
    this.allowDeleteBefore(toOffset);
  }

  #forbidden({ reason, toOffset }: DeletionResult, kept: { readonly segments: number; readonly bytes: number; readonly now: number }): string | null {
    const { retention, onDiskFull, keepBytesMin } = this.#options;
    if (toOffset > this.end) return `the log ends at ${String(this.end)}`;
    if (retention?.keepUnconsumed === true && toOffset > this.slowest) return `a consumer stands at ${String(this.slowest)}`;
    switch (reason) {
      case 'retention-bytes':
      case 'segments-max':
      case 'retention-ms':
      case 'delete-before': {
        // One deletion has one reason, that of its first segment: any rule of the policy may have let the others go.
        const byBytes = retention?.bytes !== undefined && kept.bytes >= retention.bytes;
        const bySegments = retention?.segmentsMax !== undefined && kept.segments >= retention.segmentsMax;
        const byAge = retention?.ms !== undefined && this.#newestBelow(toOffset) < kept.now - retention.ms;
        return byBytes || bySegments || byAge ? null : `${String(kept.bytes)} bytes in ${String(kept.segments)} segments are left`;
      }
      case 'disk-full':
      case 'quota':
        if (onDiskFull !== 'delete-oldest') return 'the policy does not say delete-oldest';
        return kept.bytes < (keepBytesMin ?? 0) ? `only ${String(kept.bytes)} bytes are left` : null;
      case null:
        return 'nobody asked for it';
    }
  }

  #newestBelow(offset: number): number {
    let newest = 0;
    for (const record of this.#log.slice(0, offset)) newest = Math.max(newest, this.#attemptOf[record]?.at ?? 0);
    return newest;
  }

  /** What a crash in the midst of a deletion may have removed: only what the policy could have let go. */
  #crashMayHaveDeleted(start: number, end: number): boolean {
    const { retention, onDiskFull, keepBytesMin } = this.#options;
    if (retention?.keepUnconsumed === true && start > this.slowest) return false;
    let bytes = 0;
    for (let offset = start; offset < end; offset += 1) bytes += (this.sizeOf(this.#log[offset] ?? -1) ?? 4_096) + ENCODED_OVERHEAD;
    if (onDiskFull === 'delete-oldest' && bytes >= (keepBytesMin ?? 0)) return true;
    if (retention?.bytes !== undefined && bytes >= retention.bytes) return true;
    return retention?.segmentsMax !== undefined || retention?.ms !== undefined;
  }

  // Consumers.

  get slowest(): number {
    let slowest = Infinity;
    for (const { live, attempted } of this.#positions.values()) {
      // A commit under way may have counted already.
      if (live !== null) slowest = Math.min(slowest, Math.max(live, ...attempted));
    }
    return slowest;
  }

  commitBegins(name: string, offset: number): void {
    const known = this.#positions.get(name) ?? NO_POSITION;
    this.#positions.set(name, { ...known, attempted: [...known.attempted, offset] });
  }

  committed(name: string, offset: number): void {
    this.#positions.set(name, { acknowledged: offset, attempted: [], live: offset });
  }

  /** A consumer's position as an opening found it. */
  positionFound(name: string, position: number | null): void {
    const known = this.#positions.get(name) ?? NO_POSITION;
    const { acknowledged, attempted } = known;
    if (position !== acknowledged && (position === null || !attempted.includes(position))) {
      throw new Violation('consumers', `${name} stands at ${String(position)}; committed was ${String(acknowledged)}, begun ${attempted.join(', ') || 'nothing'}`);
    }
    if (position !== null && !this.withheld && position > this.end) throw new Violation('consumers', `${name} stands at ${String(position)}, beyond the log's end ${String(this.end)}`);
    this.#positions.set(name, { ...known, live: position });
  }

  /** A consumer's position in a live log. */
  positionLive(name: string, position: number | null): void {
    const { live } = this.#positions.get(name) ?? NO_POSITION;
    if (position !== live) throw new Violation('consumers', `${name} stands at ${String(position)}, committed was ${String(live)}`);
  }

  get consumers(): string[] {
    return [...this.#positions.keys()];
  }

  #checkStart(start: number, end: number): void {
    if (start < this.durableStart) throw new Violation('log-start', `the log starts at ${String(start)}, durable was ${String(this.durableStart)}`);
    if (start > this.#startAllowed && !this.#crashMayHaveDeleted(start, end)) {
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
