/**
 * A disk in memory that tells the page cache from the platter, runs full, fails as told, and can be found
 * again as after a power cut. INVARIANT: the same seed, plan and calls give the same answers and images.
 * Every call does its work when it is made and answers by a promise, unless a schedule says otherwise.
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoFailure, IoOperation, IoSymbol } from '../model/io-failure.js';
import type { FileFacts, FileHandle, FileSystem, IoResult, OpenMode, SpaceFacts } from '../ports/file-system.js';
import { CallDispatcher, type Schedule } from './call-dispatcher.js';
import type { CallFacts } from './call-trace.js';
import type { DataProfile } from './crash-image.js';
import { characterOf, crashChoices, limitsOf, nextBootId, type CrashProfile, type SimulatedDiskOptions } from './disk-options.js';
import { DiskState, type DiskSettings, type OrRefusal } from './disk-state.js';
import { copyTree, filesBelow, treeAfterCrash, type DiskTree } from './disk-tree.js';
import type { FaultPlan, FiredFault } from './fault-plan.js';
import type { FaultCounts } from './fault-tally.js';
import { seededRandom, type Random } from './random.js';
import { simulatedFailure } from './simulated-failure.js';
import { SIMULATION_STARTS_AT } from './simulated-clock.js';
import { factsOf, SimulatedHandle, type HandleHost } from './simulated-handle.js';
import type { SpaceLimits } from './space-ledger.js';

/** What a disk takes over: a tree for itself, or the state it shares with another process. */
interface Inherited {
  readonly bootId: string;
  readonly from: { readonly tree: DiskTree; readonly limits: SpaceLimits } | DiskState;
}

/** A simulated disk, as one process sees it. Its calls answer within the promise reactions of the caller. @public */
export class SimulatedDisk implements FileSystem {
  readonly #options: SimulatedDiskOptions;
  readonly #state: DiskState;
  readonly #dispatcher: CallDispatcher;
  readonly #host: HandleHost;
  readonly #random: Random;
  readonly #bootId: string;

