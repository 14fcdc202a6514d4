// @ts-check
// What became of lines that went through a log: how many are missing, how many came more than once. Text repeats itself, so
// lines are compared by their place, and after a difference the two sides are brought together again where a run of lines agrees.

/** So many lines in a row agree before two places count as the same. */
const RUN = 16;

/**
 * @param {Buffer[]} input
 * @param {Buffer[]} output
 * @returns {{ lost: number, duplicated: number, changed: number, firstDifference: number | null }} `changed`: replaced one by one;
 *   `firstDifference`: the first input line, and so the offset, where the two part
 */
export function compareLines(input, output) {
  let lost = 0;
  let duplicated = 0;
  let changed = 0;
  /** @type {number | null} */
  let firstDifference = null;
  let i = 0;
  let o = 0;
  while (i < input.length && o < output.length) {
    if (input[i]?.equals(/** @type {Buffer} */ (output[o]))) {
      i += 1;
      o += 1;
      continue;
    }
    firstDifference ??= i;
    const step = nextAgreement(input, i, output, o);
    if (step.input === step.output) changed += step.input;
    else if (step.input > step.output) lost += step.input - step.output;
    else duplicated += step.output - step.input;
    i += step.input;
    o += step.output;
  }
  if (i < input.length || o < output.length) firstDifference ??= i;
  return { lost: lost + input.length - i, duplicated: duplicated + output.length - o, changed, firstDifference };
}

/**
 * The smallest steps ahead after which both sides agree again.
 * @param {Buffer[]} input
 * @param {number} i
 * @param {Buffer[]} output
 * @param {number} o
 * @returns {{ input: number, output: number }}
 */
function nextAgreement(input, i, output, o) {
  const furthest = Math.max(input.length - i, output.length - o);
  for (let step = 1; step <= furthest; step += 1) {
    if (agree(input, i + step, output, o + step)) return { input: step, output: step };
    if (agree(input, i + step, output, o)) return { input: step, output: 0 };
    if (agree(input, i, output, o + step)) return { input: 0, output: step };
  }
  return { input: input.length - i, output: output.length - o };
}

/**
 * @param {Buffer[]} input
 * @param {number} i
 * @param {Buffer[]} output
 * @param {number} o
 */
function agree(input, i, output, o) {
  const run = Math.min(RUN, Math.max(input.length - i, output.length - o));
  if (run <= 0) return false;
  for (let k = 0; k < run; k += 1) {
    const line = input[i + k];
    if (line === undefined || output[o + k] === undefined) return line === output[o + k];
    if (!line.equals(/** @type {Buffer} */ (output[o + k]))) return false;
  }
  return true;
}
