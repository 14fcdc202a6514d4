/** What opening hands over: the parts of a log that is locked and recovered, and what was found on the way. */
import type { RecoveryReport, Repair, StateReason } from '../model/api.js';
import type { WriteRefusal } from '../model/errors.js';
import type { SpaceFacts } from '../ports/file-system.js';
import type { FailedStep, LogContext } from './context.js';
import type { FilesStart } from './log-files.js';
import type { LogSnapshot } from './snapshot.js';

/** An opened log's parts. @internal */
export interface OpenedFiles {
  readonly ctx: LogContext;
  readonly start: FilesStart;
  readonly report: RecoveryReport;
  readonly bootId: string;
  /** Why the log cannot be written to; null where nothing speaks against it yet. */
  readonly readOnly: {
    readonly reason: StateReason;
    readonly cause: WriteRefusal;
    readonly failed: boolean;
    /** The call behind it, which may be stuck. */
    readonly step: FailedStep;
  } | null;
  /** What `statfs` said while opening. */
  readonly space: SpaceFacts | null;
}

/** A first look at the volume; null where it does not say. @internal */
export async function firstLook(ctx: LogContext): Promise<SpaceFacts | null> {
  ctx.counters.statfsCalls += 1;
  const facts = await ctx.fs.statFileSystem(ctx.dir);
  return facts.isOk() ? facts.value : null;
}

/** A random tag, 1 … 32767: every log's batches carry its own. @internal */
export function newTag(ctx: LogContext, bootId: string): number {
  const seed = `${bootId} ${String(ctx.clock.now())} ${String(ctx.clock.monotonic())} ${ctx.dir}`;
  return (ctx.crc32c(new TextEncoder().encode(seed)) % 32_767) + 1;
}

/** The report of one opening. @internal */
export function reportOf(
  ctx: LogContext,
  given: {
    readonly clean: boolean;
    readonly snapshot: LogSnapshot;
    readonly foreign: readonly string[];
    readonly startedAt: number;
    readonly repaired?: readonly Repair[];
    readonly cut?: RecoveryReport['cut'];
    readonly rehomed?: RecoveryReport['rehomed'];
    readonly quarantined?: RecoveryReport['quarantined'];
  },
): RecoveryReport {
  const { snapshot } = given;
  const last = snapshot.segments[snapshot.segments.length - 1];
  return {
    clean: given.clean,
    keptBytes: snapshot.sealedBytes + (last?.sealed === null ? snapshot.endPosition : 0),
    keptToOffset: snapshot.highWatermark,
    cut: given.cut ?? null,
    rehomed: given.rehomed ?? null,
    quarantined: given.quarantined ?? [],
    repaired: given.repaired ?? [],
    foreignFiles: given.foreign,
    durationMs: ctx.clock.monotonic() - given.startedAt,
  };
}
