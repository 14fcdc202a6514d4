import { describe, expect, it } from 'vitest';
import { chooseWorkloads, type Work } from '../model/workload.js';
import { planRun } from './plan.js';

const workloads = chooseWorkloads(['durable-1', 'open-clean']);

const supports = (subject: string, work: Work): boolean => subject === 'brimlog' || work.kind !== 'open-clean';
const one = { names: ['brimlog'], supports };
const two = { names: ['brimlog', 'lmdb'], supports };
const nothing = { profile: false, strace: false };

describe('planRun', () => {
  it('goes through all workloads before the next round', () => {
    const steps = planRun(workloads, one, 2, nothing);
    expect(steps.map((step) => (step.kind === 'measure' ? `${step.workload.name} ${step.round}` : step.kind))).toEqual([
      'durable-1 0',
      'open-clean 0',
      'durable-1 1',
      'open-clean 1',
    ]);
  });

  it('turns the order of subjects, and asks none for what it cannot do', () => {
    const steps = planRun(workloads, two, 2, nothing);
    expect(steps.map((step) => (step.kind === 'measure' ? `${step.subject} ${step.workload.name}` : step.kind))).toEqual([
      'brimlog durable-1',
      'lmdb durable-1',
      'brimlog open-clean',
      'lmdb durable-1',
      'brimlog durable-1',
      'brimlog open-clean',
    ]);
  });

  it('profiles and traces after everything else, but no profile of an opening', () => {
    expect(planRun(workloads, one, 1, { profile: true, strace: true }).slice(2)).toEqual([
      { kind: 'profile', workload: workloads[0] },
      { kind: 'strace', workload: workloads[0], subject: 'brimlog' },
      { kind: 'strace', workload: workloads[1], subject: 'brimlog' },
    ]);
  });
});
