// @ts-check
// The disk-full demo itself, on whatever small space it is given: fills it, reads while the log is read-only, waits for retention to
// free space, lets another program fill the disk, and checks at the end that everything acknowledged is there.
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiskFullStage } from './disk-full-stage.mjs';

const MIB = 1024 * 1024;
const RETENTION_MS = 12_000;
const FILL_BYTES_PER_SECOND = 9 * MIB;
/** So little that what retention keeps has room. */
const CALM_BYTES_PER_SECOND = 2 * MIB;
/** How long another program keeps the disk full. */
const BALLAST_MS = 2_000;

/** @param {string} text */
const say = (text) => console.log(`demo:disk-full: ${text}`);

/**
 * @param {string} directory where the log is to be, with little space
 * @param {number | null} quotaBytes the log's own cap, where the space is not really small
 * @returns {Promise<number>} the exit code
 */
export async function runDiskFull(directory, quotaBytes) {
  const stage = new DiskFullStage(directory, { quotaBytes, retentionMs: RETENTION_MS, bytesPerSecond: FILL_BYTES_PER_SECOND });
  /** @type {string[]} what was not as promised */
  const problems = [];
  try {
    await fillAndReturn(stage);
    if (quotaBytes === null) await fillFromOutside(stage, directory);
    await sleep(1_500);
    await finish(stage, problems);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  stage.stopPrinting();
  return tellVerdict(stage, problems);
}

/**
 * The producer fills the disk; retention brings it back.
 * @param {DiskFullStage} stage
 */
async function fillAndReturn(stage) {
  say(`the producer appends ${FILL_BYTES_PER_SECOND / MIB} MiB/s, retention lets go what is older than ${RETENTION_MS / 1_000} s, a consumer follows`);
  await stage.until('the log is read-only', () => stage.state === 'read-only');
  const { check, seconds } = await stage.readEverything();
  const when = stage.state === 'read-only' ? 'while nothing can be appended' : 'meanwhile';
  say(`${when} a consumer reads everything: ${(check.bytes / MIB).toFixed(1)} MiB in ${seconds.toFixed(1)} s, its start included`);
  stage.feeder.bytesPerSecond = CALM_BYTES_PER_SECOND;
  await stage.until('the log takes appends again', () => stage.acceptsAppends);
  say('retention has freed space, the producer goes on by itself');
  await sleep(RETENTION_MS / 2);
  await stage.until('the log is writable again', () => stage.state === 'writable');
}

/**
 * Another program takes all that is left, and gives it back after a while.
 * @param {DiskFullStage} stage
 * @param {string} directory
 */
async function fillFromOutside(stage, directory) {
  const ballast = join(directory, 'of-another-program');
  const timesFull = stage.full;
  const { bavail, bsize } = statfsSync(directory);
  try {
    writeFileSync(ballast, Buffer.alloc(bavail * bsize));
  } catch {
    // The producer was quicker: what fitted is there.
  }
  say('another program fills the disk');
  await stage.until('the log is read-only again', () => stage.full > timesFull);
  await sleep(BALLAST_MS);
  const wasFull = !stage.acceptsAppends;
  rmSync(ballast);
  const freedAt = performance.now();
  await stage.until('the log takes appends once the other program is gone', () => stage.acceptsAppends);
  const after = wasFull ? ` after ${Math.round(performance.now() - freedAt)} ms` : '';
  say(`the other program's file is gone, the producer goes on by itself${after}`);
}

/**
 * Ends the input, waits for all that was given to be acknowledged and read, and reads it all once more.
 * @param {DiskFullStage} stage
 * @param {string[]} problems
 */
async function finish(stage, problems) {
  const { producer, follower, feeder } = stage;
  await feeder.stop();
  const { code, errors } = await producer.ended;
  if (code !== 0) problems.push(`the producer ended with code ${code}. ${errors}`);
  if (producer.acknowledged !== feeder.fed) problems.push(`${feeder.fed} lines were given to the producer, ${producer.acknowledged} acknowledged`);
  await stage.until('the following consumer has everything', () => follower.check.next >= producer.acknowledged);
  follower.child.kill('SIGTERM');
  const followed = await follower.ended;
  if (followed.code !== 0) problems.push(`the following consumer ended with code ${followed.code}. ${followed.errors}`);
  const { check } = await stage.readEverything();
  if (check.first !== stage.retired) problems.push(`the log begins at ${check.first}, though retention deleted up to ${stage.retired}`);
  if (check.next !== producer.acknowledged) problems.push(`the log ends at ${check.next}, though ${producer.acknowledged} were acknowledged`);
}

/**
 * @param {DiskFullStage} stage
 * @param {string[]} problems
 * @returns {number} the exit code
 */
function tellVerdict({ readers, follower, producer, retired, full, returned, unannounced }, problems) {
  const sum = { lost: (follower.check.first ?? 0) + Math.max(0, producer.acknowledged - follower.check.next), duplicated: 0, changed: 0 };
  for (const { check } of readers) {
    sum.lost += check.lost;
    sum.duplicated += check.duplicated;
    sum.changed += check.changed;
    if (check.problem !== null) problems.push(`a consumer that began at offset ${check.first}: ${check.problem}`);
  }
  if (sum.lost > 0) problems.push(`${sum.lost} acknowledged records did not arrive`);
  if (full === 0 || returned < full) problems.push(`the log was full ${full} times and returned ${returned} times`);
  if (unannounced > 0) say(`${unannounced} times the log was full without having been low on space before`);
  for (const problem of problems) say(`FAILED: ${problem}`);
  const records = `${producer.acknowledged} records acknowledged, ${retired} of them retired`;
  say(`${records}, full ${full} times, returned ${returned} times, lost ${sum.lost}, duplicated ${sum.duplicated}, changed ${sum.changed}`);
  return problems.length > 0 ? 1 : 0;
}
