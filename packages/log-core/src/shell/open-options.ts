/** The options of opening, ports included, as users give them. */
import type { LogPolicyOptions, ReaderPolicyOptions } from '../model/options.js';
import type { Clock } from '../ports/clock.js';
import type { FileSystem } from '../ports/file-system.js';

/** The ports, for a simulated disk or clock; Node's by default. @public */
export interface PortOptions {
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
}

/** Options of `MessageLog.open`. Sizes in bytes, times in milliseconds. @public */
export interface LogOptions extends LogPolicyOptions, PortOptions {}

/** Options of `MessageLog.openReader`. @public */
export interface ReaderOptions extends ReaderPolicyOptions, PortOptions {}
