// A log in a process of its own that does what it is told, so that a test can take its disk away in between.
// Run as: node driven-log.mjs <built library>. A line of standard input is `{ id, call, args }`, a line of output
// `{ id, value }` or `{ id, error }`; calls run side by side. Answers are written synchronously, past the thread pool.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [library] = process.argv.slice(2);
const { MessageLog } = await import(/** @type {string} */ (library));

/** @type {import('../../../src/index.js').MessageLog} */
let log;
/** @type {{ to: string, reason: string | null }[]} */
const states = [];

/** @type {Record<string, (args: any) => unknown>} */
const calls = {
  async open({ dir, options }) {
    const opened = await MessageLog.open(dir, options);
    return opened.map((/** @type {typeof log} */ value) => {
      log = value;
      log.on('stateChange', ({ to, reason }) => states.push({ to, reason }));
      return log.recovery;
    });
  },
  append: ({ values, options }) => log.append(values, options),
  /** One append for each value, none awaited before the next. */
  appendTogether: ({ values, options }) =>
    Promise.all(
      values.map((/** @type {string} */ value) =>
        log.append(value, options).match(
          (appended) => ({ value: appended }),
          (error) => ({ error }),
        ),
      ),
    ),
  /** Many appends in one go; answers how each ended, told apart by their error's kind and outcome. */
  flood: ({ count, valueBytes }) => flood(count, valueBytes),
  /** Several producers, each awaiting its append before the next; rolls and reads on the way. */
  work: ({ producers, appends, valueBytes, ack }) => work(producers, appends, valueBytes, ack),
  values: readAll,
  read: (options) => log.read(options).map(({ records, nextOffset }) => ({ values: [...records].map(text), nextOffset })),
  deleteBefore: ({ offset }) => log.deleteBefore(offset),
  flush: () => log.flush(),
  recover: () => log.recover(),
  close: () => log.close(),
  status: () => log.status(),
  metrics: () => log.metrics(),
  states: () => states,
  waitUntilWritable: ({ timeoutMs }) => log.waitUntilWritable({ signal: AbortSignal.timeout(timeoutMs) }),
};

/** @param {{ value: Uint8Array | null }} record */
function text({ value }) {
  return value === null ? null : Buffer.from(value).toString('utf8');
}

async function readAll() {
  const values = [];
  for await (const record of log.records({ from: log.status().logStartOffset })) {
    if (record.isErr()) return record;
    values.push(text(record.value));
  }
  return values;
}

/** @param {number} count @param {number} valueBytes */
async function flood(count, valueBytes) {
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 5);
  /** @type {Record<string, number>} */
  const endings = {};
  let queueBytesPeak = 0;
  const value = new Uint8Array(valueBytes).fill(97);
  const settled = [];
  for (let i = 0; i < count; i += 1) {
    settled.push(
      log.append(value).match(
        () => countOne(endings, 'appended'),
        (error) => countOne(endings, `${error.kind} ${error.outcome}`),
      ),
    );
    if (i % 100 === 0) {
      queueBytesPeak = Math.max(queueBytesPeak, log.status().queueBytes);
      peak = Math.max(peak, process.memoryUsage().rss);
    }
  }
  await Promise.all(settled);
  clearInterval(watch);
  peak = Math.max(peak, process.memoryUsage().rss);
  return { endings, growthBytes: peak - before, queueBytesPeak };
}

/** @param {Record<string, number>} endings @param {string} ending */
function countOne(endings, ending) {
  endings[ending] = (endings[ending] ?? 0) + 1;
}

/** @param {number} producers @param {number} appends @param {number} valueBytes @param {'flushed' | 'written'} ack */
async function work(producers, appends, valueBytes, ack) {
  const failures = await Promise.all(
    Array.from({ length: producers }, async () => {
      for (let i = 0; i < appends; i += 1) {
        const appended = await log.append(new Uint8Array(valueBytes).fill(98), { ack });
        if (appended.isErr()) return appended.error;
      }
      return null;
    }),
  );
  return failures.find((failure) => failure !== null) ?? log.metrics();
}

/** @param {unknown} message */
function say(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

/** @param {{ id: number, call: string, args: unknown }} request */
async function answer({ id, call, args }) {
  const value = await /** @type {(args: unknown) => unknown} */ (calls[call])(args);
  // Results are told by their methods: the library brings its own copy of the class.
  const result = /** @type {any} */ (value);
  if (typeof result?.isErr !== 'function') say({ id, value });
  else if (result.isErr()) say({ id, error: result.error });
  else say({ id, value: result.value });
}

process.on('unhandledRejection', (reason) => {
  say({ crashed: `unhandled rejection: ${String(reason)}` });
  process.exit(3);
});
process.on('uncaughtException', (error) => {
  say({ crashed: `uncaught exception: ${String(error.stack)}` });
  process.exit(3);
});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  answer(JSON.parse(line)).catch((thrown) => {
    say({ crashed: String(thrown?.stack ?? thrown) });
  });
});
lines.on('close', () => process.exit(0));
say({ id: 0, value: 'ready' });
