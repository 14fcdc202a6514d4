/** `MessageLog.open`, with the ports handed in: arguments checked, files opened, the log put together. */
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { checkDirectory } from '../decide/check-arguments.js';
import { checkLogOptions } from '../decide/check-options.js';
import { diskError, isLost } from '../decide/failure-policy.js';
import { SIDE_FILES } from '../decide/file-names.js';
import type { MessageLog } from '../model/api.js';
import type { OpenError } from '../model/errors.js';
import { contained, internalError } from './contain-bug.js';
import { OpenLog } from './message-log.js';
import { giveBackInTime, openFiles, type LogPorts } from './open-log.js';
import type { LogOptions } from './open-options.js';
import { PositionsFile } from './positions-file.js';

/** @internal */
export function openMessageLog(dir: string, options: LogOptions | undefined, ports: LogPorts): ResultAsync<MessageLog, OpenError> {
  return contained(open(dir, options, ports), internalError);
}

async function open(dir: string, options: LogOptions | undefined, ports: LogPorts): Promise<Result<MessageLog, OpenError>> {
  const wrong = checkDirectory(dir);
  if (wrong !== null) return err(wrong);
  const settings = checkLogOptions(options);
  if (settings.isErr()) return err(settings.error);
  const given = { ...ports, ...(options?.fileSystem && { fileSystem: options.fileSystem }), ...(options?.clock && { clock: options.clock }) };
  const opened = await openFiles(dir, settings.value, given);
  if (opened.isErr()) return err(opened.error);
  const positions = new PositionsFile(opened.value.ctx);
  const loaded = await positions.load();
  if (loaded.isOk()) return ok(new OpenLog(opened.value, positions));
  const { ctx, start, report } = opened.value;
  if (isLost(loaded.error.symbol)) {
    const repaired = [...report.repaired, { file: SIDE_FILES.positions, what: 'it cannot be read: consumers are asked to wait for it' }];
    return ok(new OpenLog({ ...opened.value, report: { ...report, repaired } }, positions));
  }
  await start.active?.close();
  await start.checkpoint.close();
  await giveBackInTime(ctx);
  return err(diskError('read', loaded.error));
}
