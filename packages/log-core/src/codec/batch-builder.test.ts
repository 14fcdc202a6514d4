import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord, RecordInput } from '../model/record.js';
import { BatchBuilder, type AppendToBatch } from './batch-builder.js';
import { decodeBatchHeader } from './batch-header.js';
import { checkBatch, checkRecords } from './check-batch.js';
import { crc32cTable } from './crc32c.js';
import { decodeRecordsChecked } from './decode-records.js';

const roomy = 1 << 20;
const now = 1700000000000;
const encoder = new TextEncoder();

const finished = (builder: BatchBuilder, baseOffset = 0): Uint8Array => Uint8Array.from(builder.finish(baseOffset, 7, 3, crc32cTable));

/** The records of what the builder holds, after every check there is. */
const recordsOf = (builder: BatchBuilder, baseOffset = 0): LogRecord[] => {
  const bytes = finished(builder, baseOffset);
  expect(bytes.length).toBe(builder.bytes);
  const verdict = checkBatch(bytes, 0, bytes.length, baseOffset, bytes.length, crc32cTable);
  expect(verdict.kind).toBe('valid');
  const header = decodeBatchHeader(bytes, 0)!;
  expect(checkRecords(bytes, 0, header)).toBeNull();
  expect([header.recordsCount, header.maxTimestamp]).toEqual([builder.recordsCount, builder.maxTimestamp]);
  return decodeRecordsChecked(bytes, 0, header)._unsafeUnwrap();
};

const holding = (...appends: readonly (RecordInput | readonly RecordInput[])[]): BatchBuilder => {
  const builder = new BatchBuilder(roomy);
  for (const append of appends) expect(builder.tryAppend(append, now).kind).toBe('appended');
  return builder;
};

