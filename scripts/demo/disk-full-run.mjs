// @ts-check
// The disk-full demo itself, on whatever small space it is given: fills it, reads while the log is read-only, waits for retention to
// free space, lets another program fill the disk, and checks at the end that everything acknowledged is there.
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { declarationLines } from './declaration-lines.mjs';
import { Producer, startConsumer } from './example-programs.mjs';
import { Feeder } from './feeder.mjs';
import { LineCheck, NumberedText } from './numbered-lines.mjs';
import { printStateLines } from './state-line.mjs';

const MIB = 1024 * 1024;
const RETENTION_MS = 10_000;
const FILL_BYTES_PER_SECOND = 9 * MIB;
const CALM_BYTES_PER_SECOND = 2 * MIB;
/** How long another program keeps the disk full. */
const BALLAST_MS = 3_000;
/** How long is waited for anything that should happen. */
const PATIENCE_MS = 30_000;

/** @param {string} text */
const say = (text) => console.log(`demo:disk-full: ${text}`);
/** @param {number} count */
const grouped = (count) => count.toLocaleString('en-US');

/**
 * @param {string} directory where the log is to be, with little space
 * @param {number | null} quotaBytes the log's own cap, where the space is not really small
 * @returns {Promise<number>} the exit code
 */
export async function runDiskFull(directory, quotaBytes) {
  const text = new NumberedText(declarationLines().lines);
  const logDirectory = join(directory, 'log');
  /** @type {string[]} what was not as promised */
  const problems = [];
  const counts = { full: 0, returned: 0, lost: 0, duplicated: 0, changed: 0 };

  const quota = quotaBytes === null ? [] : ['--quota-bytes', String(quotaBytes)];
  const producer = new Producer(['--dir', logDirectory, '--segment-bytes', '2m', '--retention-ms', String(RETENTION_MS), ...quota]);
  /** @type {string | null} */
  let state = null;
  let announced = false;
  producer.onEvent(({ event, from, to, reason }) => {
    if (event !== 'state') return;
    state = to;
    if (to === 'low-space') announced = true;
    if (to === 'read-only') counts.full += 1;
    if (to === 'read-only' && !announced) say(`read-only (${reason}) came without low-space before it`);
    if (from === 'read-only' && to === 'writable') counts.returned += 1;
    if (to === 'writable') announced = false;
  });

  /** @param {string[]} args */
  const read = (...args) => {
    const consumer = startConsumer(['--dir', logDirectory, ...args]);
    const check = new LineCheck(text);
    consumer.child.stdout.on('data', (chunk) => check.take(chunk));
    return { ...consumer, check };
  };
  const follower = read('--wait');
  const readers = [follower];
  const stopPrinting = printStateLines(producer, () => readers.reduce((bytes, { check }) => bytes + check.bytes, 0));
  const feeder = new Feeder(text, producer, FILL_BYTES_PER_SECOND);

  /**
   * @param {() => boolean} isSo
   * @param {string} what
   */
  const until = async (isSo, what) => {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isSo() && performance.now() < deadline && producer.child.exitCode === null) await sleep(20);
    if (!isSo()) throw new Error(`${what}: not so after ${PATIENCE_MS / 1_000} s`);
  };
  const isWritable = () => state === 'writable' || state === 'low-space';

  /** Everything that is in the log now, read by a process that is started now. */
  const readEverything = async () => {
    const startedAt = performance.now();
    const reader = read('--until', String(producer.acknowledged));
    readers.push(reader);
    const { code, errors } = await reader.ended;
    if (code !== 0) problems.push(`a consumer ended with code ${code}. ${errors}`);
    const { bytes, first, next } = reader.check;
    const rate = (bytes / MIB / ((performance.now() - startedAt) / 1_000)).toFixed(0);
    return { ...reader, sentence: `${grouped(next - (first ?? next))} records in one go, ${rate} MiB/s, process start included` };
  };

  const story = async () => {
    say(`the producer appends ${FILL_BYTES_PER_SECOND / MIB} MiB/s; retention lets go what is older than ${RETENTION_MS / 1_000} s; a consumer follows`);
    await until(() => state === 'read-only', 'the log is read-only');
    const { sentence } = await readEverything();
    say(`${state === 'read-only' ? 'reads go on while nothing can be appended' : 'read meanwhile'}: ${sentence}`);
    feeder.bytesPerSecond = CALM_BYTES_PER_SECOND;
    await until(isWritable, 'retention frees space and the log comes back');
    say('retention freed space, the producer went on by itself');
    await sleep(RETENTION_MS / 2);
    if (quotaBytes === null) await fillFromOutside();
    await sleep(1_500);
  };

  /** Another program takes all that is left, and gives it back after a while. */
  const fillFromOutside = async () => {
    const ballast = join(directory, 'of-another-program');
    await until(() => state === 'writable', 'the log is writable again');
    const timesFull = counts.full;
    try {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize));
    } catch {
      // What fitted is there.
    }
    say('another program has filled the disk');
    await until(() => counts.full > timesFull, 'the log is read-only again');
    await sleep(BALLAST_MS);
    rmSync(ballast);
    const freedAt = performance.now();
    await until(isWritable, 'the log comes back when the other program has gone');
    say(`the other program's file is gone, the producer went on by itself after ${Math.round(performance.now() - freedAt)} ms`);
  };

  await story().catch((/** @type {Error} */ error) => problems.push(error.message));

  await feeder.stop();
  const { code, errors } = await producer.ended;
  if (code !== 0) problems.push(`the producer ended with code ${code}. ${errors}`);
  const end = producer.acknowledged;
  if (end !== feeder.fed) problems.push(`${feeder.fed - end} lines were given to the producer and not acknowledged`);
  await until(() => true, '');
  const deadline = performance.now() + PATIENCE_MS;
  while (follower.check.next < end && follower.child.exitCode === null && performance.now() < deadline) await sleep(20);
  follower.child.kill('SIGTERM');
  const followed = await follower.ended;
  if (followed.code !== 0) problems.push(`the following consumer ended with code ${followed.code}. ${followed.errors}`);
  stopPrinting();
  const last = await readEverything();
  const retired = producer.status?.['logStartOffset'] ?? 0;

  for (const { check } of readers) {
    counts.lost += check.lost;
    counts.duplicated += check.duplicated;
    counts.changed += check.changed;
    if (check.problem !== null) problems.push(`a consumer from offset ${check.first} on: ${check.problem}`);
  }
  counts.lost += Math.max(0, end - follower.check.next) + Math.max(0, end - last.check.next) + (follower.check.first ?? 0);
  if (last.check.first !== retired) problems.push(`the log begins at ${last.check.first}, though retention deleted up to ${retired}`);
  if (counts.returned < counts.full) problems.push(`the log was full ${counts.full} times and came back ${counts.returned} times`);
  if (counts.full === 0) problems.push('the log never was full');

  for (const problem of problems) say(`FAILED: ${problem}`);
  const outcome = `${end} records acknowledged, ${retired} of them retired, full ${counts.full} times, returned ${counts.returned} times`;
  say(`${outcome}, lost ${counts.lost}, duplicated ${counts.duplicated}, changed ${counts.changed}`);
  return problems.length > 0 ? 1 : 0;
}
