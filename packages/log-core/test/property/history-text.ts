/**
 * A whole history, disk and options included, as one line of text: what a failing run prints, a replay holds, and
 * `npm run faults -- --plan` takes. Line breaks around a slash are fine.
 *
 *   history   = setup *( " / " operation )
 *   setup     = "seed" n "on" file-system "of" bytes [ "whole-writes" ] [ "free-after" calls ] [ "shuffled" ] [ "fresh" ]
 *               [ "looks" share ] [ "with" the options that differ from the small ones, as JSON ]
 *   operation = see `operation-text.ts`
 *
 * Example: `seed 7 on ext4 of 1048576 with {"segmentMs":1} / append 20 9*30w / faults sync@2 fail(io) / flush / crash subset`
 */
import { fileSystemCharacters } from '../../src/testing/index.js';
import { oneOf, parseOperation, printOperation } from './operation-text.js';
import { SMALL_OPTIONS, type LogChoices, type Operation, type Setup } from './operations.js';

export interface History {
  readonly setup: Setup;
  readonly operations: readonly Operation[];
}

/** The text of a history; `parseHistory` gives it back. */
export function printHistory({ setup, operations }: History): string {
  return [printSetup(setup), ...operations.map(printOperation)].join(' / ');
}

/** Reads a history; throws what is not understood. */
export function parseHistory(text: string): History {
  const [setup = '', ...operations] = text.trim().split(/\s+\/\s+/);
  return { setup: parseSetup(setup), operations: operations.map(parseOperation) };
}

function printSetup({ seed, character, capacityBytes, wholeWrites, freeAfterCalls, shuffled, fresh, looks, options }: Setup): string {
  const small: LogChoices = SMALL_OPTIONS;
  const other = Object.entries(options).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(small[name as keyof LogChoices]));
  return [
    `seed ${String(seed)} on ${character} of ${String(capacityBytes)}`,
    ...(wholeWrites === true ? ['whole-writes'] : []),
    ...(freeAfterCalls === undefined ? [] : [`free-after ${String(freeAfterCalls)}`]),
    ...(shuffled === true ? ['shuffled'] : []),
    ...(fresh === true ? ['fresh'] : []),
    ...(looks === undefined ? [] : [`looks ${String(looks)}`]),
    ...(other.length === 0 ? [] : [`with ${JSON.stringify(Object.fromEntries(other))}`]),
  ].join(' ');
}

const CHARACTERS = Object.keys(fileSystemCharacters) as readonly Setup['character'][];
const SETUP =
  /^seed (?<seed>\d+) on (?<character>[a-z0-9-]+) of (?<bytes>\d+)(?<whole> whole-writes)?(?: free-after (?<free>\d+))?(?<shuffled> shuffled)?(?<fresh> fresh)?(?: looks (?<looks>[\d.]+))?(?: with (?<options>\{.*\}))?$/;

function parseSetup(text: string): Setup {
  const groups = SETUP.exec(text)?.groups;
  if (groups === undefined) throw new Error(`no setup: '${text}'`);
  const options = JSON.parse(groups['options'] ?? '{}') as LogChoices;
  return {
    seed: Number(groups['seed']),
    character: oneOf(CHARACTERS, groups['character']),
    capacityBytes: Number(groups['bytes']),
    ...(groups['whole'] !== undefined && { wholeWrites: true as const }),
    ...(groups['free'] !== undefined && { freeAfterCalls: Number(groups['free']) }),
    ...(groups['shuffled'] !== undefined && { shuffled: true as const }),
    ...(groups['fresh'] !== undefined && { fresh: true as const }),
    ...(groups['looks'] !== undefined && { looks: Number(groups['looks']) }),
    options: { ...SMALL_OPTIONS, ...options },
  };
}