const bytesOrText = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constant('é'.repeat(200)),
  fc.constant(new Uint8Array(300).fill(7)),
);
const field = fc.option(bytesOrText, { freq: 4 });
const header = fc.tuple(fc.string({ unit: 'binary', maxLength: 5 }), field);
const timestamp = fc.oneof(fc.integer({ min: now - 100, max: now + 100 }), fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const record: fc.Arbitrary<RecordInput> = fc.oneof(
  bytesOrText,
  fc.record({ key: field, value: field, headers: fc.array(header, { maxLength: 3 }), timestamp }, { requiredKeys: [] }),
);
const group = fc.array(record, { minLength: 1, maxLength: 4 });

const asBytes = (value: Uint8Array | string | null | undefined): Uint8Array | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? encoder.encode(value) : Uint8Array.from(value);

/** What must be read where this was appended. */
const expected = (input: RecordInput, offset: number): LogRecord => {
  const given = typeof input === 'string' || input instanceof Uint8Array ? { value: input } : input;
  return {
    offset,
    timestamp: given.timestamp ?? now,
    key: asBytes(given.key),
    value: asBytes(given.value),
    // A lone surrogate in a name comes back as what it was encoded to.
    headers: (given.headers ?? []).map(([name, value]) => [new TextDecoder('utf-8', { ignoreBOM: true }).decode(encoder.encode(name)), asBytes(value)]),
  };
};

describe('BatchBuilder', () => {
  it('gives a large buffer back, halving it, when it was of no use for long', () => {
    const builder = new BatchBuilder(roomy);
    const bufferBytes = (): number => {
      builder.tryAppend('small', now);
      const { byteLength } = builder.finish(0, 7, 3, crc32cTable).buffer;
      builder.reset();
      return byteLength;
    };
    const runOfSmall = (): number[] => Array.from({ length: 256 }, bufferBytes);

    builder.tryAppend(new Uint8Array(100_000), now);
    builder.reset();
    expect(new Set(runOfSmall())).toEqual(new Set([128 * 1024]));
    expect(new Set(runOfSmall())).toEqual(new Set([64 * 1024]));
    // A batch that needs the size begins the run anew.
    for (let count = 0; count < 200; count++) bufferBytes();
    builder.tryAppend(new Uint8Array(20_000), now);
    builder.reset();
    for (let count = 0; count < 200; count++) bufferBytes();
    expect(bufferBytes()).toBe(32 * 1024);
    for (let count = 0; count < 2000; count++) bufferBytes();
    expect(bufferBytes()).toBe(16 * 1024);
  });

  it('is empty at first and after reset', () => {
    const builder = new BatchBuilder(roomy);
    const state = () => [builder.recordsCount, builder.bytes, builder.maxTimestamp];
    expect(state()).toEqual([0, 61, -1]);
    builder.tryAppend(['a', 'b'], now);
    expect(state()).toEqual([2, 77, now]);
    builder.reset();
    expect(state()).toEqual([0, 61, -1]);
    builder.tryAppend('c', 5);
    expect(recordsOf(builder)).toEqual([expected({ value: 'c', timestamp: 5 }, 0)]);
  });

  it('always reads back as appended', () => {
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 6 }), fc.nat({ max: 2 ** 40 }), (groups, baseOffset) => {
        const builder = new BatchBuilder(roomy);
        let delta = 0;
        for (const records of groups) {
          const before = builder.bytes;
          const last = expected(records[records.length - 1]!, 0).timestamp;
          const result = builder.tryAppend(records, now);
          expect(result).toEqual({ kind: 'appended', firstDelta: delta, count: records.length, bytes: builder.bytes - before, timestamp: last });
          delta += records.length;
        }
        expect(recordsOf(builder, baseOffset)).toEqual(groups.flat().map((input, index) => expected(input, baseOffset + index)));
      }),
    );
  });

  it('takes bytes inside the call: later mutation is harmless', () => {
    const value = Uint8Array.of(1, 2, 3);
    const builder = holding({ value });
    value.fill(9);
    expect(recordsOf(builder)[0]!.value).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('takes an array for records, and bytes or text for a value', () => {
    expect(recordsOf(holding(Uint8Array.of(1)))).toHaveLength(1);
    expect(recordsOf(holding('ab'))).toHaveLength(1);
    expect(recordsOf(holding(['a', Buffer.from('b'), {}]))).toEqual([expected('a', 0), expected(encoder.encode('b'), 1), expected({}, 2)]);
  });

  it('keeps null, missing and empty apart', () => {
    const [missing, isNull, empty] = recordsOf(holding([{}, { key: null, value: null }, { key: '', value: new Uint8Array(0) }]));
    expect([missing!.key, missing!.value, isNull!.key, isNull!.value]).toEqual([null, null, null, null]);
    expect([empty!.key, empty!.value]).toEqual([new Uint8Array(0), new Uint8Array(0)]);
  });

  it('takes records of other shapes: class instances, no prototype, getters, undefined properties', () => {
    class Reading {
      constructor(readonly value: string) {}
      get key(): string {
        return 'k';
      }
    }
    const bare = Object.assign(Object.create(null) as object, { value: 'v' });
    const inherited = Object.assign(Object.create({ unit: 'not its own' }) as object, { value: 'v' });
    const undefinedFields = { key: undefined, value: 'v', headers: undefined, timestamp: undefined } as unknown as RecordInput;
    expect(recordsOf(holding([new Reading('v'), bare, undefinedFields, inherited]))).toEqual([
      expected({ key: 'k', value: 'v' }, 0),
      expected({ value: 'v' }, 1),
      expected({ value: 'v' }, 2),
      expected({ value: 'v' }, 3),
    ]);
  });

  it('takes the timestamp −0 for 0', () => {
    const builder = new BatchBuilder(roomy);
    const result = builder.tryAppend({ timestamp: -0 }, now);
    expect(result.kind === 'appended' && Object.is(result.timestamp, 0)).toBe(true);
    expect(builder.maxTimestamp).toBe(0);
  });

  it('grows its buffer up to the bound, keeping what is there', () => {
    const builder = new BatchBuilder(100_000);
    const value = (index: number): string => String(index).repeat(9000).slice(0, 9000);
    let count = 0;
    while (builder.tryAppend(value(count), now).kind === 'appended') count += 1;
    expect(count).toBe(11);
    const texts = recordsOf(builder).map((read) => Buffer.from(read.value!).toString());
    expect(texts).toEqual(Array.from({ length: count }, (_, index) => value(index)));
  });

  it('finishes again with other arguments, changing nothing but what they say', () => {
    const builder = holding('a');
    const first = finished(builder);
    const second = Uint8Array.from(builder.finish(5, -2, 2 ** 31 - 1, crc32cTable));
    expect(decodeBatchHeader(second, 0)).toMatchObject({ baseOffset: 5, producerId: -1, producerEpoch: -2, baseSequence: 2 ** 31 - 1 });
    expect(second.subarray(57)).toEqual(first.subarray(57));
    expect(finished(builder)).toEqual(first);
  });
});

