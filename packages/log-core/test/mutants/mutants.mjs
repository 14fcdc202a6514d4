// @ts-check
// Realistic mistakes in the engine, each a small edit of one file: what the suite must notice. `from` must occur in the file
// exactly once; one that no longer does is reported, so that the list cannot go stale in silence.

/**
 * @typedef {object} Mutant
 * @property {string} name
 * @property {string} file below `src/`
 * @property {string} from
 * @property {string} to
 * @property {readonly string[]} [tests] test files that notice it where histories do not, with why they cannot
 */

/** @type {(name: string, file: string, from: string, to: string, tests?: readonly string[]) => Mutant} */
const mutant = (name, file, from, to, tests) => ({ name, file, from, to, ...(tests !== undefined && { tests }) });

/** Acknowledging, writing, syncing. @type {readonly Mutant[]} */
const appending = [
  mutant('acknowledged before synced', 'shell/active-segment.ts', "mode === 'write' ? DONE : await this.sync()", 'DONE as Awaited<Step<void>>'),
  mutant('published before written', 'shell/log-files.ts', 'const written = await active.write(', 'this.#cell.publish({ ...this.snapshot, highWatermark: region.nextOffset, logEndOffset: region.nextOffset });\n    const written = await active.write('),
  mutant('sync retried after a failure', 'shell/active-segment.ts', "return step('append-sync', this.#handle.sync());", "return step('append-sync', this.#handle.sync().then((first) => (first.isErr() ? this.#handle.sync() : first)));"),
  mutant('cut not synced', 'shell/active-segment.ts', "return step('cut', this.#handle.sync());", 'return ok(undefined);'),
  mutant('tail not cut when a segment is continued', 'shell/active-segment.ts', 'facts.value.bytes > end ?', 'facts.value.bytes < 0 ?', ['test/integration/life.test.ts']),
  mutant('one-call commit with unsynced bytes before it', 'decide/region-mode.ts', 'facts.recoveryPoint === facts.highWatermark', 'facts.recoveryPoint <= facts.highWatermark'),
  mutant('region written before the zeros ahead of it', 'shell/active-segment.ts', 'if (this.#zeros !== null) await this.#zeros;', '', ['test/integration/zeros-ahead.test.ts']),
  mutant('zeros that did not answer in time are forgotten', 'shell/active-segment.ts', 'this.#zerosStalled = failure;', '', ['test/integration/zeros-ahead.test.ts']),
  mutant('room taken for granted where zeros found none', 'shell/write-rules.ts', ' && !active.refusedZeros', '', ['test/integration/zeros-ahead.test.ts']),
  mutant('zeros ahead left in a sealed segment', 'shell/active-segment.ts', 'Math.max(this.blocksEnd, this.#zerosEnd) <= end', 'this.blocksEnd <= end', ['test/integration/zeros-ahead.test.ts']),
  mutant('one-call commit beyond the blocks that are there', 'decide/region-mode.ts', 'facts.regionEnd <= facts.blocksEnd', 'facts.regionEnd > 0', ['src/decide/region-mode.test.ts']),
  mutant('failed one-call commit taken for a failed write', 'shell/active-segment.ts', 'err({ doing: doingOfSyncedWrite(written.error.symbol), failure: written.error })', "err({ doing: 'append-write', failure: written.error })", ['test/integration/failing-disk.test.ts']),
  mutant('short count of a one-call commit ignored', 'shell/write-whole.ts', 'return written.isErr() || written.value === byteLengthOf(buffers) ?', 'return written.isErr() || written.value > 0 ?', ['src/shell/write-whole.test.ts']),
  mutant('short count ignored', 'shell/write-whole.ts', 'if (done >= needed) return ok(done);', 'return ok(done);'),
  mutant('remainder of a short count written at the old place', 'shell/write-whole.ts', 'handle.write(rest, position + done)', 'handle.write(rest, position)'),
  mutant('refused append not cut', 'shell/log-writer.ts', "case 'cut': {\n        const cut = await this.#files.cutBack(lane, region);", "case 'cut': {\n        const cut = { isOk: () => true, error: null as never };"),
  mutant('refused batch not wiped', 'shell/log-files.ts', 'refused === null || !this.rules.overwritesInPlace ? [] : refused.batches', 'refused === null || this.rules.overwritesInPlace ? [] : refused.batches', ['test/crash/refused-in-old-block.test.ts']),
  mutant('refused batch wiped in the cache alone', 'shell/active-segment.ts', "return wiped.isErr() ? wiped : step('cut', this.#handle.sync());", 'return wiped;', ['test/crash/refused-in-old-block.test.ts']),
  mutant('refused batch that ends in zeros taken for a part of one', 'shell/active-segment.ts', 'from + lastNonZero(first, 0, first.byteLength)', 'from + first.byteLength - 1', ['test/crash/refused-in-old-block.test.ts']),
  mutant('unknown told as not-appended', 'shell/log-writer.ts', "proven || region === null ? 'not-appended' : 'unknown'", "'not-appended'"),
  mutant('failed sync does not retire the file', 'shell/log-writer.ts', "if (reaction.tail !== 'await-answer') await this.#files.retireActive(lane);", ''),
  mutant('offset reused inside a region', 'shell/region.ts', 'baseOffset += builder.recordsCount;', 'baseOffset += 0 * builder.recordsCount;'),
  mutant('offsets of an append counted from its batch', 'shell/append-queue.ts', 'const first = baseOffset + waiter.firstDelta;', 'const first = baseOffset;'),
  mutant('offsets not moved when an append is taken out', 'shell/append-queue.ts', 'if (later.firstDelta > waiter.firstDelta) later.firstDelta -= waiter.count;', 'if (later.firstDelta < 0) later.firstDelta -= waiter.count;', ['src/shell/append-queue.test.ts']),
  mutant('an aborted append is written all the same', 'shell/append-queue.ts', 'batch.builder.removeRecords(waiter.firstDelta, waiter.count);', ''),
  mutant('flushed and written share the weaker promise', 'shell/append-queue.ts', "if (ack === 'flushed') batch.ack = 'flushed';", "batch.ack = ack;"),
  mutant('one flushed batch of a region is not enough to flush it', 'shell/region.ts', "if (asked === 'flushed') ack = 'flushed';", 'ack = asked;'),
  mutant('a second call that does not answer is not watched', 'shell/failure-response.ts', 'this.#out.delete(failure);', '', ['test/integration/failing-disk.test.ts']),
  mutant('service returns while another call is out', 'shell/failure-response.ts', 'if (this.#out.size > 0 || ', 'if (', ['test/integration/failing-disk.test.ts']),
  mutant('what a late answer failed with is forgotten', 'shell/failure-response.ts', 'if (answer.isErr()) this.#lateFailures.push({ doing, failure: answer.error });', '', ['test/integration/failing-disk.test.ts']),
  mutant('recovered beside what an earlier attempt left on its way', 'shell/recover-log.ts', 'if (ctx.deadline.hasStuckChange)', 'if (ctx.deadline.stuckCalls < 0)', ['test/integration/failing-disk.test.ts']),
  mutant('late success is not cut', 'shell/failure-response.ts', 'const cut = await this.#files.cutBack(lane, null);\n    if (cut.isErr()) {', 'const cut = { isErr: () => false, error: null as never };\n    if (cut.isErr()) {', ['test/integration/failing-disk.test.ts']),
  mutant('failed flush beside appends forgotten', 'shell/active-segment.ts', 'if (synced.isErr()) this.#noteFailedBeside(synced.error);', '', ['test/integration/failing-disk.test.ts']),
  mutant('flush beside appends covers what came while it ran', 'shell/log-files.ts', 'const { highWatermark, endPosition } = this.snapshot;\n    const synced = await active.syncBeside();', 'const synced = await active.syncBeside();\n    const { highWatermark, endPosition } = this.snapshot;', ['test/integration/failing-disk.test.ts']),
  mutant('flush does not sync', 'shell/log-files.ts', 'const synced = await this.#active.sync();', "const synced: Awaited<ReturnType<LogFiles['cutBack']>> = ok(undefined);"),
  mutant('flush overlooks what is to be re-homed', 'shell/log-files.ts', 'if (this.#unproven !== null) return (await this.rehomeUnproven(lane)).map(() => undefined);', '', ['test/integration/failing-disk.test.ts']),
  mutant('recovery point moved by a plain write', 'shell/log-files.ts', "recoveryPoint: mode === 'write' ?", "recoveryPoint: mode === 'write' && snapshot.highWatermark < 0 ?"),
  mutant('retired file forgets what is unflushed', 'shell/log-files.ts', 'this.#unproven = { from: snapshot.recoveryPoint, toOffset: snapshot.highWatermark, toPosition: snapshot.endPosition };', ''),
  mutant('written is never flushed by itself', 'shell/log-writer.ts', 'if (this.#files.snapshot.recoveryPoint.offset < region.nextOffset) this.#flusher.flushInTime();', '', ['test/integration/append.test.ts']),
];

