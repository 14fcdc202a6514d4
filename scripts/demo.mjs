// @ts-check
// `npm run demo`: real text goes through a log while its producer is killed again and again. A producer process appends, a
// consumer process follows all the while; each kill is a SIGKILL at a random moment, and the producer started next goes on where the log
// ends. At the end what went in is compared with what came out. The last line is the verdict, and the exit code is 1 unless it is good.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareLines } from './demo/compare-lines.mjs';
import { declarationLines, linesOf } from './demo/declaration-lines.mjs';
import { Producer, startConsumer } from './demo/example-programs.mjs';
import { exitWhenAskedTo, scratchDirectory } from './demo/scratch-directory.mjs';

const KILLS = 8;
/** Slow enough to be watched, fast enough that the disk always has something to do. */
const LINES_PER_SECOND = 15_000;
/** A kill comes at most so long after the acknowledgement that triggers it. */
const KILL_DELAY_MS = 10;
/** Nothing here takes nearly as long. */
const PATIENCE_MS = 90_000;

exitWhenAskedTo();
const scratch = scratchDirectory('brimlog-demo');
const inputPath = join(scratch, 'input.txt');
const outputPath = join(scratch, 'output.txt');
const logDirectory = join(scratch, 'log');

/** @type {string[]} what was not as promised */
const problems = [];
let killed = 0;
/** Everything below this offset was acknowledged by one of the producers. */
let acknowledged = 0;
/** Records that were acknowledged and not in the log when it was opened next. */
let takenBack = 0;

/** @param {string} text */
const say = (text) => console.log(`demo: ${text}`);
/** @param {number} count */
const grouped = (count) => count.toLocaleString('en-US');

setTimeout(() => {
  say(`FAILED: not at an end after ${PATIENCE_MS / 1_000} s`);
  process.exit(1);
}, PATIENCE_MS).unref();

const { lines: input, filesCount, version } = declarationLines();
const text = Buffer.concat(input.flatMap((line) => [line, Buffer.from('\n')]));
writeFileSync(inputPath, text);
say(`${grouped(input.length)} lines, ${grouped(text.length)} bytes: the ${filesCount} .d.ts files of typescript ${version}`);

const consumer = startConsumer(['--dir', logDirectory, '--out', outputPath, '--wait', '--until', String(input.length)]);
say(`consumer ${consumer.child.pid} waits for the log, then follows`);

/** Starts a producer that goes on where the log ends, and checks that nothing acknowledged is gone from there. */
async function startProducer() {
  const producer = new Producer(['--dir', logDirectory, '--resume', '--rate', String(LINES_PER_SECOND), inputPath]);
  const opened = await producer.firstEvent(({ event }) => event === 'open');
  const from = opened?.['logEndOffset'] ?? acknowledged;
  if (from < acknowledged) {
    takenBack += acknowledged - from;
    problems.push(`after kill ${killed} the log ends at ${from}, though everything below ${acknowledged} was acknowledged`);
  }
  return { producer, began: `began at ${grouped(from)}${repaired(opened?.['recovery'])}`, from };
}

/**
 * What the kill before had left to be put right.
 * @param {{ cut: { bytes: number } | null, rehomed: { fromOffset: number, toOffset: number } | null } | undefined} recovery
 */
function repaired(recovery) {
  const cut = recovery?.cut ? `, ${grouped(recovery.cut.bytes)} torn bytes cut` : '';
  const rehomed = recovery?.rehomed ? `, ${grouped(recovery.rehomed.toOffset - recovery.rehomed.fromOffset)} unproven records re-homed` : '';
  return cut === '' && rehomed === '' ? '' : ` (${(cut + rehomed).slice(2)})`;
}

/** Lets a producer append for a while, then kills it at a random moment. */
async function produceAndKill() {
  const { producer, began, from } = await startProducer();
  const share = input.length / (KILLS + 1);
  const target = Math.max(from, Math.floor((killed + Math.random()) * share)) + 1;
  await producer.firstEvent(() => producer.acknowledged >= target);
  await sleep(Math.random() * KILL_DELAY_MS);
  producer.child.kill('SIGKILL');
  const { code, signal, errors } = await producer.ended;
  acknowledged = Math.max(acknowledged, producer.acknowledged);
  if (signal !== 'SIGKILL' || acknowledged >= input.length) {
    problems.push(`producer ${producer.child.pid} ended (${signal ?? `code ${code}`}) before it could be killed. ${errors}`.trim());
    return;
  }
  killed += 1;
  say(`kill ${killed}: producer ${producer.child.pid} ${began}, had ${grouped(acknowledged)} acknowledged; the consumer has ${consumedPercent()} %`);
}

function consumedPercent() {
  const bytes = statSync(outputPath, { throwIfNoEntry: false })?.size ?? 0;
  return ((bytes / text.length) * 100).toFixed(1);
}

async function produceToTheEnd() {
  const { producer, began } = await startProducer();
  const { code, signal, errors } = await producer.ended;
  say(`the last producer ${began} and came to the end`);
  if (code !== 0) problems.push(`the last producer ended with ${signal ?? `code ${code}`}. ${errors}`);
}

while (killed < KILLS && problems.length === 0) await produceAndKill();
if (problems.length === 0) await produceToTheEnd();
if (problems.length > 0) consumer.child.kill('SIGTERM');
const { code, errors } = await consumer.ended;
if (code !== 0) problems.push(`the consumer ended with code ${code}. ${errors}`);

const copied = statSync(outputPath, { throwIfNoEntry: false }) === undefined ? Buffer.alloc(0) : readFileSync(outputPath);
const { lost, duplicated, changed, firstDifference } = compareLines(input, linesOf(copied));
if (firstDifference !== null) problems.push(`input and output part at line ${firstDifference}; ${changed} lines are changed`);
const sha256 = [text, copied].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
const verdict = sha256[0] === sha256[1] ? 'equal' : 'different';
if (verdict === 'different') problems.push(`sha256 of the input is ${sha256[0]}, of the output ${sha256[1]}`);

for (const problem of problems) say(`FAILED: ${problem}`);
say(`${linesOf(copied).length} records, ${copied.length} bytes, killed ${killed} times, lost ${lost + takenBack}, duplicated ${duplicated}, sha256 ${verdict}`);
if (problems.length > 0) process.exitCode = 1;
