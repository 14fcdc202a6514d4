import { describe, expect, it } from 'vitest';
import { chooseWorkloads } from '../model/workload.js';
import { planRun } from './plan.js';

const workloads = chooseWorkloads(['durable-1', 'open-clean']);

describe('planRun', () => {
  it('goes through all workloads before the next round', () => {
    const steps = planRun(workloads, ['brimlog'], 2, false);
    expect(steps.map((step) => (step.kind === 'measure' ? `${step.workload.name} ${step.round}` : step.kind))).toEqual([
      'durable-1 0',
      'open-clean 0',
      'durable-1 1',
      'open-clean 1',
    ]);
  });

  it('turns the order of subjects, and opens only the log itself', () => {
    const steps = planRun(workloads, ['brimlog', 'lmdb'], 2, false);
    expect(steps.map((step) => (step.kind === 'measure' ? `${step.subject} ${step.workload.name}` : step.kind))).toEqual([
      'brimlog durable-1',
      'lmdb durable-1',
      'brimlog open-clean',
      'lmdb durable-1',
      'brimlog durable-1',
      'brimlog open-clean',
    ]);
  });

  it('counts calls of appends after everything else', () => {
    expect(planRun(workloads, ['brimlog'], 1, true).at(-1)).toEqual({ kind: 'strace', workload: workloads[0] });
  });
});