/** Rolling, naming, re-homing, the spare. @type {readonly Mutant[]} */
const segments = [
  mutant('segment named before its predecessor is synced', 'shell/log-files.ts', 'const flushed = await this.flush(lane);\n    if (flushed.isErr()) return err(flushed.error);\n    const baseOffset', 'const baseOffset'),
  mutant('a renaming that is out loses its file', 'shell/segment-maker.ts', 'isOut ? ctx.pool.close(file.handle) : discard(ctx, file.handle)', 'discard(ctx, file.handle)', ['test/integration/spare-on-its-way.test.ts']),
  mutant('old file written on behind a new name', 'shell/log-files.ts', "if (made.error.doing === 'sync-names' || made.error.failure.operation === 'rename') await this.retireActive(lane);", '', ['test/replays/old-file-written-behind-a-new-name.test.ts']),
  mutant('directory sync dropped behind a rename', 'shell/segment-maker.ts', "const synced = await step('sync-names', ctx.directory.sync());", "const synced = await step('sync-names', ctx.directory.stat());"),
  mutant('re-homed copy not synced', 'shell/segment-maker.ts', "const synced = await step('append-sync', handle.sync());\n  return synced.map(() => end);", 'return ok(end);'),
  mutant('re-homed copy keeps what an earlier life left behind it', 'shell/segment-maker.ts', "const trimmed = await step('make-segment', handle.truncate(end));\n  if (trimmed.isErr()) return err(trimmed.error);\n", '', ['test/integration/leftover-spare.test.ts']),
  mutant('handle kept when a segment cannot be named', 'shell/segment-maker.ts', 'await ctx.pool.close(file.handle);\n    return err(synced.error);', 'return err(synced.error);'),
  mutant('handle kept when a new segment cannot be synced', 'shell/segment-maker.ts', 'await discard(ctx, created.value);\n  return err(synced.error);', 'return err(synced.error);'),
  mutant('handle kept when a segment cannot be continued', 'shell/active-segment.ts', 'await active.close();\n  return err(ready.error);', 'return err(ready.error);'),
  mutant('re-homing skipped', 'shell/carry-out.ts', '(plan.endOffset > plan.provenOffset || !plan.nameProven) && plan.continueInPlace', 'plan.endOffset < 0'),
  mutant('segment name trusted out of the cache', 'shell/carry-out.ts', '(plan.endOffset > plan.provenOffset || !plan.nameProven)', 'plan.endOffset > plan.provenOffset'),
  mutant('re-homing keeps its source open', 'shell/rehome.ts', '() => copy.next(), index);\n  await ctx.pool.close(opened.value);', '() => copy.next(), index);'),
  mutant('a lying read ends the copy', 'shell/rehome.ts', 'if (this.#range.checked === true)', 'if (this.#range.checked === false)', ['test/replays/flipped-read-while-rehoming.test.ts']),
  mutant('what was re-homed stays to be re-homed', 'shell/log-files.ts', 'this.#unproven = null;\n    this.#active = active;', 'this.#active = active;'),
  mutant('spare used without a sync', 'shell/spare.ts', 'const synced = await handle.sync();\n    if (synced.isErr()) return synced;\n    return this.#ctx.fs.rename', 'return this.#ctx.fs.rename', ['test/integration/failing-disk.test.ts']),
  mutant('spare\'s handle kept', 'shell/spare.ts', 'const made = await this.#fill(created.value, bytes);\n    await this.#ctx.pool.close(created.value);', 'const made = await this.#fill(created.value, bytes);'),
  mutant('spare spent with old bytes in it', 'shell/spare.ts', "this.#isLeftover && as === 'segment' ? await this.#isBlank(bytes) : ok(true)", 'ok(true)', ['test/integration/leftover-spare.test.ts']),
  mutant('a spare that was given up is never made again', 'shell/spare.ts', 'this.#retired = forGood;', 'this.#retired = true;', ['test/disk-full/other-refusals.test.ts']),
  mutant('a spent spare counts as there', 'shell/spare.ts', "if (bytes === null) return ok(null);\n      this.#bytes = null;", 'if (bytes === null) return ok(null);', ['test/disk-full/consumers.test.ts']),
];

