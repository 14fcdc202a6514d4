// @ts-check
// A process of its own that keeps messages in one store, for some end with it on a full disk. `append` offers one record after the other and
// tells the fate of each at once, by a write that is over before anything else happens; `read` opens what is there and tells its numbers.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BRIMLOG, loadPeer, openBrimlog, PEERS } from './peer-stores.mjs';

/** A producer that is refused does not hammer. */
const AFTER_REFUSAL_MS = 20;
const VALUE_BYTES = 16 * 1024;

const [task = '', name = '', directory = '', peersFrom = ''] = process.argv.slice(2);

/** @param {string} line */
const tell = (line) => void writeSync(1, `${line}\n`);

async function open() {
  if (name === BRIMLOG) return openBrimlog(directory);
  const peer = loadPeer(name, peersFrom);
  if (peer === null) throw new Error(`${name} is not installed`);
  return /** @type {import('./peer-stores.mjs').PeerKind} */ (PEERS[name]).open(peer.exports, directory);
}

const store = await open();
let stopping = false;
process.on('message', () => (stopping = true));

if (task === 'read') {
  for (const number of await store.numbers()) tell(`record ${number}`);
  stopping = true;
}
tell('open');
for (let number = 0; !stopping; number += 1) {
  try {
    await store.append(number, Buffer.alloc(VALUE_BYTES, `${number} brimlog `));
    tell(`acknowledged ${number}`);
    await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error);
    tell(`refused ${number} ${code === undefined ? '' : `${code}: `}${message.split('\n')[0]}`);
    await sleep(AFTER_REFUSAL_MS);
  }
}
await store.close();
tell('closed');
process.disconnect?.();
