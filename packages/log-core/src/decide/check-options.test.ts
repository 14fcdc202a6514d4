import { describe, expect, it } from 'vitest';
import { GIB, KIB, MIB } from '../model/units.js';
import { checkLogOptions, checkReaderOptions, HANDLES_MIN } from './check-options.js';

const TIMER_MAX = 2 ** 31 - 1;
const SAFE = Number.MAX_SAFE_INTEGER;
const call = (): void => undefined;
const FILE_SYSTEM = ['open', 'readDirectory', 'stat', 'statFileSystem', 'rename', 'unlink', 'makeDirectory', 'watch', 'bootId'];
const CLOCK = ['now', 'monotonic', 'setTimer', 'defer'];
const portOf = (methods: readonly string[]): object => Object.fromEntries(methods.map((name) => [name, call]));

/** Every integer option with its bounds, both inclusive. */
const INTEGERS: readonly (readonly [name: string, min: number, max: number])[] = [
  ['segmentBytesMax', 64 * KIB, GIB],
  ['segmentMs', 1, SAFE],
  ['batchBytesMax', KIB, GIB],
  ['queueBytesMax', KIB, SAFE],
  ['flushIntervalMs', 1, TIMER_MAX],
  ['flushBytesMax', 1, SAFE],
  ['keepBytesMin', 0, SAFE],
  ['keepMsMin', 0, SAFE],
  ['quotaBytesMax', 64 * KIB, SAFE],
  ['ioTimeoutMs', 0, TIMER_MAX],
  ['indexIntervalBytes', 1, SAFE],
  ['handlesMax', HANDLES_MIN, SAFE],
  ['retention.bytes', 0, SAFE],
  ['retention.ms', 0, SAFE],
  ['retention.segmentsMax', 1, SAFE],
  ['retention.intervalMs', 1, TIMER_MAX],
  ['space.lowBytes', 0, SAFE],
  ['space.highBytes', 0, SAFE],
  ['space.reserveBytes', 0, GIB],
  ['space.intervalMs', 1, TIMER_MAX],
];

const CHOICES: readonly (readonly [name: string, allowed: readonly unknown[]])[] = [
  ['ack', ['flushed', 'written']],
  ['onDiskFull', ['reject', 'delete-expired', 'delete-oldest']],
  ['onCorruption', ['refuse', 'quarantine']],
  ['create', [true, false]],
  ['retention.keepUnconsumed', [true, false]],
];

const NO_NUMBERS: readonly unknown[] = [null, '1', '', true, NaN, Infinity, -Infinity, 1.5, 1n, {}, [], [65_536], call, Symbol('x')];
const NO_OBJECTS: readonly unknown[] = [null, 0, 1, '', 'x', true, [], call, Symbol('x'), 1n];

/** `retention.ms` with a value becomes `{ retention: { ms: value } }`; both sizes of a pair keep each other company. */
function optionsWith(name: string, value: unknown): Record<string, unknown> {
  const [group, inner] = name.split('.') as [string, string | undefined];
  if (inner !== undefined) return { [group]: { [inner]: value } };
  return name === 'batchBytesMax' ? { batchBytesMax: value, queueBytesMax: SAFE } : name === 'queueBytesMax' ? { queueBytesMax: value, batchBytesMax: KIB } : { [name]: value };
}

function settingOf(name: string, value: unknown): unknown {
  const settings = checkLogOptions(optionsWith(name, value))._unsafeUnwrap() as unknown as Record<string, unknown>;
  return name.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], settings);
}

const refused = (options: unknown): unknown => checkLogOptions(options)._unsafeUnwrapErr();

describe('checkLogOptions: defaults', () => {
  const defaults = {
    ack: 'flushed',
    segmentBytesMax: 134_217_728,
    segmentMs: null,
    batchBytesMax: 1_048_576,
    queueBytesMax: 67_108_864,
    flushIntervalMs: 1_000,
    flushBytesMax: 67_108_864,
    retention: { bytes: null, ms: null, segmentsMax: null, keepUnconsumed: false, intervalMs: 10_000 },
    onDiskFull: 'delete-expired',
    keepBytesMin: 0,
    keepMsMin: 0,
    space: { lowBytes: null, highBytes: null, lowPercent: null, highPercent: null, reserveBytes: null, intervalMs: 1_000 },
    quotaBytesMax: null,
    ioTimeoutMs: 30_000,
    onCorruption: 'refuse',
    indexIntervalBytes: 4_096,
    handlesMax: 64,
    create: true,
    onProgress: null,
  };

  it.each([[undefined], [{}], [{ retention: {}, space: {} }], [Object.create(null)]])('%o gives those of design §11', (options) => {
    expect(checkLogOptions(options)._unsafeUnwrap()).toEqual(defaults);
  });

  it('undefined stands for the default, for every option', () => {
    const unsaid = (of: object): object => Object.fromEntries(Object.keys(of).map((name) => [name, undefined]));
    const options = { ...unsaid(defaults), fileSystem: undefined, clock: undefined };
    expect(checkLogOptions(options)._unsafeUnwrap()).toEqual(defaults);
    const groups = { retention: unsaid(defaults.retention), space: unsaid(defaults.space) };
    expect(checkLogOptions(groups)._unsafeUnwrap()).toEqual(defaults);
  });
});

