/**
 * The names of a log's files, and what a directory's listing is made of. Own side files carry the
 * prefix `brimlog.`; Kafka's suffixes keep Kafka's meanings.
 */
import type { Offset } from '../model/units.js';

/** Names of the side files inside a log's directory. @internal */
export const SIDE_FILES = {
  checkpoint: 'brimlog.checkpoint',
  watermark: 'brimlog.watermark',
  segmentTable: 'brimlog.segments',
  spare: 'brimlog.spare',
  positions: 'brimlog.positions',
} as const;

/** Prefix of every own file that is not a segment or an index. @internal */
export const OWN_PREFIX = 'brimlog.';

/** Suffix of files that are not finished; whatever has it may be removed at opening. @internal */
export const TEMPORARY_SUFFIX = '.tmp';

/** Made by tools on every fresh file system or desktop; never a reason to refuse a directory. */
const HARMLESS = new Set(['lost+found', '.DS_Store', '.Trash-0']);

/** What a directory holds, sorted by offset. @internal */
export interface DirectoryFacts {
  readonly segments: readonly Offset[];
  /** Base offsets of `.index` and `.timeindex` files that have no segment. */
  readonly strayIndexes: readonly string[];
  readonly temporaries: readonly string[];
  readonly foreign: readonly string[];
  readonly hasCheckpoint: boolean;
  readonly hasSpare: boolean;
  readonly hasSegmentTable: boolean;
  readonly hasPositions: boolean;
}

/** `7` → `00000000000000000007.log`. @internal */
export function segmentName(baseOffset: Offset): string {
  return `${padded(baseOffset)}.log`;
}

/** @internal */
export function indexName(baseOffset: Offset): string {
  return `${padded(baseOffset)}.index`;
}

/** @internal */
export function timeIndexName(baseOffset: Offset): string {
  return `${padded(baseOffset)}.timeindex`;
}

/** Where cut bytes that might be data are kept. @internal */
export function asideName(baseOffset: Offset, position: number): string {
  return `${OWN_PREFIX}aside.${padded(baseOffset)}.${String(position)}`;
}

function padded(offset: Offset): string {
  return String(offset).padStart(20, '0');
}

/** So far from the last offset there is that no log that begins here comes to it. */
const BASE_OFFSET_MAX: Offset = 2 ** 52;

/** The base offset a segment's name stands for, or null where it is no segment of ours. @internal */
export function parseSegmentName(name: string): Offset | null {
  const match = /^(\d{20})\.log$/.exec(name);
  const offset = match === null ? NaN : Number(match[1]);
  return offset <= BASE_OFFSET_MAX ? offset : null;
}

/** Sorts a listing into what the log knows and what it leaves alone. @internal */
export function classifyDirectory(names: readonly string[]): DirectoryFacts {
  const segments = names.map(parseSegmentName).filter((offset) => offset !== null);
  segments.sort((a, b) => a - b);
  const bases = new Set(segments.map(padded));
  const indexes = names.filter((name) => /^\d{20}\.(index|timeindex)$/.test(name) && Number.isSafeInteger(Number(name.slice(0, 20))));
  const known = new Set<string>([...indexes, ...segments.map(segmentName)]);
  const own = names.filter((name) => name.startsWith(OWN_PREFIX));
  return {
    segments,
    strayIndexes: indexes.filter((name) => !bases.has(name.slice(0, 20))),
    temporaries: own.filter((name) => name.endsWith(TEMPORARY_SUFFIX)),
    foreign: names.filter((name) => !known.has(name) && !name.startsWith(OWN_PREFIX) && !HARMLESS.has(name)).sort(),
    hasCheckpoint: names.includes(SIDE_FILES.checkpoint),
    hasSpare: names.includes(SIDE_FILES.spare),
    hasSegmentTable: names.includes(SIDE_FILES.segmentTable),
    hasPositions: names.includes(SIDE_FILES.positions),
  };
}
