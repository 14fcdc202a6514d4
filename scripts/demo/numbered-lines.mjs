// @ts-check
// Lines that carry their own number, and with it the offset they are to get: so whoever reads them from anywhere on can tell what is
// missing, what came twice and what is wrong.

/** The endless text: line n is the number n and one of some given lines. */
export class NumberedText {
  #lines;

  /** @param {Buffer[]} lines */
  constructor(lines) {
    this.#lines = lines.map((line) => line.toString('latin1'));
  }

  /** @param {number} n */
  line(n) {
    return `${n} ${this.#lines[n % this.#lines.length]}`;
  }

  /**
   * Lines `from` up to `to`, as bytes.
   * @param {number} from
   * @param {number} to
   */
  bytes(from, to) {
    let text = '';
    for (let n = from; n < to; n += 1) text += `${this.line(n)}\n`;
    return Buffer.from(text, 'latin1');
  }
}

/** Checks a stream of such lines. */
export class LineCheck {
  /** @type {number | null} the number of the first line */
  first = null;
  /** The number that comes next. */
  next = 0;
  bytes = 0;
  lost = 0;
  duplicated = 0;
  changed = 0;
  #text;
  #unfinished = '';

  /** @param {NumberedText} text */
  constructor(text) {
    this.#text = text;
  }

  /** @param {Buffer} chunk */
  take(chunk) {
    this.bytes += chunk.length;
    const lines = (this.#unfinished + chunk.toString('latin1')).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  /** @param {string} line */
  #takeLine(line) {
    const number = this.first === null || line !== this.#text.line(this.next) ? Number.parseInt(line, 10) : this.next;
    this.first ??= number;
    if (this.first === number && this.next === 0) this.next = number;
    if (line !== this.#text.line(number)) {
      this.changed += 1;
      this.next += 1;
      return;
    }
    if (number < this.next) {
      this.duplicated += 1;
      return;
    }
    this.lost += number - this.next;
    this.next = number + 1;
  }

  /** What is wrong, in words; null when nothing is. */
  get problem() {
    if (this.lost + this.duplicated + this.changed === 0 && this.#unfinished === '') return null;
    return `${this.lost} lost, ${this.duplicated} duplicated, ${this.changed} changed${this.#unfinished === '' ? '' : ', and half a line at the end'}`;
  }
}
