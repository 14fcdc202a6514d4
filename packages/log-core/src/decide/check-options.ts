/**
 * Options as given → settings with every default filled in, or the first thing that is wrong with
 * them. An unknown name, a wrong type, a bound exceeded and a contradiction are all `invalid-options`.
 */
import { err, ok, type Result } from 'neverthrow';
import type { InvalidOptions } from '../model/errors.js';
import type { LogSettings, ReaderSettings } from '../model/options.js';
import { GIB, KIB, MIB } from '../model/units.js';
import { isSignal, missingMethod, plainOptions } from './given-options.js';

type Bag = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => string | null;

/** The smallest handle budget a log works with: its own files and a few readers. @internal */
export const HANDLES_MIN = 16;

const integer =
  (min: number, max: number = Number.MAX_SAFE_INTEGER): Rule =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : `must be an integer ${String(min)} … ${max === Number.MAX_SAFE_INTEGER ? '2^53 − 1' : String(max)}`;

const percent: Rule = (value) =>
  typeof value === 'number' && value >= 0 && value <= 100 ? null : 'must be a number 0 … 100';

const oneOf =
  (...allowed: readonly unknown[]): Rule =>
  (value) =>
    allowed.includes(value) ? null : `must be one of ${allowed.map(String).join(', ')}`;

const bag: Rule = (value) => (isBag(value) ? null : 'must be an object');
const callable: Rule = (value) => (typeof value === 'function' ? null : 'must be a function');

/** A port: an object, or an instance, that has these methods. */
const port =
  (...methods: readonly string[]): Rule =>
  (value) => {
    if (!isBag(value)) return 'must be an object';
    const missing = missingMethod(value, methods);
    return missing === null ? null : `must have the method ${missing}`;
  };

const FILE_SYSTEM_RULE = port('open', 'readDirectory', 'stat', 'statFileSystem', 'rename', 'unlink', 'makeDirectory', 'watch', 'bootId');
const CLOCK_RULE = port('now', 'monotonic', 'setTimer', 'defer');

const SIGNAL_RULE: Rule = (value) => (isSignal(value) ? null : 'must be an AbortSignal');

/** A timer's longest delay; anything above fires at once in Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;

const LOG_RULES: Readonly<Record<string, Rule>> = {
  ack: oneOf('flushed', 'written'),
  segmentBytesMax: integer(64 * KIB, GIB),
  segmentMs: integer(1),
  batchBytesMax: integer(KIB, GIB),
  queueBytesMax: integer(KIB),
  flushIntervalMs: integer(1, TIMER_MS_MAX),
  flushBytesMax: integer(1),
  retention: bag,
  onDiskFull: oneOf('reject', 'delete-expired', 'delete-oldest'),
  keepBytesMin: integer(0),
  keepMsMin: integer(0),
  space: bag,
  quotaBytesMax: integer(64 * KIB),
  ioTimeoutMs: integer(0, TIMER_MS_MAX),
  onCorruption: oneOf('refuse', 'quarantine'),
  indexIntervalBytes: integer(1),
  handlesMax: integer(HANDLES_MIN),
  create: oneOf(true, false),
  onProgress: callable,
  fileSystem: FILE_SYSTEM_RULE,
  clock: CLOCK_RULE,
};

const RETENTION_RULES: Readonly<Record<string, Rule>> = {
  bytes: integer(0),
  ms: integer(0),
  segmentsMax: integer(1),
  keepUnconsumed: oneOf(true, false),
  intervalMs: integer(1, TIMER_MS_MAX),
};

const SPACE_RULES: Readonly<Record<string, Rule>> = {
  lowBytes: integer(0),
  highBytes: integer(0),
  lowPercent: percent,
  highPercent: percent,
  reserveBytes: integer(0, GIB),
  intervalMs: integer(1, TIMER_MS_MAX),
};

const READER_RULES: Readonly<Record<string, Rule>> = {
  waitForLog: oneOf(true, false),
  signal: SIGNAL_RULE,
  batchBytesMax: integer(KIB, GIB),
  ioTimeoutMs: integer(0, TIMER_MS_MAX),
  handlesMax: integer(HANDLES_MIN),
  fileSystem: FILE_SYSTEM_RULE,
  clock: CLOCK_RULE,
};

/** Checks the options of `MessageLog.open`, which come plain. @internal */
export function checkLogOptions(options: unknown): Result<LogSettings, InvalidOptions> {
  const outer = options === undefined ? {} : options;
  if (!isBag(outer)) return err(invalid('options', 'must be an object'));
  const given: Bag = { ...outer, retention: plainOptions(outer['retention']), space: plainOptions(outer['space']) };
  const retention = given['retention'] ?? {};
  const space = given['space'] ?? {};
  const wrong =
    firstWrong(given, LOG_RULES, '') ??
    firstWrong(retention as Bag, RETENTION_RULES, 'retention.') ??
    firstWrong(space as Bag, SPACE_RULES, 'space.');
  if (wrong !== null) return err(wrong);
  const settings = fillIn(given, retention as Bag, space as Bag);
  const contradiction = firstContradiction(settings);
  return contradiction === null ? ok(settings) : err(contradiction);
}