/** Opening, recovering, the checkpoint. @type {readonly Mutant[]} */
const opening = [
  mutant('clean mark not cleared', 'shell/log-checkpoint.ts', 'if (this.isCleanMarkCleared) return ok(undefined);', 'if (this.#file.current !== null) return ok(undefined);'),
  mutant('clean mark taken as cleared out of the cache', 'shell/log-checkpoint.ts', 'return this.#file.current?.clean === false && this.#file.isNamed;', 'return this.#file.current?.clean === false;', ['test/crash/clean-mark.test.ts']),
  mutant('clean mark taken though the size differs', 'decide/recovery.ts', 'checkpoint.endPosition === lastSegmentBytes', 'checkpoint.endPosition <= lastSegmentBytes', ['src/decide/recovery.test.ts']),
  mutant('checkpoint tells the high watermark as recovery point', 'shell/log-checkpoint.ts', 'recoveryPoint: snapshot.recoveryPoint.offset,\n', 'recoveryPoint: snapshot.highWatermark,\n'),
  mutant('checkpoint overwrites its only slot', 'shell/checkpoint-file.ts', 'const slot = this.#slot === 0 ? 1 : 0;', 'const slot = this.#slot;', ['test/integration/bad-input.test.ts']),
  mutant('checkpoint not synced', 'shell/checkpoint-file.ts', "SIDE_FILES.checkpoint), 'dsync')", "SIDE_FILES.checkpoint), 'write')"),
  mutant('name of a checkpoint trusted out of the cache', 'shell/checkpoint-file.ts', 'this.#named = found?.checkpoint.clean === true;', 'this.#named = found !== null;', ['test/replays/clean-mark-back-on-a-full-disk.test.ts']),
  mutant('checkpoint written on after a failed sync', 'shell/checkpoint-file.ts', 'this.#usable = false;\n      await this.#closeHandle();', '', ['test/integration/failing-disk.test.ts']),
  mutant('cached tail trusted', 'decide/recovery.ts', 'provenOffset: proven.offset,\n    provenPosition: proven.position,', 'provenOffset: scan.endOffset,\n    provenPosition: scan.endPosition,'),
  mutant('zeros behind the end taken for damage', 'shell/scan-segment.ts', 'lastByte.value === null ? 0 : lastByte.value + 1 - position', 'request.fileBytes - position', ['test/crash/cut-sweep.test.ts']),
  mutant('zeros taken for a batch', 'codec/check-batch.ts', "if (batchBytes < BATCH_HEADER_BYTES) return invalid('batch-length');", "if (batchBytes < BATCH_HEADER_BYTES) return { kind: 'incomplete', needBytes: available + 1 };", ['src/codec/check-batch.test.ts']),
  mutant('a missing segment goes unnoticed', 'decide/recovery.ts', 'if (highestKnown > lastSegment) {', 'if (highestKnown > lastSegment && lastSealedAt !== null && lastSealedAt < 0) {', ['src/decide/recovery.test.ts']),
  mutant('damage below what was flushed taken for a torn write', 'decide/recovery.ts', 'if (proven > scan.endOffset) {', 'if (proven > scan.endOffset && proven < 0) {', ['src/decide/recovery.test.ts']),
  mutant('a foreign mark taken as proof', 'codec/find-batch.ts', 'header.producerId !== -1 || header.producerEpoch !== tag', 'header.producerId !== -1', ['src/codec/find-batch.test.ts']),
  mutant('torn write not cut before it is written behind', 'shell/carry-out.ts', 'const truncated = await opened.value.truncate(endPosition);', 'const truncated: Awaited<ReturnType<typeof opened.value.sync>> = ok(undefined);', ['test/integration/life.test.ts']),
  mutant('what lies behind damage is not synced', 'shell/carry-out.ts', "const synced = await step('append-sync', opened.value.sync());\n  await ctx.pool.close(opened.value);\n  return synced;", 'await ctx.pool.close(opened.value);\n  return ok(undefined);', ['test/integration/failing-disk.test.ts', 'test/crash/cut-sweep.test.ts']),
  mutant('failed opening keeps the lock', 'shell/open-log.ts', 'if (opened.isErr()) await giveBackInTime(ctx);', ''),
  mutant('a lock that is held is taken for ours', 'shell/lock-directory.ts', "if (lock.isOk() && lock.value.kind === 'acquired') return ok(opened.value);", 'if (lock.isOk()) return ok(opened.value);'),
  mutant('a checkpoint of another log believed', 'shell/gather-facts.ts', 'if (tag.value === null || tag.value === checkpoint.tag) return ok(read);', 'return ok(read);', ['test/integration/bad-input.test.ts']),
  mutant('a stray segment of a higher name believed', 'decide/recovery.ts', 'return entry === null && checkpoint !== null && baseOffset >= checkpoint.highestSegment;', 'return entry === null && checkpoint !== null && baseOffset < 0;', ['test/integration/bad-input.test.ts']),
  mutant('a clean mark in doubt believed', 'shell/log-checkpoint.ts', ' && this.#file.holdsCurrent', '', ['test/integration/failing-disk.test.ts']),
  mutant('directories above not synced', 'shell/create-log.ts', 'const above = await syncAbove(ctx.dir, ctx.pool);', 'const above: Awaited<ReturnType<typeof syncAbove>> = ok(undefined);'),
  mutant('checksum not compared', 'codec/check-batch.ts', "!== header.crc) return invalid('crc');", "!== header.crc && bytesMax < 0) return invalid('crc');"),
  mutant('base offset not compared', 'codec/check-batch.ts', "if (expectedOffset !== null && baseOffset !== expectedOffset) return 'base-offset';", '', ['src/codec/check-batch.test.ts']),
  mutant('a batch that reaches into the next segment served', 'shell/batch-cursor.ts', 'baseOffset + lastOffsetDelta >= sealed.nextOffset', 'baseOffset >= sealed.nextOffset', ['test/integration/bad-input.test.ts']),
  mutant('a batch that reaches into the next segment scanned', 'shell/scan-segment.ts', 'verdict.header.baseOffset + verdict.header.lastOffsetDelta >= request.offsetMax', 'verdict.header.baseOffset >= request.offsetMax', ['test/integration/bad-input.test.ts']),
  mutant('index trusted', 'shell/batch-cursor.ts', 'if (this.#promised === null) return true;', 'if (this.#promised === null || this.#promised >= 0) return true;', ['test/integration/bad-input.test.ts']),
  mutant('a segment table entry is believed though its file is shorter', 'decide/recovery.ts', "if (facts.fileBytes < facts.table.endPosition) return 'cut-short';", '', ['src/decide/recovery.test.ts']),
];

