import { describe, expect, it } from 'vitest';
import { chooseWorkloads } from '../model/catalogue.js';
import { QUICK, WHOLE } from '../model/run-scale.js';
import type { Work } from '../model/workload.js';
import { estimateSeconds, planRun } from './plan.js';

const workloads = chooseWorkloads({ patterns: ['durable-1', 'written-batches', 'open-10000'], quick: true });
const [durable, written, open] = workloads;

const supports = (subject: string, work: Work): boolean => subject === 'brimlog' || work.kind !== 'open-clean';
const one = { names: ['brimlog'], supports };
const two = { names: ['brimlog', 'lmdb'], supports };
const nothing = { profile: false, strace: false, kill: false };

describe('planRun', () => {
  it('goes through all workloads before the next round', () => {
    const steps = planRun(workloads, one, 2, nothing);
    const names = ['durable-1', 'written-batches', 'open-10000'];
    expect(steps.map((step) => (step.kind === 'measure' ? `${step.workload.name} ${step.round}` : step.kind))).toEqual([0, 1].flatMap((round) => names.map((name) => `${name} ${round}`)));
  });

  it('turns the order of subjects, and asks none for what it cannot do', () => {
    const steps = planRun([durable!, open!], two, 2, nothing);
    expect(steps.map((step) => (step.kind === 'measure' ? `${step.subject} ${step.workload.name}` : step.kind))).toEqual([
      'brimlog durable-1',
      'lmdb durable-1',
      'brimlog open-10000',
      'lmdb durable-1',
      'brimlog durable-1',
      'brimlog open-10000',
    ]);
  });

  it('observes after everything else: no profile of an opening, no kill of what is durable', () => {
    expect(planRun(workloads, one, 1, { profile: true, strace: true, kill: true }).slice(3)).toEqual([
      { kind: 'profile', workload: durable },
      { kind: 'profile', workload: written },
      { kind: 'strace', workload: durable, subject: 'brimlog' },
      { kind: 'strace', workload: written, subject: 'brimlog' },
      { kind: 'strace', workload: open, subject: 'brimlog' },
      { kind: 'kill', workload: written, subject: 'brimlog' },
    ]);
  });
});

describe('estimateSeconds', () => {
  const stepsOf = (quick: boolean, rounds: number) => planRun(chooseWorkloads({ patterns: null, quick }), one, rounds, { profile: false, strace: true, kill: true });

  it('keeps a quick run under three minutes', () => {
    expect(estimateSeconds(stepsOf(true, QUICK.rounds), QUICK)).toBeLessThan(180);
  });

  it('says that the whole one takes much longer, and more with every round', () => {
    const whole = estimateSeconds(stepsOf(false, WHOLE.rounds), WHOLE);
    expect(whole).toBeGreaterThan(1200);
    expect(estimateSeconds(stepsOf(false, WHOLE.rounds + 1), WHOLE)).toBeGreaterThan(whole);
  });
});
