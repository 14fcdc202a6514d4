// Values that tell where they come from: the same text for the same run and number, whoever makes it.

/**
 * @param {number} run
 * @param {number} number
 * @returns {string} `run/number/`, then up to 3,000 characters that hang on both
 */
export function valueOf(run, number) {
  const head = `${run}/${number}/`;
  let state = (Math.imul(run + 1, 2_654_435_761) ^ Math.imul(number + 1, 40_503)) >>> 0;
  const length = state % 10 === 0 ? state % 3_000 : state % 200;
  let tail = '';
  while (tail.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    tail += state.toString(36);
  }
  return head + tail.slice(0, length);
}
