/**
 * Fault plans as one line of text, to be printed with a failing run and given back to repeat it.
 *
 *   plan   = rule *( "; " rule )
 *   rule   = on [ "(" path ")" ] [ ">" index of the rule before ] "@" when " " effect
 *   on     = "*" | operation *( "|" operation )
 *   when   = nth | "#" call, then optionally "+" (all that follow) or "x" times
 *   effect = kind [ "(" argument *( "," argument ) ")" ]
 *   Numbers have up to 15 digits.
 *
 * Example: `write(.log)@3 short(100,no-space); sync@2 fail-sync(drop,io); *>1@1+ read-only; read@#17 hang`
 */
import { err, ok, type Result } from 'neverthrow';
import type { IoOperation, IoSymbol } from '../model/io-failure.js';
import type { SyncFailureFlavour } from './file-inode.js';
import type { FaultEffect, FaultPlan, FaultRule } from './fault-plan.js';
import { IO_SYMBOLS } from './simulated-failure.js';

const OPERATIONS: readonly IoOperation[] = [
  'open', 'create', 'read', 'write', 'dsync-write', 'sync', 'sync-directory', 'truncate', 'stat', 'statfs', 'rename',
  'unlink', 'readdir', 'mkdir', 'lock', 'watch', 'close',
];
const FLAVOURS: readonly SyncFailureFlavour[] = ['drop', 'poison', 'false-failure'];

const RULE = /^(?<on>[a-z*|-]+)(?:\((?<path>[^()]*)\))?(?:>(?<after>\d{1,15}))?@(?<by>#?)(?<number>\d{1,15})(?<rest>\+|x\d{1,15})? (?<kind>[a-z-]+)(?:\((?<args>[^()]*)\))?$/;

/** The plan in its short form; `parsePlan` gives it back. @public */
export function printPlan(plan: FaultPlan): string {
  return plan.map(printRule).join('; ');
}

/** Reads the short form; an error says which rule is not understood and why. @public */
export function parsePlan(text: string): Result<FaultPlan, string> {
  const rules: FaultRule[] = [];
  for (const part of text.split(';')) {
    const rule = part.trim();
    if (rule === '') continue;
    const parsed = parseRule(rule);
    if (parsed.isErr()) return err(`'${rule}': ${parsed.error}`);
    rules.push(parsed.value);
  }
  return ok(rules);
}

function printRule(rule: FaultRule): string {
  const on = rule.on === '*' ? '*' : rule.on.join('|');
  const path = rule.path === undefined ? '' : `(${escapePath(rule.path)})`;
  const start = rule.call === undefined ? String(rule.nth ?? 1) : `#${rule.call}`;
  const times = rule.times === 'sticky' ? '+' : rule.times === undefined || rule.times === 1 ? '' : `x${rule.times}`;
  const after = rule.after === undefined ? '' : `>${rule.after}`;
  return `${on}${path}${after}@${start}${times} ${printEffect(rule.effect)}`;
}

function printEffect(effect: FaultEffect): string {
  const args = argumentsOf(effect);
  return args.length === 0 ? effect.kind : `${effect.kind}(${args.join(',')})`;
}

function argumentsOf(effect: FaultEffect): (string | number)[] {
  switch (effect.kind) {
    case 'fail':
    case 'done-then-fail':
      return [effect.symbol];
    case 'short':
      return effect.then === undefined ? [effect.bytes] : [effect.bytes, effect.then];
    case 'fail-sync':
      return [effect.flavour, effect.symbol];
    case 'flip':
    case 'rot':
      return [effect.bit];
    case 'late':
      return [effect.work];
    case 'handles':
      return [effect.max];
    case 'lie':
    case 'hang':
    case 'read-only':
    case 'halt':
    case 'done-then-halt':
      return [];
  }
}

function parseRule(text: string): Result<FaultRule, string> {
  const groups = RULE.exec(text)?.groups;
  if (groups === undefined) return err('no rule of the form operation(path)@n effect(…)');
  const on = parseOperations(groups['on'] ?? '');
  if (on === null) return err(`unknown operation in ${groups['on'] ?? ''}`);
  const effect = parseEffect(groups['kind'] ?? '', (groups['args'] ?? '').split(',').filter((argument) => argument !== ''));
  if (effect === null) return err(`unknown effect ${groups['kind'] ?? ''}, or wrong arguments`);
  const path = unescapePath(groups['path']);
  if (path === null) return err('the path is not escaped as it should be');
  const number = Number(groups['number']);
  const rest = groups['rest'];
  return ok({
    on,
    ...(path === undefined ? {} : { path }),
    ...(groups['after'] === undefined ? {} : { after: Number(groups['after']) }),
    ...(groups['by'] === '#' ? { call: number } : number === 1 ? {} : { nth: number }),
    ...(rest === undefined || Number(rest.slice(1)) === 1 ? {} : { times: rest === '+' ? ('sticky' as const) : Number(rest.slice(1)) }),
    effect,
  });
}

function parseOperations(text: string): FaultRule['on'] | null {
  if (text === '*') return '*';
  const operations: IoOperation[] = [];
  for (const name of text.split('|')) {
    const operation = OPERATIONS.find((known) => known === name);
    if (operation === undefined) return null;
    operations.push(operation);
  }
  return operations;
}

function parseEffect(kind: string, args: readonly string[]): FaultEffect | null {
  const [first, second] = args;
  const symbol = symbolNamed(first);
  const count = first !== undefined && /^\d{1,15}$/.test(first) ? Number(first) : null;
  switch (kind) {
    case 'fail':
    case 'done-then-fail':
      return symbol === null ? null : { kind, symbol };
    case 'short':
      return count === null ? null : parseShort(count, second);
    case 'fail-sync':
      return parseFailSync(first, symbolNamed(second));
    case 'flip':
    case 'rot':
      return count === null ? null : { kind, bit: count };
    case 'late':
      return first === 'first' || first === 'last' ? { kind, work: first } : null;
    case 'handles':
      return count === null ? null : { kind, max: count };
    case 'lie':
    case 'hang':
    case 'read-only':
    case 'halt':
    case 'done-then-halt':
      return { kind };
    default:
      return null;
  }
}

function parseShort(bytes: number, then: string | undefined): FaultEffect | null {
  if (then === undefined) return { kind: 'short', bytes };
  const symbol = symbolNamed(then);
  return symbol === null ? null : { kind: 'short', bytes, then: symbol };
}

function parseFailSync(name: string | undefined, symbol: IoSymbol | null): FaultEffect | null {
  const flavour = FLAVOURS.find((known) => known === name);
  return flavour === undefined || symbol === null ? null : { kind: 'fail-sync', flavour, symbol };
}

function symbolNamed(name: string | undefined): IoSymbol | null {
  return IO_SYMBOLS.find((symbol) => symbol === name) ?? null;
}

/** Half of a pair of surrogates, which no path of a disk can hold. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Paths may hold anything; what the grammar uses is written as `%xx`, and half a character as U+FFFD. */
function escapePath(path: string): string {
  return encodeURIComponent(path.replaceAll(new RegExp(LONE_SURROGATE, 'gu'), '\ufffd')).replaceAll('%2F', '/').replaceAll('(', '%28').replaceAll(')', '%29');
}

function unescapePath(path: string | undefined): string | undefined | null {
  if (path !== undefined && LONE_SURROGATE.test(path)) return null;
  try {
    return path === undefined ? undefined : decodeURIComponent(path);
  } catch {
    return null;
  }
}
