/**
 * What the sweep goes through, call by call. A scenario is a few operations: those before the faults, and those that
 * every fault meets at every call. With `recovery` it is the opening after that crash which is swept.
 */
import { parseOperation } from '../property/operation-text.js';
import { PLAIN_SETUP, SMALL_OPTIONS, type Ending, type Operation, type Setup } from '../property/operations.js';

export interface Scenario {
  readonly name: string;
  readonly setup: Setup;
  readonly before: readonly Operation[];
  readonly steps: readonly Operation[];
  readonly recovery: Ending | null;
  /** Calls that the swept part must make, as `operation ending-of-path`: else it is not what its name says. */
  readonly makes: readonly string[];
}

/** A scenario in short: operations as text, on the plain setup but for what is given. */
interface Draft {
  readonly before?: string;
  readonly steps: string;
  readonly recovery?: Ending;
  readonly on?: Setup['character'];
  readonly options?: Setup['options'];
  readonly setup?: Partial<Setup>;
  readonly makes?: readonly string[];
}

function scenario(name: string, { before = '', steps, recovery, on, options, setup, makes = [] }: Draft): Scenario {
  return {
    name,
    setup: { ...PLAIN_SETUP, seed: 7, ...(on !== undefined && { character: on }), ...(options !== undefined && { options: { ...SMALL_OPTIONS, ...options } }), ...setup },
    before: operations(before),
    steps: operations(steps),
    recovery: recovery ?? null,
    makes,
  };
}

function operations(text: string): Operation[] {
  return text === '' ? [] : text.split(' / ').map(parseOperation);
}

const rolling = { segmentMs: 10 };
const threeSegments = 'append 200 / advance 50 / append 200 / advance 50 / append 200';
const many = '3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000 3000';
const failedSync = 'faults sync|dsync-write@1 fail-sync(drop,io) / append 20';
const fullAndBack = { before: 'append 20', steps: 'fill 0 bytes / advance 50 / append 3000 / append 3000 3000 3000 / append 3000 / free / advance 3000 / append 20' };

/** So much room that a large region is written and synced in one call. */
const ample = { setup: { capacityBytes: 2 ** 32 }, options: { batchBytesMax: 262_144, segmentBytesMax: 524_288 } };

