/**
 * What a contract suite is made of: named checks that throw where an implementation breaks its word. They
 * need no test runner, so that whoever writes a file system of their own can run them with theirs.
 */
import { AssertionError } from 'node:assert/strict';
import type { Result } from 'neverthrow';
import type { IoFailure, IoSymbol } from '../../model/io-failure.js';

/** One promise of a port, checked on `Environment`; `run` rejects with an AssertionError where it is broken. @public */
export interface ContractCheck<Environment> {
  readonly name: string;
  readonly run: (environment: Environment) => Promise<void>;
}

/** The value of a call that must succeed. @internal */
export function valueOf<T>(result: Result<T, IoFailure>): T {
  if (result.isOk()) return result.value;
  const { operation, path, symbol, message } = result.error;
  throw new AssertionError({ message: `${operation} of ${path} should succeed, failed with ${symbol}: ${message}`, actual: symbol, operator: 'valueOf' });
}

/** The failure of a call that must fail, with one of `symbols` where any are given. @internal */
export function failureOf(result: Result<unknown, IoFailure>, ...symbols: readonly IoSymbol[]): IoFailure {
  if (result.isOk()) throw new AssertionError({ message: 'the call should fail', actual: result.value, operator: 'failureOf' });
  if (symbols.length > 0 && !symbols.includes(result.error.symbol)) {
    throw new AssertionError({ message: `the call should fail with ${symbols.join(' or ')}`, actual: result.error, operator: 'failureOf' });
  }
  return result.error;
}

/** Bytes that differ from place to place and from seed to seed. @internal */
export function sampleBytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 7 + seed * 101) & 0xff);
}
