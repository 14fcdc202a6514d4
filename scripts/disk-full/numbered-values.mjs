// @ts-check
// Records that can be told apart for ever: each value begins with its number, and number and size give every byte of it.

/** A value of about 1 to 64 KiB, sizes in no order.
 * @param {number} number
 * @returns {Buffer} */
export function valueOf(number) {
  const size = 1_024 + ((number * 7_919) % 61) * 1_024 + (number % 1_000);
  return Buffer.alloc(size, `${number} brimlog ${number * 31} `);
}

/**
 * @param {Uint8Array | null} value
 * @returns {number | null} its number; null where it is none of ours or not whole
 */
export function numberOf(value) {
  if (value === null) return null;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const number = Number.parseInt(bytes.toString('latin1', 0, 16), 10);
  return Number.isInteger(number) && bytes.equals(valueOf(number)) ? number : null;
}

/** What became of every number that was offered, and whether the log agrees. */
export class Ledger {
  #next = 0;
  /** Numbers by the offset they were acknowledged at. @type {Map<number, number>} */
  #acknowledged = new Map();
  #refused = new Set();
  #unknown = new Set();
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  /** Unknown ones that are in the log. */
  appeared = 0;

  /** Offers one more record and notes what it is told.
   * @param {import('@brimlog/log-core').MessageLog} log
   * @param {'flushed' | 'written'} ack
   * @returns {Promise<import('@brimlog/log-core').AppendError | null>} */
  async offer(log, ack) {
    const number = this.#next++;
    const appended = await log.append(valueOf(number), { ack });
    if (appended.isOk()) {
      this.#acknowledged.set(appended.value.baseOffset, number);
      this.acknowledged += 1;
      return null;
    }
    if (appended.error.outcome === 'unknown') {
      this.#unknown.add(number);
      this.unknown += 1;
    } else {
      this.#refused.add(number);
      this.refused += 1;
    }
    return appended.error;
  }

  /**
   * Reads the whole log.
   * @param {import('@brimlog/log-core').MessageLog} log
   * @returns {Promise<string[]>} what is not as was told
   */
  async compare(log) {
    const { logStartOffset, highWatermark } = log.status();
    /** @type {string[]} */
    const problems = [];
    for (const offset of this.#acknowledged.keys()) if (offset < logStartOffset) this.#acknowledged.delete(offset);
    let expected = logStartOffset;
    this.appeared = 0;
    for await (const record of log.records({ from: logStartOffset })) {
      if (record.isErr()) {
        problems.push(`reading failed at ${expected}: ${record.error.message}`);
        break;
      }
      const { offset, value } = record.value;
      if (offset !== expected) problems.push(`offset ${offset} comes where ${expected} should`);
      expected = offset + 1;
      const problem = this.#judge(offset, numberOf(value));
      if (problem !== null) problems.push(problem);
    }
    for (const offset of this.#acknowledged.keys()) if (offset >= expected) problems.push(`lost: the record acknowledged at ${offset}, the log ends at ${expected}`);
    if (expected !== highWatermark) problems.push(`the records end at ${expected}, the high watermark is ${highWatermark}`);
    return problems;
  }

  /**
   * @param {number} offset
   * @param {number | null} number
   */
  #judge(offset, number) {
    const known = this.#acknowledged.get(offset);
    if (known !== undefined) return known === number ? null : `lost: at ${offset} record ${known} was acknowledged, there is ${number ?? 'something else'}`;
    if (number === null) return `at ${offset} is a record that nobody offered`;
    if (this.#refused.has(number)) return `record ${number} was refused as not-appended and appears at ${offset}`;
    if (!this.#unknown.has(number)) return `record ${number} appears at ${offset} once more`;
    this.appeared += 1;
    return null;
  }
}
