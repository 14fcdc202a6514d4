// @ts-check
// Replays one history from its printed form: every operation, every call of the disk with its outcome, every answer.
import { bundle } from './bundle.mjs';

/** @param {string} text @returns {Promise<boolean>} whether every promise was kept */
export async function replay(text) {
  /** @type {typeof import('../../packages/log-core/test/property/replay-history.js')} */
  const { parseHistory, replayHistory } = await import(await bundle('property/replay-history'));
  let history;
  try {
    history = parseHistory(text);
  } catch (thrown) {
    console.error(`the plan is not understood: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return false;
  }
  let rejections = 0;
  process.on('unhandledRejection', (reason) => {
    rejections += 1;
    console.log(`a rejection that nobody handled: ${reason instanceof Error ? reason.stack : String(reason)}`);
  });
  const { lines, verdict } = await replayHistory(history);
  console.log([...lines, '', verdict ?? 'every promise was kept'].join('\n'));
  return verdict === null && rejections === 0;
}
