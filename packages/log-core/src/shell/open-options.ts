/** The options of opening, ports included, as users give them, and what is made of the ports. */
import type { LogPolicyOptions, ReaderPolicyOptions } from '../model/options.js';
import type { Clock } from '../ports/clock.js';
import type { FileSystem } from '../ports/file-system.js';
import type { LogPorts } from './open-log.js';

/** The ports, for a simulated disk or clock; Node's by default. @public */
export interface PortOptions {
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
}

/** What a log runs on where its options bring nothing else. @internal */
export interface HostPorts extends LogPorts {
  /** The directory wherever the process goes later. */
  readonly absolutePath: (dir: string) => string;
}

/** The directory and the ports to open with: what another file system's paths mean is its own. @internal */
export function placeOf(dir: string, options: PortOptions | undefined, host: HostPorts): { readonly dir: string; readonly ports: LogPorts } {
  const { fileSystem, clock } = options ?? {};
  const ports = { fileSystem: fileSystem ?? host.fileSystem, clock: clock ?? host.clock, crc32c: host.crc32c };
  return { dir: fileSystem === undefined ? host.absolutePath(dir) : dir, ports };
}

/** Options of `MessageLog.open`. Sizes in bytes, times in milliseconds. @public */
export interface LogOptions extends LogPolicyOptions, PortOptions {}

/** Options of `MessageLog.openReader`. @public */
export interface ReaderOptions extends ReaderPolicyOptions, PortOptions {}
