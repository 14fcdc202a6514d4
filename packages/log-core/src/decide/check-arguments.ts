/** Arguments of the calls of an open log, as JavaScript callers may get them wrong; options come plain. */
import { invalidArgument, type InvalidArgument } from '../model/errors.js';
import { isSignal } from './given-options.js';

type Bag = Readonly<Record<string, unknown>>;

const READ_NAMES = new Set(['from', 'bytesMax', 'isolation', 'signal']);
const FOLLOW_NAMES = new Set(['from', 'follow', 'isolation', 'signal']);
const APPEND_NAMES = new Set(['ack', 'signal']);
const SIGNAL_NAMES = new Set(['signal']);
const VERIFY_NAMES = new Set(['signal', 'onProgress']);

/** Longest name of a consumer, in UTF-8 bytes. @internal */
export const CONSUMER_NAME_BYTES_MAX = 255;

/** @internal */
export function checkReadOptions(options: unknown): InvalidArgument | null {
  return checkBag(options, READ_NAMES) ?? checkOffset('from', (options as Bag)['from']) ?? checkBytesMax(options as Bag);
}

/** @internal */
export function checkFollowOptions(options: unknown): InvalidArgument | null {
  const wrong = checkBag(options, FOLLOW_NAMES) ?? checkOffset('from', (options as Bag)['from']);
  if (wrong !== null) return wrong;
  const { follow } = options as { follow?: unknown };
  return follow === undefined || typeof follow === 'boolean' ? null : invalidArgument('follow', 'must be true or false');
}

/** @internal */
export function checkAppendOptions(options: unknown): InvalidArgument | null {
  if (options === undefined) return null;
  const wrong = checkBag(options, APPEND_NAMES);
  if (wrong !== null) return wrong;
  const { ack } = options as { ack?: unknown };
  return ack === undefined || ack === 'flushed' || ack === 'written' ? null : invalidArgument('ack', "must be 'flushed' or 'written'");
}

/** Options that hold a signal and nothing else. @internal */
export function checkSignalOptions(options: unknown): InvalidArgument | null {
  return options === undefined ? null : checkBag(options, SIGNAL_NAMES);
}

/** @internal */
export function checkVerifyOptions(options: unknown): InvalidArgument | null {
  if (options === undefined) return null;
  const wrong = checkBag(options, VERIFY_NAMES);
  if (wrong !== null) return wrong;
  const { onProgress } = options as { onProgress?: unknown };
  return onProgress === undefined || typeof onProgress === 'function' ? null : invalidArgument('onProgress', 'must be a function');
}

/** @internal */
export function checkOffset(argument: string, value: unknown): InvalidArgument | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? null : invalidArgument(argument, 'must be an integer 0 … 2^53 − 1');
}

/** `bytes` counts UTF-8. @internal */
export function checkConsumerName(name: unknown, bytes: (text: string) => number): InvalidArgument | null {
  if (typeof name !== 'string' || name.length === 0) return invalidArgument('name', 'must be a text that is not empty');
  // Names that UTF-8 cannot tell apart would be one consumer on disk.
  if (/\p{Surrogate}/u.test(name)) return invalidArgument('name', 'must be well-formed: it has half a surrogate pair');
  return bytes(name) <= CONSUMER_NAME_BYTES_MAX ? null : invalidArgument('name', 'must take at most 255 bytes as UTF-8');
}

/** @internal */
export function checkDirectory(dir: unknown): InvalidArgument | null {
  if (typeof dir !== 'string' || dir.length === 0) return invalidArgument('dir', 'must be a path');
  return dir.includes('\0') ? invalidArgument('dir', 'must not hold a NUL character') : null;
}

function checkBag(options: unknown, names: ReadonlySet<string>): InvalidArgument | null {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return invalidArgument('options', 'must be an object');
  for (const name of Object.keys(options)) if (!names.has(name)) return invalidArgument(name, 'is not an option of this call');
  const { signal, isolation } = options as { signal?: unknown; isolation?: unknown };
  if (signal !== undefined && !isSignal(signal)) return invalidArgument('signal', 'must be an AbortSignal');
  if (isolation === undefined || isolation === 'acknowledged' || isolation === 'flushed') return null;
  return invalidArgument('isolation', "must be 'acknowledged' or 'flushed'");
}

function checkBytesMax(options: Bag): InvalidArgument | null {
  const value = options['bytesMax'];
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) > 0)) return null;
  return invalidArgument('bytesMax', 'must be an integer above 0');
}
