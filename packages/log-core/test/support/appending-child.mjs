// Appends at full speed until it is killed, and prints what was acknowledged, one line an append, as soon as it is.
// Run as: node appending-child.mjs <built library> <directory> <run>. Every value can be told from its run and number.
// Lines: `open <high watermark>`, `ack <first number> <count> <base offset>`, `failed <error as JSON>`.
import { valueOf } from './told-values.mjs';

const [library, dir, run] = process.argv.slice(2);
const { MessageLog } = await import(/** @type {string} */ (library));

/** Appends that are under way at the same time. */
const IN_FLIGHT = 24;

const opened = await MessageLog.open(dir, { segmentBytesMax: 65_536, batchBytesMax: 65_536, queueBytesMax: 1_048_576, space: { reserveBytes: 0 }, flushIntervalMs: 20 });
if (opened.isErr()) fail(opened.error);
const log = opened.value;
process.stdout.write(`open ${log.status().highWatermark}\n`);

let next = 0;
const producers = Array.from({ length: IN_FLIGHT }, async (_, producer) => {
  for (;;) {
    const first = next;
    const count = 1 + (first % 4);
    next += count;
    const values = Array.from({ length: count }, (__, i) => valueOf(Number(run), first + i));
    const appended = await log.append(values, { ack: (producer + first) % 3 === 0 ? 'written' : 'flushed' });
    if (appended.isErr()) fail(appended.error);
    process.stdout.write(`ack ${first} ${count} ${appended.value.baseOffset}\n`);
  }
});
await Promise.all(producers);

/**
 * @param {unknown} error
 * @returns {never}
 */
function fail(error) {
  process.stdout.write(`failed ${JSON.stringify(error)}\n`);
  process.exit(3);
}
