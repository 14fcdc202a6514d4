/** The printed form of a history is the history: it can be pasted, and what it gives back runs the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOfSeed } from './fault-jobs.js';
import { parseHistory, printHistory } from './history-text.js';
import { replayHistory } from './replay-history.js';
import { historyOfCase, sweepCases } from '../sweep/sweep-cases.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const seed = 20_260_101;

describe('the printed form of a history', () => {
  it('always gives back a history that prints the same', () => {
    fc.assert(
      fc.property(seeds, (number) => {
        const text = printHistory(historyOfSeed(number, 12, 0.25));
        expect(printHistory(parseHistory(text))).toBe(text);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('always gives back the cases of the sweep', async () => {
    let number = 0;
    for await (const at of sweepCases()) {
      number += 1;
      if (number % 997 !== 0) continue;
      const text = printHistory(historyOfCase(at));
      expect(printHistory(parseHistory(text))).toBe(text);
    }
    expect(number).toBeGreaterThan(50_000);
  });

  it('may be broken into lines', () => {
    const text = 'seed 7 on ext4 of 1048576 with {"segmentMs":1} / append 20 9*30w 8x / together flush & reopen / crash subset,ext4-like,both-names,garbage during 3,12 meeting write@1 short(5,io); read@2+ fail(io) then sync@1 fail(quota)';
    expect(printHistory(parseHistory(`\n  ${text.replaceAll(' / ', ' /\n  ')}\n`))).toBe(text);
  });

  it.each(['', 'seed 7 on water of 10', 'seed 7 on ext4 of 10 / sing', 'seed 7 on ext4 of 10 / fill 0 sand', 'seed 7 on ext4 of 10 / damage .log=removed', 'seed 7 on ext4 of 10 / crash half', 'seed 7 on ext4 of 10 / crash all,some', 'seed 7 on ext4 of 10 / append', 'seed 7 on ext4 of 10 / append x', 'seed 7 on ext4 of 10 / advance', 'seed 7 on ext4 of 10 / faults sync@0 sing'])(
    'is refused where it is not understood: %j',
    (text) => {
      expect(() => parseHistory(text)).toThrow();
    },
  );
});

describe('a replay', () => {
  it('always gives the same trace, byte for byte: from the same seed, from its printed form, and after others', async () => {
    const traces = new Map<number, string>();
    const numbers = Array.from({ length: 20 }, (_, i) => 1_000 + i);
    for (const number of numbers) traces.set(number, (await replayHistory(historyOfSeed(number, 12, 0.1))).lines.join('\n'));
    for (const number of numbers.reverse()) {
      const printed = parseHistory(printHistory(historyOfSeed(number, 12, 0.1)));
      expect((await replayHistory(printed)).lines.join('\n')).toBe(traces.get(number));
    }
    // They are whole: every call of every process is there, and what it was answered.
    expect([...traces.values()].join('\n').split('\n').filter((line) => /^ +#\d+ /.test(line)).length).toBeGreaterThan(2_000);
  });

  it('tells the promise that was broken', async () => {
    // A disk that lies about its syncs owes nothing: a power cut takes what was acknowledged.
    const { verdict } = await replayHistory(parseHistory('seed 7 on simulated of 1048576 / append 20 / faults sync|dsync-write|sync-directory@1+ lie / append 20 / crash none'));
    expect(verdict).toMatch(/^VIOLATION never-loses: the log ends at 1, but everything below 2 was promised/);
  });
});
