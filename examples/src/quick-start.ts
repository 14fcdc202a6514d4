/** The example of README.md, word for word (`quick-start.test.ts` compares them and runs this one). */
import { MessageLog } from '@brimlog/log-core';

const opened = await MessageLog.open('./orders', { retention: { bytes: 10 * 1024 ** 3 } });
if (opened.isErr()) throw new Error(opened.error.message);
const log = opened.value;

const appended = await log.append([{ key: 'order 1', value: 'created' }, { key: 'order 1', value: 'paid' }]);
appended.match(
  ({ baseOffset, lastOffset }) => console.log(`on stable storage: offsets ${baseOffset} to ${lastOffset}`),
  (error) => console.log(`refused: ${error.kind}, ${error.outcome}`),
);

const billing = log.consumer('billing');
let next = (await billing.position()).unwrapOr(null) ?? log.status().logStartOffset;
for await (const record of log.records({ from: next })) {
  if (record.isErr()) throw new Error(record.error.message);
  console.log(record.value.offset, new TextDecoder().decode(record.value.value ?? undefined));
  next = record.value.offset + 1;
}

const ended = await billing.commit(next).andThen(() => log.close());
if (ended.isErr()) console.error(ended.error.message);
