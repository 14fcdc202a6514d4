/**
 * `recover()`: a failed log goes on in a new segment. What was acknowledged and is not proven durable is copied there,
 * checked; what was refused stays behind. Where that cannot be done now the log stays failed.
 */
import { err, ok, type Result } from 'neverthrow';
import { diskError, reactionTo } from '../decide/failure-policy.js';
import type { RecoveryReport } from '../model/api.js';
import type { RecoverError } from '../model/errors.js';
import type { Offset } from '../model/units.js';
import type { LogContext } from './context.js';
import type { LogFiles } from './log-files.js';
import type { LockScope } from './lock-scope.js';
import { snapshotBytes } from './snapshot.js';
import type { StateCell } from './state-cell.js';

/** @internal */
export interface RecoverParts {
  readonly ctx: LogContext;
  readonly files: LogFiles;
  readonly lane: LockScope<'lane'>;
  readonly state: StateCell;
}

/** @internal */
export async function recoverLog(parts: RecoverParts): Promise<Result<RecoveryReport, RecoverError>> {
  const { ctx, files, lane, state } = parts;
  const startedAt = ctx.clock.monotonic();
  const recovered = await lane.run(async (held): Promise<Result<RecoveryReport, RecoverError>> => {
    const before = files.snapshot.highWatermark;
    if (state.state !== 'failed') return ok(reportOf(parts, startedAt, null, before));
    // What an earlier attempt left on its way would be let loose on what this one makes.
    if (ctx.deadline.hasStuckChange) return err({ kind: 'stalled', message: 'a call of the disk has not answered yet: nothing is recovered beside it' });
    const { reason } = state;
    state.change('opening', null);
    await files.retireActive(held);
    const rehomed = await files.rehomeUnproven(held);
    const ready = rehomed.isOk() && rehomed.value === null ? await files.roll(held) : rehomed;
    if (ready.isErr()) {
      const cause = diskError(ready.error.doing, ready.error.failure);
      const meant = reactionTo(ready.error.doing, ready.error.failure.symbol).state;
      state.change('failed', meant?.reason ?? reason, cause);
      return err(cause);
    }
    state.change('writable', null);
    return ok(reportOf(parts, startedAt, rehomed.isOk() ? rehomed.value : null, before));
  });
  if (recovered.isOk()) {
    ctx.events.emit('recovery', recovered.value);
    ctx.events.dispatch();
  }
  return recovered;
}

function reportOf({ ctx, files }: RecoverParts, startedAt: number, rehomed: RecoveryReport['rehomed'], before: Offset): RecoveryReport {
  const { snapshot } = files;
  const lost = before - snapshot.highWatermark;
  return {
    clean: false,
    keptBytes: snapshotBytes(snapshot),
    keptToOffset: snapshot.highWatermark,
    cut: lost > 0 ? { bytes: 0, fromOffset: snapshot.highWatermark, reason: 'crc' } : null,
    rehomed,
    quarantined: [],
    repaired: [],
    foreignFiles: [],
    durationMs: ctx.clock.monotonic() - startedAt,
  };
}