describe('BatchBuilder bounds', () => {
  // 61 of header; length, attributes, two deltas, null key, value length, value, no headers.
  const room = 61 + 7 + 10;

  it('fills a batch to its bound exactly', () => {
    const builder = new BatchBuilder(room);
    expect(builder.tryAppend('x'.repeat(10), now)).toMatchObject({ kind: 'appended', bytes: 17 });
    expect(builder.bytes).toBe(room);
    expect(recordsOf(builder)).toHaveLength(1);
  });

  it('answers full where an empty batch would do, and too-large with the size where not even that', () => {
    const builder = new BatchBuilder(room);
    builder.tryAppend('x', now);
    expect(builder.tryAppend('x'.repeat(10), now)).toEqual({ kind: 'full' });
    expect(builder.tryAppend('x'.repeat(11), now)).toEqual({ kind: 'too-large', bytes: room + 1 });
    expect(builder.tryAppend(['', '', ''], now)).toEqual({ kind: 'too-large', bytes: 61 + 21 });
    expect(recordsOf(builder)).toEqual([expected('x', 0)]);
  });

  it('measures too-large as an empty batch would, whose deltas are smaller', () => {
    const builder = new BatchBuilder(61 + 7 + 300);
    builder.tryAppend({ value: '', timestamp: Number.MAX_SAFE_INTEGER }, now);
    const value = new Uint8Array(298);
    expect(builder.tryAppend({ value, timestamp: 0 }, now)).toEqual({ kind: 'full' });
    builder.reset();
    expect(builder.tryAppend({ value, timestamp: 0 }, now)).toMatchObject({ kind: 'appended' });
    expect(builder.bytes).toBe(61 + 7 + 300);
  });

  it('never exceeds its bound, and is full only where the next one would not fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 61, max: 3000 }), fc.array(group, { maxLength: 20 }), (bytesMax, groups) => {
        const builder = new BatchBuilder(bytesMax);
        const held: RecordInput[] = [];
        for (const records of groups) {
          const before = builder.bytes;
          const result = builder.tryAppend(records, now);
          if (result.kind === 'appended') held.push(...records);
          else expect([builder.bytes, builder.recordsCount]).toEqual([before, held.length]);
          const alone = holding(records).bytes;
          expect(result.kind === 'too-large').toBe(alone > bytesMax);
          if (result.kind === 'too-large') expect(result.bytes).toBe(alone);
          if (result.kind === 'full') expect(holding(held, ...(held.length > 0 ? [records] : [])).bytes).toBeGreaterThan(bytesMax);
          expect(builder.bytes).toBeLessThanOrEqual(bytesMax);
        }
        if (held.length > 0) expect(recordsOf(builder)).toEqual(held.map((input, index) => expected(input, index)));
      }),
      { numRuns: 50 },
    );
  });
});

const detached = (): Uint8Array => {
  const bytes = Uint8Array.of(1, 2);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
};