/** Checks the options of `MessageLog.openReader`, which come plain. @internal */
export function checkReaderOptions(options: unknown): Result<ReaderSettings, InvalidOptions> {
  const given = options === undefined ? {} : options;
  if (!isBag(given)) return err(invalid('options', 'must be an object'));
  const wrong = firstWrong(given, READER_RULES, '');
  if (wrong !== null) return err(wrong);
  return ok({
    waitForLog: pick(given, 'waitForLog', false),
    batchBytesMax: pick(given, 'batchBytesMax', MIB),
    ioTimeoutMs: pick(given, 'ioTimeoutMs', 30_000),
    handlesMax: pick(given, 'handlesMax', 64),
  });
}

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(option: string, message: string): InvalidOptions {
  return { kind: 'invalid-options', option, message: `${option}: ${message}` };
}

function firstWrong(given: Bag, rules: Readonly<Record<string, Rule>>, prefix: string): InvalidOptions | null {
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) return invalid(prefix + name, 'is not an option');
    const wrong = value === undefined ? null : rule(value);
    if (wrong !== null) return invalid(prefix + name, wrong);
  }
  return null;
}

/** The value given, or the default; its type was checked by the rule of the same name. */
function pick<T>(given: Bag, name: string, fallback: T): T {
  const value = given[name];
  return value === undefined ? fallback : (value as T);
}

function fillIn(given: Bag, retention: Bag, space: Bag): LogSettings {
  return {
    ack: pick(given, 'ack', 'flushed'),
    segmentBytesMax: pick(given, 'segmentBytesMax', 128 * MIB),
    segmentMs: pick(given, 'segmentMs', null),
    batchBytesMax: pick(given, 'batchBytesMax', MIB),
    queueBytesMax: pick(given, 'queueBytesMax', 64 * MIB),
    flushIntervalMs: pick(given, 'flushIntervalMs', 1_000),
    flushBytesMax: pick(given, 'flushBytesMax', 64 * MIB),
    retention: {
      bytes: pick(retention, 'bytes', null),
      ms: pick(retention, 'ms', null),
      segmentsMax: pick(retention, 'segmentsMax', null),
      keepUnconsumed: pick(retention, 'keepUnconsumed', false),
      intervalMs: pick(retention, 'intervalMs', 10_000),
    },
    onDiskFull: pick(given, 'onDiskFull', 'delete-expired'),
    keepBytesMin: pick(given, 'keepBytesMin', 0),
    keepMsMin: pick(given, 'keepMsMin', 0),
    space: {
      lowBytes: pick(space, 'lowBytes', null),
      highBytes: pick(space, 'highBytes', null),
      lowPercent: pick(space, 'lowPercent', null),
      highPercent: pick(space, 'highPercent', null),
      reserveBytes: pick(space, 'reserveBytes', null),
      intervalMs: pick(space, 'intervalMs', 1_000),
    },
    quotaBytesMax: pick(given, 'quotaBytesMax', null),
    ioTimeoutMs: pick(given, 'ioTimeoutMs', 30_000),
    onCorruption: pick(given, 'onCorruption', 'refuse'),
    indexIntervalBytes: pick(given, 'indexIntervalBytes', 4 * KIB),
    handlesMax: pick(given, 'handlesMax', 64),
    create: pick(given, 'create', true),
    onProgress: pick(given, 'onProgress', null),
  };
}

function firstContradiction(s: LogSettings): InvalidOptions | null {
  if (s.queueBytesMax < s.batchBytesMax) {
    return invalid('queueBytesMax', `must hold at least one batch (batchBytesMax is ${String(s.batchBytesMax)})`);
  }
  const { lowBytes, highBytes, lowPercent, highPercent } = s.space;
  if (lowBytes !== null && highBytes !== null && lowBytes >= highBytes) {
    return invalid('space.highBytes', 'must be above space.lowBytes, or the state would flap');
  }
  if (lowPercent !== null && highPercent !== null && lowPercent >= highPercent) {
    return invalid('space.highPercent', 'must be above space.lowPercent, or the state would flap');
  }
  return null;
}
