/**
 * Runs a decoder on hostile input and holds it to three promises: it does not throw, it ends, and it allocates no more
 * than a multiple of its input. Allocation is what V8 counts: its heap and the bytes of array buffers together.
 */
import { getHeapStatistics } from 'node:v8';
import { runInThisContext } from 'node:vm';
import fc from 'fast-check';

/** A decoder to be fuzzed. */
export interface FuzzTarget<Input, Output> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Bytes, or characters, of the input. */
  readonly sizeOf: (input: Input) => number;
  /** Decodes all there is, lazy parts included. */
  readonly decode: (input: Input) => Output;
  /** What else holds for the outcome; throws where it does not. */
  readonly check: (output: Output, input: Input) => void;
  /** How many bytes may be allocated for one byte of input, beside `ALLOCATION_FLOOR`. */
  readonly allocationPerByte: number;
}

/** What any call may allocate: closures, an error message, what measuring itself takes. */
const ALLOCATION_FLOOR = 8 * 1024;

/** One decoding of a small input that takes longer has no end: it is stopped, and the input shown. */
const HANG_MS = 20_000;

/** How a run is made: its seed, and how many inputs are tried. */
export interface FuzzRuns {
  readonly seed: number;
  readonly runs: number;
}

/** Tries one decoder. Throws with the shrunk input that breaks a promise. */
export function fuzz<Input, Output>(target: FuzzTarget<Input, Output>, { seed, runs }: FuzzRuns): void {
  const property = fc.property(target.inputs, (input) => {
    const output = untilItEnds(() => target.decode(input), input);
    target.check(output, input);
    const limit = ALLOCATION_FLOOR + target.allocationPerByte * target.sizeOf(input);
    const allocated = leastAllocatedBy(() => target.decode(input), limit);
    if (allocated > limit) throw new Error(`allocated ${allocated} bytes for an input of ${target.sizeOf(input)}`);
  });
  fc.assert(property, { seed, numRuns: runs, includeErrorInReport: true });
}

/** Node can interrupt synchronous code only where it was started through `node:vm`. */
function untilItEnds<T>(work: () => T, input: unknown): T {
  const holder = globalThis as { [WORK]?: () => T };
  holder[WORK] = work;
  try {
    return runInThisContext(`globalThis[Symbol.for('${WORK.description ?? ''}')]()`, { timeout: HANG_MS }) as T;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
    throw new Error(`does not end for ${fc.stringify(input)}`, { cause: thrown });
  }
}

const WORK = Symbol.for('brimlog.fuzzed-work');

/** Code that is compiled meanwhile counts as well, and garbage that is collected does not: so the measure is taken again where it is odd. */
function leastAllocatedBy(work: () => unknown, limit: number): number {
  let least = Infinity;
  for (let tries = 0; tries < 5; tries += 1) {
    const allocated = allocatedBy(work);
    if (allocated >= 0) least = Math.min(least, allocated);
    if (least <= limit) break;
  }
  return least;
}

function allocatedBy(work: () => unknown): number {
  const before = getHeapStatistics();
  const result = work();
  const after = getHeapStatistics();
  // Held until it was counted.
  return result === before ? 0 : after.used_heap_size - before.used_heap_size + after.external_memory - before.external_memory;
}