describe('BatchBuilder refuses', () => {
  const invalid = (input: unknown): string => {
    const builder = holding('kept');
    const before = finished(builder);
    const result: AppendToBatch = builder.tryAppend(input as RecordInput, now);
    expect(finished(builder)).toEqual(before);
    expect(builder.tryAppend([{ value: 'also kept' }, input as RecordInput], now).kind).toBe('invalid');
    expect(finished(builder)).toEqual(before);
    return result.kind === 'invalid' ? result.message : JSON.stringify(result);
  };

  const cases: readonly (readonly [name: string, input: unknown, message: string])[] = [
    ['an empty array', [], 'an empty array has no record to append'],
    ['null', null, 'a record must be an object, a Uint8Array or a string, not null'],
    ['undefined', undefined, 'a record must be an object, a Uint8Array or a string, not undefined'],
    ['a number', 7, 'a record must be an object, a Uint8Array or a string, not number'],
    ['a function', () => 'x', 'a record must be an object, a Uint8Array or a string, not function'],
    ['a hole in an array', Array(1), '[0]: a record must be an object, a Uint8Array or a string, not undefined'],
    ['an array in an array', [['x']], '[0]: a record must be an object, a Uint8Array or a string, not an array'],
    ['an unknown property', { value: 'x', vaule: 'y' }, 'a record to append has no property "vaule"'],
    ['an offset', { value: 'x', offset: 1 }, 'a record to append has no property "offset"'],
    ['an object that is no record', new Date(0), 'a record must be an object with key, value, headers or timestamp'],
    ['a promise', Promise.resolve('x'), 'a record must be an object with key, value, headers or timestamp'],
    ['other bytes', new ArrayBuffer(3), 'a record must be an object with key, value, headers or timestamp'],
    ['a number as value', { value: 1 }, 'value must be a Uint8Array, a string or null, not number'],
    ['an object as value', { value: {} }, 'value must be a Uint8Array, a string or null, not object'],
    ['other bytes as value', { value: new Uint16Array(1) }, 'value must be a Uint8Array, a string or null, not object'],
    ['a boolean as key', { key: true }, 'key must be a Uint8Array, a string or null, not boolean'],
    ['a detached buffer', detached(), 'value is a view of a detached buffer'],
    ['a detached buffer as key', { key: detached() }, 'key is a view of a detached buffer'],
    ['headers that are no array', { headers: { h: 'x' } }, 'headers must be an array, not object'],
    ['headers null', { headers: null }, 'headers must be an array, not null'],
    ['a header that is no pair', { headers: [['h', 'x'], ['h']] }, 'headers[1] must be [name, value]'],
    ['a header of text', { headers: ['hx'] }, 'headers[0] must be [name, value]'],
    ['a header name that is none', { headers: [[1, 'x']] }, 'the name of headers[0] must be a string, not number'],
    ['a header value that is none', { headers: [['h', 1]] }, 'the value of headers[0] must be a Uint8Array, a string or null, not number'],
    ['a header value that is missing', { headers: [['h', undefined]] }, 'the value of headers[0] must be a Uint8Array, a string or null, not undefined'],
    ['a detached header value', { headers: [['h', detached()]] }, 'the value of headers[0] is a view of a detached buffer'],
  ];
  it.each(cases)('%s', (_, input, message) => {
    expect(invalid(input)).toBe(message);
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53, '5', 5n, null])('the timestamp %s', (value) => {
    expect(invalid({ timestamp: value })).toBe('timestamp must be an integer 0 … 2^53 − 1');
  });

  it('proxies and getters that throw', () => {
    const throwing = (): never => {
      throw new Error('from the user');
    };
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const inputs = [
      proxy,
      new Proxy({}, { ownKeys: throwing }),
      new Proxy({ value: 'x' }, { get: throwing }),
      new Proxy(['x'], { get: throwing }),
      { get value() { return throwing(); } },
      { headers: new Proxy([['h', 'x']], { get: throwing }) },
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a user may throw anything, also what throws when looked at
      { get key(): never { throw new Proxy({}, { get: throwing }); } },
    ];
    for (const input of inputs) expect(invalid(input)).toBe('the record could not be read: a property of it throws');
    expect(invalid({ value: new Proxy(new Uint8Array(1), {}) })).toBe('value must be a Uint8Array, a string or null, not object');
  });
});