export const scenarios: readonly Scenario[] = [
  scenario('first open', { setup: { fresh: true }, steps: 'reopen / append 20', makes: ['mkdir /log', 'create .tmp', 'sync-directory /log', 'sync-directory /'] }),
  scenario('serial append', { before: 'append 20', steps: 'append 20 / append 300+20 / append 3000', makes: ['write .log', 'sync .log'] }),
  scenario('concurrent append', { before: 'append 20', steps: 'append 100w 100 100 100w 100 100 / append 1500w 1500 1500 1500w' }),
  scenario('concurrent append, aborted ones', { before: 'append 20', steps: 'append 100 100x 100wx 100 / append 60x 60' }),
  scenario('group commit, written', { before: 'append 20', steps: 'append 60w 60 60 60w 60 60 60w 60 60 / append 500w / append 20w' }),
  scenario('dsync in written blocks', { before: 'append 20 / append 20', steps: 'append 20 / append 3000 / append 9*300 9*300', makes: ['dsync-write .log'] }),
  scenario('dsync that allocates', { ...ample, before: 'append 20', steps: 'append 140000 / append 70000 70000 / append 140000 / append 20', makes: ['dsync-write .log'] }),
  scenario('zeros beside a region', { ...ample, setup: { ...ample.setup, shuffled: true }, before: '', steps: 'append 140000 / append 140000 / append 140000', makes: ['dsync-write .log', 'write .log'] }),
  scenario('zeros beside a region, then roll and close', { ...ample, setup: { ...ample.setup, shuffled: true }, before: 'append 140000', steps: 'append 140000 / append 200000 / append 140000 / reopen / append 20', makes: ['write .log', 'rename .log', 'truncate .log'] }),
  scenario('dsync that allocates, disk full', { ...ample, before: 'append 140000', steps: 'fill 4096 bytes / append 140000 / append 20 / free / advance 3000 / append 140000' }),
  scenario('flush', { before: 'append 20 / append 400w', steps: 'flush / append 40w / flush', makes: ['sync .log'] }),
  scenario('flush by time and by bytes', { options: { flushBytesMax: 900 }, before: 'append 20', steps: 'append 300w / advance 1100 / append 1000w / append 20', makes: ['sync .log'] }),
  scenario('roll', { options: rolling, before: 'append 20', steps: 'advance 50 / append 100 / advance 50 / append 100+100 / advance 50 / append 20', makes: ['rename .log', 'create .index'] }),
  scenario('roll on copy-on-write', { options: rolling, on: 'btrfs', before: 'append 20', steps: 'advance 50 / append 100 / advance 50 / append 20', makes: ['rename .log'] }),
  scenario('spare made', { before: '', steps: 'append 20 / advance 10', makes: ['rename brimlog.spare', 'write brimlog.spare.tmp'] }),
  scenario('spare spent and made again', { options: rolling, before: 'append 20 / advance 50', steps: 'append 20 / advance 50', makes: ['rename brimlog.spare', 'create .tmp'] }),
  scenario('spare spent as ballast', { options: rolling, on: 'btrfs', before: 'append 20 / advance 50', steps: 'append 20 / advance 50', makes: ['unlink brimlog.spare'] }),
  scenario('close and reopen', { before: 'append 20 / append 300w', steps: 'reopen / append 20', makes: ['truncate .log'] }),
  scenario('append after a clean close', { before: 'append 20 / reopen', steps: 'append 20 / append 20w / reopen / append 60' }),
  scenario('close amid appends', { before: 'append 20', steps: 'together append 20 100w 300 & flush & reopen / append 20' }),
  scenario('everything at once', { options: rolling, before: threeSegments, steps: 'together append 20 100w & read & flush & deleteBefore 0.5 & commit a 0.5 & iterate & retain / append 20' }),
  scenario('long life', { options: { ...rolling, retention: { segmentsMax: 2 } }, before: 'append 20', steps: 'append 100w 100 100 / advance 50 / append 200w / flush / advance 1500 / append 20 / commit a 1 / retain / reopen / append 20' }),
  scenario('reader following', { options: rolling, before: threeSegments, steps: 'follow 50 / iterate / verify', makes: ['read .log'] }),
  scenario('reader across a roll', { options: rolling, before: threeSegments, steps: 'follow 50 / advance 50 / follow 50 60 / read' }),
  scenario('readers in other processes', { options: rolling, before: threeSegments, steps: 'append 20w / peek / advance 50 / append 20 / peek / deleteBefore 0.7 / peek / intrude', makes: ['write brimlog.watermark'] }),
  scenario('reading with few handles', { options: { ...rolling, handlesMax: 16 }, before: `${threeSegments} / advance 50 / append 20 / advance 50 / append 20`, steps: 'read / iterate / append 20 / read' }),
  scenario('consumer commit', { before: 'append 20 20 20 / commit a 0.3', steps: 'commit a 0.7 / commit b 1 / commit a 1', makes: ['sync brimlog.positions'] }),
  scenario('consumer forgotten', { before: 'append 20 20 20 / commit a 0.3 / commit b 0.3', steps: 'forget a / commit c 0.5 / reopen / commit a 1' }),
  scenario('consumer commit while full', { before: 'append 20 20 20w / commit a 0.3', steps: 'fill 0 bytes / append 3000 3000 / commit a 1 / commit b 1 / free / advance 3000 / commit b 1', makes: ['sync brimlog.positions'] }),
  scenario('consumer commit on full copy-on-write', { on: 'btrfs-mixed', before: 'append 20 20 20w / commit a 0.3', steps: 'fill 0 bytes / append 3000 / commit a 1 / free / advance 3000 / append 20 / commit b 1' }),
  scenario('deleteBefore', { options: rolling, before: threeSegments, steps: 'deleteBefore 0.5 / append 20 / deleteBefore 1', makes: ['unlink .log'] }),
  scenario('retention by segments', { options: { ...rolling, retention: { segmentsMax: 2 } }, before: threeSegments, steps: 'advance 50 / append 20 / retain', makes: ['unlink .log'] }),
  scenario('retention by age, active segment sealed', { options: { retention: { ms: 1_000 } }, before: 'append 200 200', steps: 'advance 1500 / retain / append 20', makes: ['rename .log', 'unlink .log'] }),
  scenario('retention held by a consumer', { options: { ...rolling, retention: { segmentsMax: 1, keepUnconsumed: true } }, before: `append 20 / commit a 0 / advance 50 / ${threeSegments}`, steps: 'retain / commit a 1 / retain / append 20', makes: ['unlink .log'] }),
  scenario('clock jumps', { options: { ...rolling, retention: { ms: 5_000 } }, before: threeSegments, steps: 'jump -3600000 / append 20 / jump 7200000 / append 20 / retain' }),
  scenario('disk full and back', fullAndBack),
  scenario('disk full and back, ext4', { ...fullAndBack, on: 'ext4', setup: { capacityBytes: 2 ** 24 } }),
  scenario('disk full and back, xfs', { ...fullAndBack, on: 'xfs' }),
  scenario('disk full and back, btrfs', { ...fullAndBack, on: 'btrfs' }),
  scenario('disk full and back, mixed btrfs', { ...fullAndBack, on: 'btrfs-mixed' }),
  scenario('disk full and back, deleting needs space', { ...fullAndBack, on: 'copy-on-write' }),
  scenario('disk full, delete-oldest', { options: { ...rolling, onDiskFull: 'delete-oldest' }, before: threeSegments, steps: `fill 0 bytes / append ${many} / append ${many} / append 20`, makes: ['unlink .log'] }),
  scenario('disk full, freed late', { options: { ...rolling, onDiskFull: 'delete-oldest' }, setup: { freeAfterCalls: 12 }, before: threeSegments, steps: `fill 0 bytes / append ${many} / append ${many} / advance 500 / append 20`, makes: ['unlink .log'] }),
  scenario('disk full, waited for', { before: 'append 20', steps: 'fill 0 bytes / append 3000 3000 3000 / wait / append 3000 / free / wait / append 20' }),
  scenario('inodes used up and back', { options: rolling, before: threeSegments, steps: 'fill 0 inodes / advance 50 / append 20 / advance 50 / append 20 / commit a 1 / free / advance 3000 / append 20 / commit a 1' }),
  scenario('quota of the volume and back', { options: rolling, before: threeSegments, steps: 'fill 0 quota / advance 50 / append 3000 / append 3*1000 3*1000 / free / advance 3000 / append 20' }),
  scenario('own quota and back', { options: { ...rolling, quotaBytesMax: 65_536 }, before: threeSegments, steps: `append ${many} / append ${many} / deleteBefore 1 / advance 3000 / append 20`, makes: ['unlink .log'] }),
  scenario('failed sync and recover', { before: `append 20 / append 100w / ${failedSync}`, steps: 'recover / append 20', makes: ['rename .log'] }),
  scenario('failed sync, reopened', { before: `append 20 / append 100w / ${failedSync}`, steps: 'reopen / append 20', makes: ['rename .log'] }),
  ...(['.index=removed', '.index=flipped', '.timeindex=garbage', 'brimlog.segments=removed', 'brimlog.segments=flipped', 'brimlog.watermark=garbage', 'brimlog.spare=garbage'] as const).map((damage) =>
    scenario(`reopened, ${damage.replace('=', ' ')}`, { options: rolling, before: threeSegments, steps: `damage ${damage} / read / append 20` }),
  ),
  scenario('recovery: process killed', { before: 'append 20 / append 300w / append 40w', steps: 'append 20', recovery: 'process', makes: ['rename .log'] }),
  scenario('recovery: zero-filled tail', { before: 'append 20 / append 20', steps: 'append 20', recovery: { data: 'none' } }),
  scenario('recovery: zero-filled tail, nothing appended', { before: 'append 20 / reopen / append 3000', steps: 'reopen / read', recovery: { data: 'none' } }),
  scenario('recovery: size without its data', { before: 'append 20 / append 3000w', steps: 'append 20', recovery: { data: 'subset' }, setup: { seed: 12 } }),
  scenario('recovery: torn tail', { before: 'append 20 / append 3000w / append 40w', steps: 'append 20', recovery: { data: 'subset' } }),
  scenario('recovery: prefix and garbage', { before: 'append 20 / append 3000w / append 40w', steps: 'append 20', recovery: { data: 'prefix', exposed: 'garbage' } }),
  scenario('recovery: after a roll', { options: rolling, before: `${threeSegments} / advance 50 / append 40w`, steps: 'append 20', recovery: { data: 'none', names: 'none' } }),
  scenario('recovery: renames under both names', { options: rolling, before: `${threeSegments} / advance 50 / append 40w`, steps: 'append 20 / advance 50 / append 20', recovery: { data: 'all', names: 'posix-weak', renames: 'both-names' } }),
  scenario('recovery: after a failed sync', { before: `append 20 / append 100w / ${failedSync}`, steps: 'append 20', recovery: 'process', makes: ['rename .log'] }),
  scenario('recovery: after a failed sync and a power cut', { before: `append 20 / append 100w / ${failedSync}`, steps: 'append 20', recovery: { data: 'subset', names: 'posix-weak' } }),
  scenario('recovery: amid a deletion', { options: rolling, before: `${threeSegments} / faults unlink@2 halt ending all / deleteBefore 1`, steps: 'append 20', recovery: { data: 'none', names: 'posix-weak' } }),
  scenario('recovery: positions', { before: 'append 20 20 20 / commit a 0.5 / commit b 0.5 / append 300w', steps: 'commit a 1 / append 20', recovery: { data: 'subset', names: 'posix-weak' } }),
  scenario('recovery: disk full', { before: 'append 20 / append 300w / fill 0 bytes', steps: 'append 20', recovery: 'process' }),
  scenario('recovery: disk full, no spare', { before: 'append 20 / append 300w / damage brimlog.spare=removed / append 20w / fill 0 bytes', steps: 'append 20 / free / advance 3000 / append 20', recovery: 'process' }),
  scenario('recovery: full copy-on-write', { on: 'btrfs-mixed', before: 'append 20 / append 300w / fill 0 bytes', steps: 'append 20', recovery: { data: 'all' } }),
  scenario('recovery: cut once more', { before: 'append 20 / append 300w / crash process during 22', steps: 'append 20', recovery: { data: 'subset', names: 'posix-weak' } }),
];
