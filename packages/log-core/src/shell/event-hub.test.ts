/** Listeners and what they are told: queued, in order, and never able to harm. */
import { describe, expect, test } from 'vitest';
import type { LogEvents } from '../model/api.js';
import { EventHub } from './event-hub.js';

describe('EventHub', () => {
  test('tells nothing before dispatch, then everything in order, to all who listen', () => {
    const hub = new EventHub();
    const seen: string[] = [];
    hub.on('roll', ({ baseOffset }) => seen.push(`a${baseOffset}`));
    hub.on('roll', ({ baseOffset }) => seen.push(`b${baseOffset}`));
    hub.emit('roll', { baseOffset: 1 });
    hub.emit('roll', { baseOffset: 2 });
    expect(seen).toEqual([]);
    hub.dispatch();
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2']);
    hub.dispatch();
    expect(seen).toHaveLength(4);
  });

  test('what a listener sets off is told after what waits, and dispatch inside it does not recurse', () => {
    const hub = new EventHub();
    const seen: number[] = [];
    hub.on('roll', ({ baseOffset }) => {
      seen.push(baseOffset);
      if (baseOffset < 3) hub.emit('roll', { baseOffset: baseOffset + 2 });
      hub.dispatch();
    });
    hub.emit('roll', { baseOffset: 1 });
    hub.emit('roll', { baseOffset: 2 });
    hub.dispatch();
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('a listener may leave while being told, and the same function listens as often as it asked', () => {
    const hub = new EventHub();
    let count = 0;
    const listener = (): void => {
      count += 1;
    };
    const leave = hub.on('roll', listener);
    hub.on('roll', () => leave());
    hub.on('roll', listener);
    hub.emit('roll', { baseOffset: 1 });
    hub.emit('roll', { baseOffset: 2 });
    hub.dispatch();
    expect(count).toBe(3);
    expect(hub.listenersCount).toBe(2);
  });

  test.each([Object.create(null), Object.defineProperty(new Error('x'), 'message', { get: () => { throw new Error('y'); } }), { toString: () => { throw new Error('z'); } }])('one that throws what cannot be printed becomes a warning as well', (thrown: unknown) => {
    const hub = new EventHub();
    const warnings: LogEvents['warning'][] = [];
    hub.on('roll', () => {
      throw thrown;
    });
    hub.on('warning', (warning) => warnings.push(warning));
    for (const baseOffset of [1, 2]) {
      hub.emit('roll', { baseOffset });
      hub.dispatch();
    }
    expect(warnings).toMatchObject([{ during: 'a listener of roll' }, { during: 'a listener of roll' }]);
  });

  test('one that throws becomes a warning and the rest is told all the same; a warning’s own throw ends there', () => {
    const hub = new EventHub();
    const warnings: LogEvents['warning'][] = [];
    const seen: number[] = [];
    hub.on('roll', () => {
      throw new Error('no');
    });
    hub.on('roll', ({ baseOffset }) => seen.push(baseOffset));
    hub.on('warning', (warning) => {
      warnings.push(warning);
      throw new Error('no again');
    });
    hub.emit('roll', { baseOffset: 1 });
    hub.dispatch();
    expect(seen).toEqual([1]);
    expect(warnings).toEqual([{ error: { kind: 'listener', message: 'no' }, during: 'a listener of roll' }]);
  });

  test('what nobody listens to is not kept, and a flood without dispatch is bounded', () => {
    const hub = new EventHub();
    for (let i = 0; i < 100_000; i += 1) hub.emit('roll', { baseOffset: i });
    let count = 0;
    hub.on('roll', () => {
      count += 1;
    });
    hub.dispatch();
    expect(count).toBe(0);
    for (let i = 0; i < 100_000; i += 1) hub.emit('roll', { baseOffset: i });
    hub.dispatch();
    expect(count).toBe(1_000);
  });
});