describe('BatchBuilder with a getter of the user\'s that interferes', () => {
  const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.of(1, 2, 3);
  const thiefOf = (stolen: Uint8Array<ArrayBuffer>): { readonly value: string } => ({
    get value() {
      structuredClone(stolen.buffer, { transfer: [stolen.buffer] });
      return 'x';
    },
  });

  it('holds the bytes of an earlier record that a later one takes away', () => {
    const stolen = bytes();
    expect(recordsOf(holding('kept', [{ value: stolen }, thiefOf(stolen)])).map(({ value }) => value)).toEqual([
      asBytes('kept'),
      bytes(),
      asBytes('x'),
    ]);
  });

  it('refuses bytes that the same record takes away, whichever of its properties does', () => {
    for (const takes of ['value', 'headers', 'timestamp'] as const) {
      const key = bytes();
      const thief = thiefOf(key);
      const record = { key, get [takes]() { return takes === 'value' ? thief.value : takes === 'headers' ? [[thief.value, 'h']] : thief.value.length; } };
      const builder = holding('kept');
      const before = finished(builder);
      expect(builder.tryAppend(record as RecordInput, now)).toEqual({ kind: 'invalid', message: 'key is a view of a detached buffer' });
      expect(finished(builder)).toEqual(before);
    }
  });

  it('is full for an append that a getter of another one asks for', () => {
    const builder = new BatchBuilder(roomy);
    const inner: AppendToBatch[] = [];
    const outer = {
      get value(): string {
        inner.push(builder.tryAppend('inner', now));
        return 'outer';
      },
    };
    expect(builder.tryAppend(['first', outer], now)).toMatchObject({ kind: 'appended', firstDelta: 0, count: 2 });
    expect(inner).toEqual([{ kind: 'full' }]);
    expect(recordsOf(builder)).toEqual([expected('first', 0), expected('outer', 1)]);
  });
});

type Step =
  | { readonly append: readonly RecordInput[] }
  | { readonly removeFrom: number; readonly count: number }
  | { readonly removeNth: number }
  | { readonly removeLast: true };

