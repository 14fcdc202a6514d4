/**
 * The public surface of @brimlog/log-core: opening a log or a reader, and every type they speak in. This is
 * the one place that wires the engine to Node.
 */
import type { ResultAsync } from 'neverthrow';
import { absolutePath } from './adapters/node/absolute-path.js';
import { fastestCrc32c } from './adapters/node/native-crc32c.js';
import { nodeClock } from './adapters/node/node-clock.js';
import { nodeFileSystem } from './adapters/node/node-file-system.js';
import type { LogReader, MessageLog as OpenMessageLog } from './model/api.js';
import type { OpenError } from './model/errors.js';
import { openMessageLog } from './shell/open-message-log.js';
import type { HostPorts, LogOptions, ReaderOptions } from './shell/open-options.js';
import { openLogReader } from './shell/open-reader.js';

export type {
  Ack, AppendOptions, AppendResult, Consumer, ConsumerStatus, DeletionReason, DeletionResult, DeletionStop, FollowOptions, Isolation,
  LogEvents, LogMetrics, LogReader, LogState, LogStatus, Progress, QuarantinedRange, ReadBatch, ReadOptions, ReadResult, RecoveryReport,
  Repair, StateReason, VerifyOptions, VerifyProblem, VerifyReport,
} from './model/api.js';
export type * from './model/errors.js';
export type * from './model/io-failure.js';
export type * from './model/record.js';
export type { OnDiskFull, RetentionOptions, SpaceOptions } from './model/options.js';
export type { LogOptions, PortOptions, ReaderOptions } from './shell/open-options.js';
export type * from './ports/clock.js';
export type * from './ports/file-system.js';

function nodePorts(): HostPorts {
  return { fileSystem: nodeFileSystem(), clock: nodeClock(), crc32c: fastestCrc32c(), absolutePath };
}

/** A log's type, under the same name as what opens it. @public */
export type MessageLog = OpenMessageLog;

/** Opens logs, and readers of other processes' logs. @public */
export const MessageLog = {
  open(dir: string, options?: LogOptions): ResultAsync<OpenMessageLog, OpenError> {
    return openMessageLog(dir, options, nodePorts());
  },
  openReader(dir: string, options?: ReaderOptions): ResultAsync<LogReader, OpenError> {
    return openLogReader(dir, options, nodePorts());
  },
} as const;
