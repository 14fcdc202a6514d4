/**
 * Appends lines to a log: of the files named, or of standard input. With `--resume` it goes on where the log ends, line n
 * being the record at offset n, so that it may be killed at any moment and started again with the same input.
 */
import { Command, Option } from 'commander';
import { MessageLog, type Ack, type OnDiskFull } from '@brimlog/log-core';
import { inputBytes, inputLines, withoutFirst } from './lines/input-lines.js';
import { paced } from './lines/paced.js';
import { OrderedSender, type SendError } from './sending/ordered-sender.js';
import { appendBar } from './terminal/append-bar.js';
import { eventLines } from './terminal/event-lines.js';
import { numberOption } from './terminal/number-option.js';
import { run, stopSignal } from './terminal/program.js';

interface ProducerOptions {
  readonly dir: string;
  readonly ack: Ack;
  readonly resume: boolean;
  readonly rate?: number;
  readonly events: boolean;
  readonly segmentBytes?: number;
  readonly quotaBytes?: number;
  readonly retentionMs?: number;
  readonly retentionBytes?: number;
  readonly onDiskFull: OnDiskFull;
}

const command = new Command('producer')
  .description('Appends lines of files, or of standard input, to a log.')
  .argument('[files...]', 'text files; standard input where none is named')
  .requiredOption('-d, --dir <directory>', 'the log; it is created where there is none')
  .addOption(new Option('-a, --ack <when>', 'when a line counts as appended').choices(['flushed', 'written']).default('flushed'))
  .option('-r, --resume', 'skip as many lines as the log holds records', false)
  .option('--rate <lines>', 'at most so many lines a second', numberOption)
  .option('--events', 'one JSON line on standard output for each thing that happens', false)
  .option('--segment-bytes <bytes>', 'largest segment file', numberOption)
  .option('--quota-bytes <bytes>', 'the most the log may take', numberOption)
  .option('--retention-ms <ms>', 'delete what is older', numberOption)
  .option('--retention-bytes <bytes>', 'keep about this much', numberOption)
  .addOption(
    new Option('--on-disk-full <policy>', 'what to give up on a full disk').choices(['reject', 'delete-expired', 'delete-oldest']).default('delete-expired'),
  );

function open({ dir, ack, segmentBytes, quotaBytes, retentionMs, retentionBytes, onDiskFull }: ProducerOptions) {
  return MessageLog.open(dir, {
    ack,
    onDiskFull,
    queueBytesMax: 2 * 1024 * 1024,
    ...(segmentBytes !== undefined && { segmentBytesMax: segmentBytes }),
    ...(quotaBytes !== undefined && { quotaBytesMax: quotaBytes }),
    retention: {
      intervalMs: 1_000,
      ...(retentionMs !== undefined && { ms: retentionMs }),
      ...(retentionBytes !== undefined && { bytes: retentionBytes }),
    },
  });
}

/** The lines that are still to be appended. */
function linesToSend(files: readonly string[], { resume, rate }: ProducerOptions, logEndOffset: number, signal: AbortSignal): AsyncIterable<Uint8Array[]> {
  const all = inputLines(files, signal);
  const fresh = resume ? withoutFirst(all, logEndOffset) : all;
  return rate === undefined ? fresh : paced(fresh, rate, signal);
}

async function sendAll(sender: OrderedSender, lines: AsyncIterable<Uint8Array[]>): Promise<SendError | null> {
  for await (const batch of lines) {
    if ((await sender.send(batch)) !== null) break;
  }
  return sender.finish();
}

function bytesOf(lines: readonly Uint8Array[]): number {
  return lines.reduce((bytes, line) => bytes + line.byteLength + 1, 0);
}

await run('producer', async () => {
  const options = command.parse().opts<ProducerOptions>();
  const files = command.args;
  const totalBytes = await inputBytes(files);
  const signal = stopSignal();
  const opened = await open(options);
  if (opened.isErr()) return `${options.dir} was not opened: ${opened.error.message}`;
  await using log = opened.value;
  using bar = process.stderr.isTTY ? appendBar(totalBytes) : null;
  const events = options.events ? eventLines(log) : null;
  const sender = new OrderedSender(log, signal, (lines, nextOffset) => {
    bar?.add(lines.length, bytesOf(lines));
    events?.acknowledged(nextOffset);
  });
  const failure = await sendAll(sender, linesToSend(files, options, log.status().logEndOffset, signal));
  const closed = await log.close();
  events?.stop();
  if (failure !== null && failure.kind !== 'aborted') return `the log ends at offset ${String(log.status().logEndOffset)}: ${failure.message}`;
  return closed.isErr() ? `the log was not closed in order: ${closed.error.message}` : null;
});
