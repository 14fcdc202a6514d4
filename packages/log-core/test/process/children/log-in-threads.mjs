// Opens a log in the main thread and in workers that come and go, as the plan says, and tells how each opening ended.
// Run as: node log-in-threads.mjs <built library> <directory of the logs> <plan: m | w | two>... Each step opens a log of
// its own, and the lock of a thread that is gone is asked for once more.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** @param {string} library @param {string} dir */
async function openAndAppend(library, dir) {
  const { MessageLog } = await import(library);
  const opened = await MessageLog.open(dir);
  if (opened.isErr()) return { log: null, told: opened.error.kind };
  const appended = await opened.value.append('x');
  return { log: opened.value, told: appended.isErr() ? appended.error.kind : 'appended' };
}

async function asWorker() {
  const { library, dir } = workerData;
  const { told } = await openAndAppend(library, dir);
  const second = await (await import(library)).MessageLog.open(dir);
  parentPort?.postMessage([told, second.isErr() ? second.error.kind : 'opened twice']);
  // Ends with the log open, by process.exit of a worker: nothing of it is closed.
  parentPort?.once('message', () => process.exit(0));
}

/** @param {string} library @param {string} dir */
async function startWorker(library, dir) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { library, dir } });
  const told = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const end = async () => {
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('end');
    await gone;
  };
  return { told, end };
}

async function asMain() {
  const [library = '', root = '', ...plan] = process.argv.slice(2);
  const told = [];
  for (const [at, step] of plan.entries()) {
    const dir = join(root, String(at));
    if (step === 'm') {
      told.push((await openAndAppend(library, dir)).told);
      continue;
    }
    // Of two, the second lives longer than the first and shorter than what comes next.
    const workers = [await startWorker(library, dir)];
    if (step === 'two') workers.push(await startWorker(library, `${dir}-beside`));
    for (const worker of workers) {
      await worker.end();
      told.push(...worker.told);
    }
    told.push((await startWorker(library, dir)).told[0]);
  }
  writeSync(1, JSON.stringify(told));
  process.exit(0);
}

if (isMainThread) await asMain();
else await asWorker();
