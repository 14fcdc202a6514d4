/**
 * One operation as text.
 *
 *   append 20 9*30w 8x    three calls: one record of 20 bytes; nine of 30, acknowledged as written; one that is aborted
 *   follow 20             as append, with a follower
 *   deleteBefore 0.5      commit a 0.3      forget a      advance 50      jump -3600000      fill 0 bytes
 *   together append 20 & flush & reopen
 *   damage .index=removed brimlog.segments=flipped
 *   faults sync@2 fail(io) ending subset
 *   crash subset,ext4-like,garbage during 3,12 meeting write@1 fail(no-space) then read@1 fail(io)
 *   die 4 process during 37,12 meeting sync-directory@1 fail(io)
 *
 * and `flush`, `read`, `iterate`, `verify`, `retain`, `recover`, `wait`, `peek`, `intrude`, `reopen`, `heal`, `free`, `release`.
 * An ending is `process`, or what a power cut leaves: of data, of names, `both-names` of renames, `garbage` in new blocks.
 */
import { parsePlan, printPlan, type FaultPlan } from '../../src/testing/index.js';
import { ACCIDENTS, RESOURCES, SIDE_FILES, type AppendCall, type ClientOperation, type Damage, type Ending, type Operation } from './operations.js';

export function printOperation(operation: Operation): string {
  switch (operation.do) {
    case 'append':
    case 'follow':
      return `${operation.do} ${operation.calls.map(printCall).join(' ')}`;
    case 'deleteBefore':
      return `deleteBefore ${String(operation.share)}`;
    case 'commit':
      return `commit ${operation.name} ${String(operation.share)}`;
    case 'forget':
      return `forget ${operation.name}`;
    case 'advance':
    case 'jump':
      return `${operation.do} ${String(operation.ms)}`;
    case 'fill':
      return `fill ${String(operation.leave)} ${operation.of}`;
    case 'together':
      return `together ${operation.operations.map(printOperation).join(' & ')}`;
    case 'damage':
      return `damage ${operation.damage.map(({ file, how }) => `${file}=${how}`).join(' ')}`;
    case 'faults':
      return `faults ${printPlan(operation.plan)}${operation.how === undefined ? '' : ` ending ${printEnding(operation.how)}`}`;
    case 'crash':
      return `crash ${printEnding(operation.how)}${printAfterwards(operation)}${operation.then === undefined ? '' : ` then ${printPlan(operation.then)}`}`;
    case 'die':
      return `die ${String(operation.at)} ${printEnding(operation.how)}${printAfterwards(operation)}`;
    case 'flush':
    case 'read':
    case 'iterate':
    case 'verify':
    case 'retain':
    case 'recover':
    case 'wait':
    case 'peek':
    case 'intrude':
    case 'reopen':
    case 'heal':
    case 'free':
    case 'release':
      return operation.do;
  }
}

export function parseOperation(text: string): Operation {
  const [word = '', ...rest] = text.trim().split(' ');
  const tail = rest.join(' ');
  switch (word) {
    case 'together':
      return { do: 'together', operations: tail.split(' & ').map((part) => parseOperation(part) as ClientOperation) };
    case 'damage':
      return { do: 'damage', damage: rest.map(parseDamage) };
    case 'advance':
    case 'jump':
      return { do: word, ms: parseNumber(tail) };
    case 'fill':
      return { do: 'fill', leave: parseNumber(rest[0]), of: oneOf(RESOURCES, rest[1]) };
    case 'faults':
      return parseFaults(tail);
    case 'crash': {
      const { then, ...crash } = parseEndOfProcess(tail);
      return { do: 'crash', ...crash, ...(then !== undefined && { then }) };
    }
    case 'die': {
      const { then: _, ...end } = parseEndOfProcess(rest.slice(1).join(' '));
      return { do: 'die', at: parseNumber(rest[0]), ...end };
    }
    case 'heal':
    case 'free':
    case 'release':
      return { do: word };
    default:
      return parseClientOperation(word, rest);
  }
}

function parseClientOperation(word: string, rest: readonly string[]): ClientOperation {
  const tail = rest.join(' ');
  switch (word) {
    case 'append':
    case 'follow':
      return { do: word, calls: tail.split(' ').map(parseCall) };
    case 'deleteBefore':
      return { do: 'deleteBefore', share: parseNumber(rest[0]) };
    case 'commit':
      return { do: 'commit', name: rest[0] ?? '', share: parseNumber(rest[1]) };
    case 'forget':
      return { do: 'forget', name: rest[0] ?? '' };
    case 'flush':
    case 'read':
    case 'iterate':
    case 'verify':
    case 'retain':
    case 'recover':
    case 'wait':
    case 'peek':
    case 'intrude':
    case 'reopen':
      return { do: word };
    default:
      throw new Error(`no operation: '${[word, ...rest].join(' ')}'`);
  }
}