  constructor(options: SimulatedDiskOptions = {}, inherited: Inherited | null = null) {
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 0);
    this.#bootId = inherited?.bootId ?? `boot-${options.seed ?? 0}`;
    this.#dispatcher = new CallDispatcher(
      {
        countCall: () => (this.#state.calls += 1),
        setHandlesMax: (max) => this.setHandlesMax(max),
        setReadOnly: (readOnly) => this.setReadOnly(readOnly),
        rot: (path, bit) => this.#rot(path, bit),
      },
      options,
    );
    this.#state = inherited?.from instanceof DiskState ? inherited.from : this.#newState(inherited?.from ?? null);
    this.#host = {
      state: this.#state,
      dispatcher: this.#dispatcher,
      pid: options.pid === undefined ? 1 : options.pid,
      handles: new Set(),
      handlesMax: options.handlesMax ?? Infinity,
    };
    if (inherited === null) this.setFaults(options.faults ?? []);
  }

  // The port.

  open(path: string, mode: OpenMode): IoResult<FileHandle> {
    const operation = mode === 'create' ? 'create' : 'open';
    return this.#dispatcher.run<FileHandle>({
      operation,
      path,
      position: null,
      bytes: null,
      work: () => {
        const opened = this.#host.handles.size >= this.#host.handlesMax ? 'fd-exhausted' : this.#state.open(path, mode);
        return this.#answer(opened, operation, path).map((inode) => new SimulatedHandle(this.#host, path, inode, mode));
      },
      discard: (handle) => {
        if (handle instanceof SimulatedHandle) handle.drop();
      },
    });
  }

  readDirectory(path: string): IoResult<readonly string[]> {
    // Listing takes a descriptor while it lasts.
    return this.#run('readdir', path, () => (this.#host.handles.size >= this.#host.handlesMax ? 'fd-exhausted' : this.#state.readDirectory(path)));
  }

  stat(path: string): IoResult<FileFacts> {
    return this.#run('stat', path, () => {
      const inode = this.#state.paths.find(path);
      return typeof inode === 'string' ? inode : factsOf(inode);
    });
  }

  statFileSystem(path: string): IoResult<SpaceFacts> {
    return this.#run('statfs', path, () => {
      const inode = this.#state.paths.find(path);
      return typeof inode === 'string' ? inode : this.#spaceFacts();
    });
  }

  rename(from: string, to: string): IoResult<void> {
    return this.#act('rename', from, () => this.#state.rename(from, to), to);
  }

  unlink(path: string): IoResult<void> {
    return this.#act('unlink', path, () => this.#state.unlink(path));
  }

  makeDirectory(path: string): IoResult<void> {
    return this.#act('mkdir', path, () => this.#state.makeDirectory(path));
  }

  watch(path: string, onChange: () => void): Result<() => void, IoFailure> {
    const site = { operation: 'watch', path, position: null, bytes: null } as const;
    return this.#dispatcher.runNow<() => void>({
      ...site,
      work: () => this.#answer(this.#state.paths.find(path), 'watch', path).map((inode) => this.#state.watchers.add(inode, onChange)),
    });
  }

  bootId(): Promise<string> {
    return Promise.resolve(this.#bootId);
  }

  // Power cuts and copies.

  /**
   * The disk as found after a power cut at this moment: a new one, while this one stays as it is. It has the
   * same limits, no faults, no handles, and another boot id. `random` chooses among what the profile allows.
   */
  crash(profile: CrashProfile | DataProfile, random: Random = this.#random): SimulatedDisk {
    const choices = crashChoices(profile, this.#state.character);
    const tree = treeAfterCrash(this.#state.tree, choices, random, this.#state.remains);
    return this.#heir(tree, nextBootId(this.#bootId));
  }

  /** The disk as the next process finds it after this one was killed: cache and platter as they are, no handles, no locks, no faults. */
  processCrash(): SimulatedDisk {
    return this.clone();
  }

  /**
   * The same disk as another process sees it: one cache, one platter, but handles, locks, faults and call numbers
   * of its own.
   */
  otherProcess(pid: number | null): SimulatedDisk {
    const { faults: _faults, ...options } = this.#options;
    return new SimulatedDisk({ ...options, pid }, { bootId: this.#bootId, from: this.#state });
  }

  /** Ends this process on the spot: its calls never answer, its handles and locks are given back. */
  kill(): void {
    this.halt();
    for (const handle of this.#host.handles) handle.drop();
  }

  /** A copy of cache, platter and all that is pending; handles, locks and faults stay with the original. */
  clone(): SimulatedDisk {
    const copy = this.#heir(copyTree(this.#state.tree), this.#bootId);
    copy.#state.readOnly = this.#state.readOnly;
    return copy;
  }

  /** A hash of what a power cut leaves for certain: durable names and bytes. */
  imageHash(): number {
    return this.#state.imageHash();
  }

  // What a test changes while the disk is in use.

  /** Grows or shrinks the volume; blocks in use stay in use. */
  setCapacity(capacityBytes: number): void {
    this.setLimits({ capacityBytes });
  }

  setLimits(limits: Partial<SpaceLimits>): void {
    this.#state.ledger.limits = { ...this.#state.ledger.limits, ...limits };
  }

  setReadOnly(readOnly: boolean): void {
    this.#state.readOnly = readOnly;
  }

  /** How calls are ordered from now on; null: each is carried out when it is made. */
  setSchedule(schedule: Schedule | null): void {
    this.#dispatcher.schedule = schedule;
  }

  /** The clock that files are stamped by from now on. */
  setNow(now: () => number): void {
    this.#state.now = now;
  }

  setHandlesMax(handlesMax: number): void {
    this.#host.handlesMax = handlesMax;
  }

  setFileBytesMax(fileBytesMax: number): void {
    this.#state.fileBytesMax = fileBytesMax;
  }

  /** Replaces the plan; counting starts anew. An empty plan ends all faults but the standing ones. */
  setFaults(plan: FaultPlan): void {
    this.#dispatcher.setFaults(plan);
  }

  /** Lets held calls answer, the oldest first. */
  release(count = Infinity): void {
    this.#dispatcher.release(count);
  }

  /** From now on nothing is done and nothing answers, as for a process that is no more. */
  halt(): void {
    this.#dispatcher.halt();
  }

  get halted(): boolean {
    return this.#dispatcher.halted;
  }

  /** Resolves when the disk was halted, by `halt()` or by the plan. */
  get whenHalted(): Promise<void> {
    return this.#dispatcher.whenHalted;
  }

  /** Called before each call is carried out; a power cut here finds everything up to the call before. */
  set beforeCall(listener: ((call: CallFacts) => void) | null) {
    this.#dispatcher.beforeCall = listener;
  }

  // What a test looks at.

  /** How many calls were made. */
  get calls(): number {
    return this.#dispatcher.calls;
  }

  /** The last calls and their outcomes, one line each. */
  get trace(): readonly string[] {
    return this.#dispatcher.trace;
  }

  get faultsFired(): readonly FiredFault[] {
    return this.#dispatcher.faultsFired;
  }

  /** How often each operation met each kind of fault, whatever the plans were; limits that were reached count as well. */
  get faultCounts(): FaultCounts {
    return this.#dispatcher.faultCounts;
  }

  /** How often bytes or sizes were changed, names made or changed, and removed, by any process since the disk is there. */
  get changes(): { readonly bytes: number; readonly names: number; readonly removals: number } {
    return { ...this.#state.changes };
  }

  /** Calls that wait for `release()`. */
  get heldCalls(): number {
    return this.#dispatcher.heldCalls;
  }

  /** Calls that hang for ever. */
  get hungCalls(): number {
    return this.#dispatcher.hungCalls;
  }

  get openHandles(): number {
    return this.#host.handles.size;
  }

  get openPaths(): readonly string[] {
    return [...this.#host.handles].map((handle) => handle.path);
  }

  get watcherCount(): number {
    return this.#state.watchers.count;
  }

  get usedBytes(): number {
    return this.#state.ledger.usedBytes;
  }

  /** Files and directories beside the root. */
  get usedInodes(): number {
    return this.#state.ledger.usedInodes;
  }

  /** What a reader sees of the file, or null where there is none. */
  readFile(path: string): Uint8Array | null {
    const inode = this.#state.paths.find(path);
    return typeof inode === 'string' || inode.kind === 'directory' ? null : inode.cache.toBytes();
  }

  /** What is certain to survive of the file that now has this name, or null. */
  readDurable(path: string): Uint8Array | null {
    const inode = this.#state.paths.find(path);
    return typeof inode === 'string' || inode.kind === 'directory' ? null : inode.durable.toBytes();
  }

  /** Makes or replaces a file, durable at once with its directories; refused only where a path is none. */
  writeFile(path: string, bytes: Uint8Array): Result<void, IoSymbol> {
    const refusal = this.#state.place(path, bytes);
    return refusal === null ? ok(undefined) : err(refusal);
  }

  /** Inverts one bit of the file, counted from its start, in the cache and on the platter. */
  flipBit(path: string, bitIndex: number): void {
    const inode = this.#state.paths.find(path);
    if (typeof inode === 'string' || inode.kind === 'directory') return;
    const position = Math.floor(bitIndex / 8);
    inode.cache.flipBit(position, bitIndex % 8);
    inode.durable.flipBit(position, bitIndex % 8);
  }

  /** The paths of all files, sorted. */
  files(): string[] {
    return Array.from(filesBelow(this.#state.tree.root, ''), ([path]) => path).sort();
  }

  #heir(tree: DiskTree, bootId: string): SimulatedDisk {
    return new SimulatedDisk(this.#options, { bootId, from: { tree, limits: this.#state.ledger.limits } });
  }

  #newState(from: { readonly tree: DiskTree; readonly limits: SpaceLimits } | null): DiskState {
    const { fileBytesMax = Number.MAX_SAFE_INTEGER, wholeWrites = false, now = (): number => SIMULATION_STARTS_AT } = this.#options;
    const settings: DiskSettings = {
      character: characterOf(this.#options),
      limits: from?.limits ?? limitsOf(this.#options),
      fileBytesMax,
      wholeWrites,
    };
    return new DiskState(settings, from?.tree ?? null, now);
  }

  #spaceFacts(): SpaceFacts {
    const { character, ledger } = this.#state;
    const { freeBytes, freeInodes } = ledger.shown(this.#state.calls);
    return {
      freeBytes,
      totalBytes: ledger.limits.capacityBytes,
      freeInodes: character.countsInodes ? freeInodes : null,
      family: character.family,
      name: character.name,
    };
  }

  /** `bit` counts from the file's start and goes round its end, so that a plan need not know the size. */
  #rot(path: string, bit: number): void {
    const inode = this.#state.paths.find(path);
    if (typeof inode !== 'string' && inode.kind === 'file' && inode.cache.size > 0) this.flipBit(path, bit % (inode.cache.size * 8));
  }

  #run<T extends object>(operation: IoOperation, path: string, work: () => OrRefusal<T>): IoResult<T> {
    return this.#dispatcher.run<T>({ operation, path, position: null, bytes: null, work: () => this.#answer(work(), operation, path) });
  }

  #act(operation: IoOperation, path: string, work: () => IoSymbol | null, otherPath?: string): IoResult<void> {
    return this.#dispatcher.run<void>({
      operation,
      path,
      position: null,
      bytes: null,
      ...(otherPath === undefined ? {} : { otherPath }),
      lie: undefined,
      work: () => {
        const refusal = work();
        return refusal === null ? ok(undefined) : err(simulatedFailure(refusal, operation, path));
      },
    });
  }

  #answer<T extends object>(outcome: OrRefusal<T>, operation: IoOperation, path: string): Result<T, IoFailure> {
    return typeof outcome === 'string' ? err(simulatedFailure(outcome, operation, path)) : ok(outcome);
  }
}