describe('checkLogOptions: integers', () => {
  it.each(INTEGERS)('%s takes %d and %d, and nothing beyond them', (name, min, max) => {
    expect(settingOf(name, min)).toBe(min);
    expect(settingOf(name, max)).toBe(max);
    for (const value of [min - 1, max + 1]) expect(refused(optionsWith(name, value))).toMatchObject({ kind: 'invalid-options', option: name });
  });

  it.each(INTEGERS)('%s takes no other type', (name) => {
    for (const value of NO_NUMBERS) expect(refused(optionsWith(name, value))).toMatchObject({ kind: 'invalid-options', option: name });
  });
});

describe('checkLogOptions: choices, percentages, functions, ports', () => {
  it.each(CHOICES)('%s takes %o and nothing else', (name, allowed) => {
    for (const value of allowed) expect(settingOf(name, value)).toBe(value);
    for (const value of [null, '', 'Flushed', 'keep', 0, 1, {}, [], ['written'], call]) {
      expect(refused(optionsWith(name, value))).toMatchObject({ kind: 'invalid-options', option: name });
    }
  });

  it.each(['space.lowPercent', 'space.highPercent'])('%s takes 0 … 100, fractions too', (name) => {
    for (const value of [0, 0.5, 12.5, 100]) expect(settingOf(name, value)).toBe(value);
    for (const value of [-0.1, 100.1, NaN, Infinity, null, '5', true, {}]) expect(refused(optionsWith(name, value))).toMatchObject({ option: name });
  });

  it('onProgress is a function', () => {
    expect(settingOf('onProgress', call)).toBe(call);
    for (const value of [null, 1, 'f', {}]) expect(refused({ onProgress: value })).toMatchObject({ option: 'onProgress' });
  });

  it.each(['retention', 'space'])('%s is an object', (name) => {
    for (const value of NO_OBJECTS) expect(refused({ [name]: value })).toMatchObject({ kind: 'invalid-options', option: name });
  });

  it.each([
    ['fileSystem', FILE_SYSTEM],
    ['clock', CLOCK],
  ])('%s has every method of its port, own or inherited', (name, methods) => {
    expect(checkLogOptions({ [name]: portOf(methods) }).isOk()).toBe(true);
    expect(checkLogOptions({ [name]: Object.create(portOf(methods)) as object }).isOk()).toBe(true);
    for (const value of [...NO_OBJECTS, {}]) expect(refused({ [name]: value })).toMatchObject({ option: name });
    for (const missing of methods) {
      const incomplete = { ...portOf(methods), [missing]: 1 };
      expect(refused({ [name]: incomplete })).toMatchObject({ option: name, message: `${name}: must have the method ${missing}` });
    }
  });
});

describe('checkLogOptions: what is no option', () => {
  it.each(NO_OBJECTS)('%o is no options at all', (options) => {
    expect(refused(options)).toMatchObject({ kind: 'invalid-options', option: 'options' });
  });

  it.each(['segmentBytes', 'Ack', 'bytes', 'lowBytes', 'waitForLog', 'signal', 'toString', 'constructor', '__proto__', ''])('%j is unknown', (name) => {
    for (const value of [1, undefined]) {
      const options = Object.defineProperty({}, name, { value, enumerable: true });
      expect(refused(options)).toMatchObject({ kind: 'invalid-options', option: name });
      expect(refused({ retention: Object.defineProperty({}, `x${name}`, { value, enumerable: true }) })).toMatchObject({ option: `retention.x${name}` });
      expect(refused({ space: Object.defineProperty({}, `x${name}`, { value, enumerable: true }) })).toMatchObject({ option: `space.x${name}` });
    }
  });

  it('an error names the option first in its message', () => {
    expect(refused({ space: { lowPercent: 101 } })).toEqual({ kind: 'invalid-options', option: 'space.lowPercent', message: 'space.lowPercent: must be a number 0 … 100' });
  });
});

