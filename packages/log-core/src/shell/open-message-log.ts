/** `MessageLog.open`, with the ports handed in: arguments checked, files opened, the log put together. */
import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { checkDirectory } from '../decide/check-arguments.js';
import { checkLogOptions } from '../decide/check-options.js';
import { diskError, isLost } from '../decide/failure-policy.js';
import { SIDE_FILES } from '../decide/file-names.js';
import { plainOptions } from '../decide/given-options.js';
import type { MessageLog } from '../model/api.js';
import type { OpenError } from '../model/errors.js';
import { contained, internalError } from './contain-bug.js';
import { OpenLog } from './message-log.js';
import { giveBackInTime, openFiles } from './open-log.js';
import { placeOf, type HostPorts, type LogOptions } from './open-options.js';
import { PositionsFile } from './positions-file.js';

/** @internal */
export function openMessageLog(dir: string, options: LogOptions | undefined, host: HostPorts): ResultAsync<MessageLog, OpenError> {
  return contained(open(dir, plainOptions(options), host), internalError);
}

async function open(dir: string, options: LogOptions | undefined, host: HostPorts): Promise<Result<MessageLog, OpenError>> {
  const wrong = checkDirectory(dir);
  if (wrong !== null) return err(wrong);
  const settings = checkLogOptions(options);
  if (settings.isErr()) return err(settings.error);
  const place = placeOf(dir, options, host);
  const opened = await openFiles(place.dir, settings.value, place.ports);
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