/** Deleting, consumers, readers. @type {readonly Mutant[]} */
const keeping = [
  mutant('a follower that is let go waits on', 'shell/log-reading.ts', 'this.#ended = true;\n    this.#wake?.();', 'this.#ended = true;', ['test/integration/reading.test.ts']),
  mutant('a reader does not hear that its log is gone', 'shell/external-view.ts', 'this.#ctx.pool.invalidate(this.#watermarkPath);', '', ['test/integration/reader.test.ts']),
  mutant('a file known by a number that was another one’s', 'shell/external-view.ts', 'known !== undefined && known === before', 'known !== undefined', ['test/integration/reader.test.ts']),
  mutant('the lock’s module loaded in two threads', 'adapters/node/load-flock.ts', '(isMainThread ? loadModule(BINDING) : loadCopy(resolveModule(BINDING)))', 'loadModule(BINDING)', ['test/process/threads.test.ts']),
  mutant('what a power cut brings back is not known to be given up', 'decide/recovery.ts', 'const lowest = checkpoint?.lowestSegment ?? 0;', 'const lowest = Math.min(0, checkpoint?.lowestSegment ?? 0);', ['src/decide/recovery.test.ts']),
  mutant('what an earlier opening removed is taken for gone', 'shell/segment-deleter.ts', 'pressureOf(unsaved.symbol) === null ? 0 : this.#goneBefore', 'this.#goneBefore', ['test/replays/removed-behind-what-came-back.test.ts']),
  mutant('nothing goes on a full disk behind what an earlier opening removed', 'shell/segment-deleter.ts', 'pressureOf(unsaved.symbol) === null ? 0 : this.#goneBefore', '0 * this.#goneBefore', ['test/disk-full/opening-on-a-full-disk.test.ts']),
  mutant('spare kept where a checkpoint finds no room', 'shell/space-keeper.ts', "(why === 'quota' || doing === 'make-segment')", "why === 'quota'", ['test/integration/failing-disk.test.ts']),
  mutant('files go on behind one whose removal is not durable', 'shell/segment-deleter.ts', 'oneAtATime && failed !== null ? err(failed) : await', 'await', ['test/replays/deletion-goes-on-after-failed-sync.test.ts']),
  mutant('another name of a segment spent as a spare', 'shell/spare.ts', ' && !segments.has(facts.value.identity)', '', ['test/replays/spare-is-also-the-segment.test.ts']),
  mutant('clean mark set on what is cut in the cache alone', 'shell/log-files.ts', 'const synced = await continued.value.sync();\n      await continued.value.close();', 'const synced = ok(undefined);\n      await continued.value.close();', ['test/replays/cut-in-the-cache-alone.test.ts']),
  mutant('clean mark set while a write is stuck', 'shell/message-log.ts', 'if (this.#ctx.deadline.stuckCalls > 0) return', 'if (this.#ctx.deadline.stuckCalls < 0) return', ['test/replays/stuck-write-behind-clean-mark.test.ts']),
  mutant('side file not read once more', 'shell/side-file.ts', 'isSound(first.value)) ? first : readOnce(ctx, name, bytesMax)', 'isSound(first.value)) ? first : first', ['test/replays/flipped-read-of-checkpoint.test.ts']),
  mutant('log start not saved', 'shell/segment-deleter.ts', 'const saved = await files.checkpoint.saveLogStart(logStartOffset);', 'const saved: Result<void, IoFailure> = ok(undefined);'),
  mutant('log start asked for again is not saved', 'shell/segment-deleter.ts', "reason !== 'delete-before' || logStartOffset <= files.checkpoint.savedLogStart", "reason !== null || logStartOffset <= files.checkpoint.savedLogStart", ['test/replays/log-start-not-saved.test.ts']),
  mutant('log start goes back when a segment is deleted', 'shell/log-files.ts', 'Math.max(snapshot.logStartOffset, logStartOffset) });', 'logStartOffset - 1 });'),
  mutant('only durable copy deleted', 'shell/segment-deleter.ts', 'this.#parts.files.isLastNameUnproven ?', '!this.#parts.files.isLastNameUnproven && sealed.length < 0 ?', ['test/replays/only-durable-copy-deleted.test.ts']),
  mutant('deleteBefore takes one segment too many', 'shell/segment-deleter.ts', 'nextBase(snapshot, sealed, i) <= offset', '(sealed[i]?.baseOffset ?? 0) <= offset'),
  mutant('retention takes one segment too many', 'decide/retention.ts', 'keptBytes - segment.bytes >= policy.bytes', 'keptBytes >= policy.bytes'),
  mutant('retention by count takes one too many', 'decide/retention.ts', 'keptCount > policy.segmentsMax', 'keptCount >= policy.segmentsMax'),
  mutant('retention by age takes what is not that old', 'decide/retention.ts', 'facts.now - active.newestAt > policy.ms', 'facts.now - active.newestAt > policy.ms / 2', ['src/decide/retention.test.ts']),
  mutant('consumers overlooked', 'decide/retention.ts', 'if (!givenUp && policy.keepUnconsumed && heldByConsumer(segment, facts))', 'if (!givenUp && policy.keepUnconsumed && facts.now < 0)'),
  mutant('floor of bytes overlooked', 'decide/retention.ts', 'keptBytes - segment.bytes < floors.keepBytesMin', 'keptBytes < floors.keepBytesMin'),
  mutant('floors overlooked under pressure', 'decide/retention.ts', 'return stop === null ? { reason } : { stop };', "return stop === null || stop !== 'consumer' ? { reason } : { stop };"),
  mutant('oldest deleted though only expired may be', 'decide/retention.ts', "const reason = onDiskFull === 'delete-oldest' ? why : expired;", "const reason = onDiskFull !== 'reject' ? why : expired;"),
  mutant('expired deleted though nothing may be', 'decide/retention.ts', "const expired = onDiskFull === 'delete-expired' ?", "const expired = onDiskFull !== 'delete-oldest' ?", ['src/decide/retention.test.ts']),
  mutant('side file replaced without a directory sync', 'shell/side-file.ts', 'return ctx.directory.sync();', 'return ok(undefined);'),
  mutant('side file named before it is synced', 'shell/side-file.ts', 'const synced = await handle.sync();\n  if (synced.isErr()) return synced;\n', ''),
  mutant('slots change hands before what was read of them is durable', 'shell/positions-file.ts', 'this.#durable ? [...this.#byName.values()].find(isFree) : undefined', '[...this.#byName.values()].find(isFree)', ['test/replays/forgotten-back-where-its-slots-were-taken.test.ts']),
  mutant('position not synced', 'shell/positions-file.ts', 'const synced = await handle.sync();\n    if (synced.isOk()) this.#filePairs', 'const synced: Written = ok(undefined);\n    if (synced.isOk()) this.#filePairs'),
  mutant('position counted before it is durable', 'shell/positions-file.ts', 'known.isUnderWay = true;', 'known.isUnderWay = true;\n      known.committed = wanted[wanted.length - 1]?.offset ?? null;'),
  mutant('position moved by a torn update', 'codec/position-slot.ts', '|| !hasSealedCrc(bytes, crc32c)) return null;', ') return null;', ['src/codec/position-slot.test.ts']),
  mutant('position overwrites its only slot', 'shell/positions-file.ts', '// A write that fails may have been done all the same.\n      known.isUncertain = true;\n      const written = await writeWhole(handle, [bytes], known.pair * PAIR_BYTES + (sequence % 2) * POSITION_SLOT_BYTES);', '// A write that fails may have been done all the same.\n      known.isUncertain = true;\n      const written = await writeWhole(handle, [bytes], known.pair * PAIR_BYTES);', ['test/integration/retention.test.ts']),
  mutant('positions trusted out of the cache', 'shell/positions-file.ts', 'if (!this.#durable) {', 'if (!this.#durable && wanted.length < 0) {', ['test/replays/position-in-cache-only.test.ts']),
  mutant('readers see beyond the high watermark', 'shell/message-log.ts', "isolation === 'flushed' ? recoveryPoint.offset : highWatermark", "isolation === 'flushed' ? recoveryPoint.offset : Math.max(highWatermark, this.#cell.current.logEndOffset)"),
  mutant('a watermark of another boot is believed', 'shell/external-view.ts', 'return watermark?.bootId === this.#bootId ? watermark : null;', 'return watermark;', ['test/integration/reader.test.ts']),
];