describe('BatchBuilder.removeRecords', () => {
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ append: group }) },
      { weight: 1, arbitrary: fc.record({ removeNth: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ removeFrom: fc.nat(40), count: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 1, arbitrary: fc.constant({ removeLast: true as const }) },
    ),
    { maxLength: 12 },
  );

  /** Carries out the steps; answers the records that are left. */
  const carryOut = (builder: BatchBuilder, toDo: readonly Step[]): RecordInput[] => {
    const held: RecordInput[][] = [];
    for (const step of toDo) {
      if ('append' in step) {
        if (builder.tryAppend(step.append, now).kind === 'appended') held.push([...step.append]);
      } else if ('removeFrom' in step) {
        // Any records: a part of one append, or parts of several.
        const from = step.removeFrom % (held.flat().length + 1);
        const count = Math.min(step.count, held.flat().length - from);
        builder.removeRecords(from, count);
        const left = held.flat();
        left.splice(from, count);
        held.splice(0, held.length, ...left.map((each) => [each]));
      } else if (held.length > 0) {
        const index = 'removeLast' in step ? held.length - 1 : step.removeNth % held.length;
        builder.removeRecords(held.slice(0, index).flat().length, held[index]!.length);
        held.splice(index, 1);
      }
      expect(builder.recordsCount).toBe(held.flat().length);
    }
    return held.flat();
  };

  it('always equals building without them', () => {
    fc.assert(
      fc.property(steps, (toDo) => {
        const builder = new BatchBuilder(roomy);
        const without = holding(...carryOut(builder, toDo).map((each) => [each]));
        expect([builder.bytes, builder.maxTimestamp]).toEqual([without.bytes, without.maxTimestamp]);
        if (without.recordsCount > 0) expect(finished(builder)).toEqual(finished(without));
      }),
    );
  });

  it('never exceeds the bound, and always keeps the content, in a batch that is nearly full', () => {
    fc.assert(
      fc.property(fc.integer({ min: 80, max: 1200 }), steps, (bytesMax, toDo) => {
        const builder = new BatchBuilder(bytesMax);
        const held = carryOut(builder, toDo);
        expect(builder.bytes).toBeLessThanOrEqual(bytesMax);
        if (held.length > 0) expect(recordsOf(builder)).toEqual(held.map((input, index) => expected(input, index)));
      }),
    );
  });

  it('keeps the former base timestamp where another would exceed the bound', () => {
    const leap = { value: '', timestamp: Number.MAX_SAFE_INTEGER };
    const early = Array.from({ length: 5 }, () => ({ value: '', timestamp: 0 }));
    // As they are: 7 bytes each, one of them with a delta 7 bytes longer. With the leap as base, five such deltas.
    const builder = new BatchBuilder(61 + 7 * 7 + 7);
    for (const append of [{ value: '', timestamp: 0 }, leap, early]) expect(builder.tryAppend(append, now).kind).toBe('appended');
    builder.removeRecords(0, 1);
    expect(decodeBatchHeader(finished(builder), 0)).toMatchObject({ baseTimestamp: 0, maxTimestamp: Number.MAX_SAFE_INTEGER });
    expect(recordsOf(builder)).toEqual([leap, ...early].map(expected));
  });

  it('takes a part of the last append out after an earlier one', () => {
    const builder = holding('a', 'b', ['c', 'd', 'e']);
    builder.removeRecords(0, 1);
    builder.removeRecords(2, 2);
    expect(finished(builder)).toEqual(finished(holding('b', 'c')));
  });

  it('takes the last append back without a walk over the others', () => {
    const builder = new BatchBuilder(16 << 20);
    builder.tryAppend(Array.from({ length: 100_000 }, () => 'x'), now);
    const before = process.cpuUsage().user;
    for (let round = 0; round < 1000; round++) {
      const added = builder.tryAppend('y', now + 1);
      if (added.kind === 'appended') builder.removeRecords(added.firstDelta, added.count);
    }
    // A walk would take a millisecond and more each time.
    expect(process.cpuUsage().user - before).toBeLessThan(300_000);
    expect([builder.recordsCount, builder.maxTimestamp]).toEqual([100_000, now]);
  });

  it('leaves the batch alone where there are no such records', () => {
    const builder = holding(['a', 'b']);
    const before = finished(builder);
    for (const [firstDelta, count] of [[0, 0], [-1, 1], [1, 2], [2, 1], [0, -1]] as const) builder.removeRecords(firstDelta, count);
    expect(finished(builder)).toEqual(before);
  });
});

describe('records by their properties', () => {
  class Own {
    describe(): string {
      return 'its own';
    }
  }

  it.each([['key', 'k'], ['headers', []], ['timestamp', 5], ['value', 'v']])('an object of a class of its own with a %s is a record', (name, what) => {
    for (const enumerable of [true, false]) {
      const record = Object.defineProperty(new Own(), name, { value: what, enumerable });
      expect(new BatchBuilder(1 << 10).tryAppend(record as object, 0).kind).toBe('appended');
    }
  });

  it('an object without prototype and properties is a record without key and value', () => {
    expect(new BatchBuilder(1 << 10).tryAppend(Object.create(null) as object, 0).kind).toBe('appended');
  });

  it('a view of something else than bytes is none, and is said to be none', () => {
    for (const view of [new DataView(new ArrayBuffer(8)), new Float64Array(1)]) {
      expect(new BatchBuilder(1 << 10).tryAppend(view as object, 0)).toMatchObject({ kind: 'invalid', message: expect.stringContaining('a record') as string });
    }
  });
});
