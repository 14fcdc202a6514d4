/** Making a new log: the first segment, then the checkpoint. A crash in between leaves an empty segment, which is no log yet. */
import { err, ok, type Result } from 'neverthrow';
import { diskError } from '../decide/failure-policy.js';
import { segmentName } from '../decide/file-names.js';
import type { OpenError } from '../model/errors.js';
import { CheckpointFile } from './checkpoint-file.js';
import { pathIn, stepError, type LogContext } from './context.js';
import type { GatheredFacts } from './gather-facts.js';
import { syncAbove } from './lock-directory.js';
import { firstLook, newTag, reportOf, type OpenedFiles } from './opened-files.js';
import { createSegmentFile, emptyIndex } from './segment-maker.js';
import { SegmentTableFile } from './segment-table-file.js';
import { SnapshotCell } from './snapshot-cell.js';
import type { LogSnapshot, Segment } from './snapshot.js';
import { Spare } from './spare.js';

/** @internal */
export async function createLog(ctx: LogContext, bootId: string, facts: GatheredFacts, startedAt: number): Promise<Result<OpenedFiles, OpenError>> {
  const above = await syncAbove(ctx.dir, ctx.pool);
  if (above.isErr()) return err(above.error);
  const made = await createSegmentFile(ctx, 0);
  if (made.isErr()) return err(stepError(made.error));
  const checkpoint = new CheckpointFile(ctx, null);
  const tag = newTag(ctx, bootId);
  const start = { offset: 0, segment: 0, position: 0 };
  const saved = await checkpoint.write(() => ({
    logStartOffset: 0,
    lowestSegment: 0,
    recoveryPoint: 0,
    recoveryPointSegment: 0,
    recoveryPointPosition: 0,
    highestSegment: 0,
    clean: true,
    endPosition: 0,
    tag,
  }));
  if (saved.isErr()) {
    await checkpoint.close();
    return err(diskError('make-segment', saved.error));
  }
  const segment: Segment = { baseOffset: 0, fileId: 1, path: pathIn(ctx.dir, segmentName(0)), sealed: null };
  const snapshot: LogSnapshot = { segments: [segment], sealedBytes: 0, logStartOffset: 0, recoveryPoint: start, highWatermark: 0, logEndOffset: 0, endPosition: 0 };
  const report = reportOf(ctx, { clean: true, snapshot, foreign: facts.directory.foreign, startedAt });
  const parts = { checkpoint, table: new SegmentTableFile(ctx, null), spare: new Spare(ctx), cell: new SnapshotCell(snapshot), tag };
  return ok({
    ctx,
    start: { ...parts, active: null, continueWith: emptyIndex(ctx, 0), unproven: null, nextFileId: 1 },
    report,
    bootId,
    readOnly: null,
    space: await firstLook(ctx),
  });
}