/** Full disks, quotas, coming back, giving back. @type {readonly Mutant[]} */
const room = [
  mutant('full disk never left', 'shell/space-keeper.ts', "return state.change('writable', null);", 'return false;'),
  mutant('returns without a proof', 'shell/space-keeper.ts', 'const proven = await proveWritable(this.#ctx, this.#proof);', 'const proven = { isErr: () => false };', ['test/integration/failing-disk.test.ts']),
  mutant('low space is not announced', 'shell/space-keeper.ts', "if (mark === 'low' && state.state === 'writable') state.change('low-space', reason);", '', ['test/disk-full/other-refusals.test.ts']),
  mutant('a spare that cannot be made is not announced', 'shell/space-keeper.ts', "if (why !== null && why !== 'later') state.change('low-space', why);\n    else if", 'if', ['test/disk-full/spare.test.ts']),
  mutant('low space is never left', 'shell/space-keeper.ts', "if (mark === 'high' && spareIsThere && state.state === 'low-space') state.change('writable', null);", '', ['test/disk-full/spare.test.ts']),
  mutant('space timer kept after close', 'shell/space-keeper.ts', 'this.#stopped = true;\n    this.#timer?.cancel();', ''),
  mutant('quota counts records alone', 'shell/log-usage.ts', 'return records + blocksAhead + spareBytes + this.#deleter.leftoverBytes + sideBytes(records, snapshot.segments.length);', 'return records;', ['test/disk-full/other-refusals.test.ts']),
  mutant('quota counts no files that stayed', 'shell/log-usage.ts', ' + this.#deleter.leftoverBytes', '', ['test/disk-full/other-refusals.test.ts']),
  mutant('quota not asked before a region is written', 'shell/log-writer.ts', 'if (next.bytes > this.#relief.quotaRoomBytes())', 'if (next.bytes < 0)', ['test/disk-full/other-refusals.test.ts']),
  mutant('full disk taken for a broken one', 'decide/failure-policy.ts', "'no-space': { error: 'disk-full', state: readOnly('disk-full'), retry: 'never' }", "'no-space': { error: 'io', state: null, retry: 'never' }", ['src/decide/failure-policy.test.ts']),
  mutant('failed sync taken for a full disk', 'decide/failure-policy.ts', "return { error: 'sync-failed', tail: 'abandon', retry: 'never', state: failed('sync-failed'), stateIfCutFails: null };", "return { error: 'sync-failed', tail: 'abandon', retry: 'never', state: readOnly('disk-full'), stateIfCutFails: null };", ['src/decide/failure-policy.test.ts']),
  mutant('a place in the handle pool lost with a failed open', 'shell/handle-pool.ts', 'if (opened.isErr()) {\n      this.#giveBackShared();\n      return err(opened.error);', 'if (opened.isErr()) {\n      return err(opened.error);'),
  mutant('a handle for reading kept when its file is replaced', 'shell/handle-pool.ts', 'if (shared.stale) this.#background.run(this.#closeShared(shared));', 'if (shared.stale && shared.users > 0) this.#background.run(this.#closeShared(shared));'),
  mutant('no handle given back when there are none left', 'shell/handle-pool.ts', "reactionTo('read', opened.error.symbol).retry === 'evict'", "reactionTo('read', opened.error.symbol).retry === 'now'", ['src/shell/handle-pool.test.ts']),
];

export const mutants = [...appending, ...segments, ...opening, ...keeping, ...room];