describe('checkLogOptions: contradictions', () => {
  it.each([
    ['a queue smaller than a batch', { queueBytesMax: 2 * MIB, batchBytesMax: 4 * MIB }, 'queueBytesMax'],
    ['a queue smaller than the default batch', { queueBytesMax: MIB - 1 }, 'queueBytesMax'],
    ['a batch larger than the default queue', { batchBytesMax: 64 * MIB + 1 }, 'queueBytesMax'],
    ['low bytes above the high ones', { space: { lowBytes: 2, highBytes: 1 } }, 'space.highBytes'],
    ['low bytes at the high ones', { space: { lowBytes: 2, highBytes: 2 } }, 'space.highBytes'],
    ['low percent above the high one', { space: { lowPercent: 9, highPercent: 8 } }, 'space.highPercent'],
    ['low percent at the high one', { space: { lowPercent: 8, highPercent: 8 } }, 'space.highPercent'],
  ])('%s is invalid-options', (_, options, option) => {
    expect(refused(options)).toMatchObject({ kind: 'invalid-options', option });
  });

  it.each([
    ['a queue of exactly one batch', { queueBytesMax: MIB, batchBytesMax: MIB }],
    ['low right below high', { space: { lowBytes: 1, highBytes: 2, lowPercent: 8, highPercent: 8.5 } }],
    ['only one mark', { space: { lowBytes: GIB } }],
    ['a batch larger than a segment: it gets a segment of its own', { segmentBytesMax: 64 * KIB, batchBytesMax: MIB }],
  ])('%s is none', (_, options) => {
    expect(checkLogOptions(options).isOk()).toBe(true);
  });
});

describe('checkReaderOptions', () => {
  const defaults = { waitForLog: false, batchBytesMax: MIB, ioTimeoutMs: 30_000, handlesMax: 64 };
  const wrong = (options: unknown): unknown => checkReaderOptions(options)._unsafeUnwrapErr();

  it.each([[undefined], [{}], [{ waitForLog: undefined, signal: undefined }], [{ waitForLog: false }]])('%o gives the defaults', (options) => {
    expect(checkReaderOptions(options)._unsafeUnwrap()).toEqual(defaults);
  });

  it('what is said is taken', () => {
    const said = { waitForLog: true, batchBytesMax: KIB, ioTimeoutMs: 0, handlesMax: HANDLES_MIN };
    const ports = { signal: new AbortController().signal, fileSystem: portOf(FILE_SYSTEM), clock: portOf(CLOCK) };
    expect(checkReaderOptions({ ...said, ...ports })._unsafeUnwrap()).toEqual(said);
  });

  it.each([
    ['waitForLog', [null, 0, 'true', {}]],
    ['signal', [null, 1, 'x', true, {}, [], { aborted: false }]],
    ['batchBytesMax', [KIB - 1, GIB + 1, '1', null, 1024.5]],
    ['ioTimeoutMs', [-1, TIMER_MAX + 1, NaN, null]],
    ['handlesMax', [HANDLES_MIN - 1, Infinity, null]],
    ['fileSystem', [null, {}, 1, portOf(CLOCK)]],
    ['clock', [null, {}, 1, portOf(FILE_SYSTEM)]],
  ])('%s of a wrong type or beyond its bounds is invalid-options', (name, values) => {
    for (const value of values) expect(wrong({ [name]: value })).toMatchObject({ kind: 'invalid-options', option: name });
  });

  it.each(NO_OBJECTS)('%o is no options at all', (options) => {
    expect(wrong(options)).toMatchObject({ kind: 'invalid-options', option: 'options' });
  });

  it.each(['ack', 'retention', 'create', 'toString', ''])('%j is unknown to a reader', (name) => {
    expect(wrong({ [name]: 1 })).toMatchObject({ kind: 'invalid-options', option: name });
  });
});

describe('what is wrong with an option', () => {
  it.each([
    [7, 'options: must be an object'],
    [{ retain: 1 }, 'retain: is not an option'],
    [{ retention: { hours: 1 } }, 'retention.hours: is not an option'],
    [{ retention: 1 }, 'retention: must be an object'],
    [{ ack: 'all' }, 'ack: must be one of flushed, written'],
    [{ segmentBytesMax: 1 }, 'segmentBytesMax: must be an integer 65536 … 1073741824'],
    [{ segmentMs: 0 }, 'segmentMs: must be an integer 1 … 2^53 − 1'],
    [{ space: { lowPercent: 101 } }, 'space.lowPercent: must be a number 0 … 100'],
    [{ onProgress: 1 }, 'onProgress: must be a function'],
    [{ clock: 1 }, 'clock: must be an object'],
    [{ clock: portOf(CLOCK.slice(1)) }, 'clock: must have the method now'],
    [{ queueBytesMax: KIB }, 'queueBytesMax: must hold at least one batch (batchBytesMax is 1048576)'],
    [{ space: { lowBytes: 1, highBytes: 1 } }, 'space.highBytes: must be above space.lowBytes, or the state would flap'],
    [{ space: { lowPercent: 1, highPercent: 1 } }, 'space.highPercent: must be above space.lowPercent, or the state would flap'],
  ])('is said in words: %#', (options, message) => {
    expect(refused(options)).toMatchObject({ message });
  });

  it('is said of a reader’s options too', () => {
    expect(checkReaderOptions(7)._unsafeUnwrapErr().message).toBe('options: must be an object');
    expect(checkReaderOptions({ signal: 1 })._unsafeUnwrapErr().message).toBe('signal: must be an AbortSignal');
  });
});
