import { describe, expect, it } from 'vitest';
import { createOperationGate, operationLimit, sharedOperationGate } from './operation-gate.js';

describe('createOperationGate', () => {
  it('starts at once where a place is free and never runs more than its limit', () => {
    const gate = createOperationGate(2);
    const started: string[] = [];
    expect(gate.enter('urgent', () => started.push('a'))).toBeNull();
    expect(gate.enter('read', () => started.push('b'))).toBeNull();
    expect(gate.enter('read', () => started.push('c'))).not.toBeNull();
    expect(started).toEqual(['a', 'b']);
    expect(gate.counts()).toEqual({ running: 2, waiting: 1 });
    gate.leave();
    expect(started).toEqual(['a', 'b', 'c']);
    expect(gate.counts()).toEqual({ running: 2, waiting: 0 });
  });

  it('lets writes and syncs go before reads, each lane in its order', () => {
    const gate = createOperationGate(1);
    const started: string[] = [];
    gate.enter('urgent', () => undefined);
    gate.enter('read', () => started.push('r1'));
    gate.enter('read', () => started.push('r2'));
    gate.enter('urgent', () => started.push('u1'));
    gate.enter('urgent', () => started.push('u2'));
    for (let turn = 0; turn < 4; turn += 1) gate.leave();
    expect(started).toEqual(['u1', 'u2', 'r1', 'r2']);
  });

  it('never starves a read behind an endless row of writes', () => {
    const gate = createOperationGate(1);
    let turns = 0;
    let readAfter = -1;
    gate.enter('urgent', () => undefined);
    gate.enter('read', () => (readAfter = turns));
    for (; turns < 20; turns += 1) {
      gate.enter('urgent', () => undefined);
      gate.leave();
    }
    expect(readAfter).toBeGreaterThanOrEqual(0);
    expect(readAfter).toBeLessThan(10);
  });

  it('leaves nothing of a withdrawn operation behind', () => {
    const gate = createOperationGate(1);
    const started: string[] = [];
    gate.enter('urgent', () => undefined);
    const waiting = ['x', 'y', 'z'].map((name) => gate.enter('read', () => started.push(name)));
    const [first, middle, last] = waiting;
    if (!first || !middle || !last) throw new Error('all three wait');
    expect(gate.withdraw(middle)).toBe(true);
    expect(gate.withdraw(middle)).toBe(false);
    expect(gate.withdraw(last)).toBe(true);
    expect(gate.counts().waiting).toBe(1);
    gate.leave();
    expect(started).toEqual(['x']);
    expect(gate.withdraw(first)).toBe(false);
    gate.leave();
    expect(gate.counts()).toEqual({ running: 0, waiting: 0 });
  });

  it('does not recurse when operations end inside their own start', () => {
    const gate = createOperationGate(1);
    let ended = 0;
    gate.enter('urgent', () => undefined);
    for (let index = 0; index < 100_000; index += 1) {
      gate.enter('urgent', () => {
        ended += 1;
        gate.leave();
      });
    }
    gate.leave();
    expect(ended).toBe(100_000);
    expect(gate.counts()).toEqual({ running: 0, waiting: 0 });
  });
});

describe('operationLimit', () => {
  it.each([
    [undefined, 3],
    ['4', 3],
    ['16', 15],
    ['1', 1],
    ['0', 1],
    ['-3', 1],
    ['junk', 1],
    ['99999', 1023],
  ])('is one less than the pool of %s: %i', (poolSize, limit) => {
    expect(operationLimit(poolSize)).toBe(limit);
  });
});

describe('sharedOperationGate', () => {
  it('is one for the process, found by a registered symbol', () => {
    expect(sharedOperationGate()).toBe(sharedOperationGate());
    expect((globalThis as Record<symbol, unknown>)[Symbol.for('brimlog.operation-gate')]).toBe(sharedOperationGate());
  });
});