/** Runs of one size are written as `9*30`. */
function printCall({ sizes, ack, aborted }: AppendCall): string {
  const runs: { readonly size: number; count: number }[] = [];
  for (const size of sizes) {
    const last = runs[runs.length - 1];
    if (last?.size === size) last.count += 1;
    else runs.push({ size, count: 1 });
  }
  const text = runs.map(({ size, count }) => (count === 1 ? String(size) : `${String(count)}*${String(size)}`)).join('+');
  return `${text}${ack === 'written' ? 'w' : ''}${aborted === true ? 'x' : ''}`;
}

function parseCall(text: string): AppendCall {
  const groups = /^(?<sizes>\d[\d*+]*)(?<written>w)?(?<aborted>x)?$/.exec(text)?.groups;
  if (groups === undefined) throw new Error(`no append call: '${text}'`);
  const sizes = (groups['sizes'] ?? '').split('+').flatMap((run) => {
    const [count, size] = run.includes('*') ? run.split('*') : ['1', run];
    return Array<number>(parseNumber(count)).fill(parseNumber(size));
  });
  return { sizes, ack: groups['written'] === undefined ? 'flushed' : 'written', ...(groups['aborted'] !== undefined && { aborted: true as const }) };
}

function parseDamage(text: string): Damage {
  const [file, how] = text.split('=');
  return { file: oneOf(SIDE_FILES, file), how: oneOf(ACCIDENTS, how) };
}

function printEnding(ending: Ending): string {
  if (ending === 'process') return 'process';
  const { data, names, renames, exposed } = ending;
  return [data, names, renames === 'both-names' ? renames : undefined, exposed === 'garbage' ? exposed : undefined].filter((word) => word !== undefined).join(',');
}

const DATA = ['none', 'all', 'prefix', 'subset'] as const;
const NAMES = ['none', 'all', 'posix-weak', 'journaling', 'ext4-like'] as const;

function parseEnding(text: string): Ending {
  const [data, ...rest] = text.trim().split(',');
  if (data === 'process') return 'process';
  const names = NAMES.find((name) => name === rest[0]);
  const known: readonly string[] = [...NAMES, 'both-names', 'garbage'];
  for (const word of rest) oneOf(known, word);
  return {
    data: oneOf(DATA, data),
    ...(names !== undefined && { names }),
    ...(rest.includes('both-names') && { renames: 'both-names' as const }),
    ...(rest.includes('garbage') && { exposed: 'garbage' as const }),
  };
}

interface EndOfProcess {
  readonly how: Ending;
  readonly during: readonly number[];
  readonly faults?: FaultPlan;
  readonly then?: FaultPlan;
}

function printAfterwards({ during, faults }: EndOfProcess): string {
  return `${during.length === 0 ? '' : ` during ${during.join(',')}`}${faults === undefined ? '' : ` meeting ${printPlan(faults)}`}`;
}

function parseEndOfProcess(text: string): EndOfProcess {
  const [first = '', then] = text.split(' then ');
  const [second = '', faults] = first.split(' meeting ');
  const [ending = '', during] = second.split(' during ');
  return {
    how: parseEnding(ending),
    during: during === undefined ? [] : during.split(',').map(parseNumber),
    ...(faults !== undefined && { faults: planOf(faults) }),
    ...(then !== undefined && { then: planOf(then) }),
  };
}

function parseFaults(text: string): Operation {
  const [plan = '', ending] = text.split(' ending ');
  return { do: 'faults', plan: planOf(plan), ...(ending !== undefined && { how: parseEnding(ending) }) };
}

function planOf(text: string): FaultPlan {
  const plan = parsePlan(text);
  if (plan.isErr()) throw new Error(plan.error);
  return plan.value;
}

function parseNumber(text: string | undefined): number {
  const number = Number(text === '' ? undefined : text);
  if (Number.isNaN(number)) throw new Error(`no number: '${text ?? ''}'`);
  return number;
}

/** The word, where it is one of those that are known. */
export function oneOf<Word extends string>(known: readonly Word[], word: string | undefined): Word {
  const found = known.find((each) => each === word);
  if (found === undefined) throw new Error(`'${word ?? ''}' is none of ${known.join(', ')}`);
  return found;
}
