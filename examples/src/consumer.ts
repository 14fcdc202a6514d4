/**
 * Reads a log that another process writes, follows it, and writes each record's value as a line. It takes no lock and
 * writes nothing into the log's directory: how far it has come it remembers itself, and goes on there when it is started again.
 */
import { Command } from 'commander';
import { MessageLog, type LogRecord } from '@brimlog/log-core';
import { LineOutput } from './output/line-output.js';
import { numberOption } from './terminal/number-option.js';
import { run, stopSignal } from './terminal/program.js';

interface ConsumerOptions {
  readonly dir: string;
  readonly out?: string;
  readonly position?: string;
  readonly wait: boolean;
  readonly until?: number;
}

const command = new Command('consumer')
  .description('Follows a log and writes its records as lines.')
  .requiredOption('-d, --dir <directory>', 'the log')
  .option('-o, --out <file>', 'where the lines go (default: standard output)')
  .option('-p, --position <file>', 'where it remembers how far it has come (default: <out>.position; nowhere for standard output)')
  .option('-w, --wait', 'wait for a log that is not there yet', false)
  .option('-u, --until <offset>', 'stop before this offset (default: follow for ever)', numberOption);

const LINE_FEED = Buffer.from('\n');

/** Copies records until `until`, a signal, or an error, which it returns as a sentence. */
async function copy(log: MessageLog, output: LineOutput, until: number, signal: AbortSignal): Promise<string | null> {
  const from = output.nextOffset ?? log.status().logStartOffset;
  if (from >= until) return null;
  for await (const batch of log.batches({ from, follow: true, signal })) {
    if (batch.isErr()) return batch.error.kind === 'aborted' ? null : batch.error.message;
    const { records, lastOffset } = batch.value;
    const nextOffset = Math.min(lastOffset + 1, until);
    await output.write(linesOf(records, nextOffset), nextOffset);
    if (nextOffset === until) return null;
  }
  return null;
}

function linesOf(records: Iterable<LogRecord>, end: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { offset, value } of records) {
    if (offset < end) parts.push(value ?? new Uint8Array(), LINE_FEED);
  }
  return Buffer.concat(parts);
}

await run('consumer', async () => {
  const { dir, out, position, wait, until = Infinity } = command.parse().opts<ConsumerOptions>();
  const signal = stopSignal();
  const opened = await MessageLog.openReader(dir, { waitForLog: wait, signal });
  if (opened.isErr()) {
    const { kind, message } = opened.error;
    if (kind === 'aborted') return null;
    return `${message}${kind === 'not-found' ? '; with --wait it waits for one' : ''}`;
  }
  await using log = opened.value;
  const output = await LineOutput.open(out ?? null, position ?? (out === undefined ? null : `${out}.position`));
  const problem = await copy(log, output, until, signal);
  await output.close();
  return problem;
});
