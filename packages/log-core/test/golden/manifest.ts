/**
 * Golden data that Kafka wrote, and Kafka itself, where this machine has them: beside the repository, outside of it.
 * Where they are absent a test is skipped with the reason, never passed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import type { LogRecord } from '../../src/model/record.js';

/** A record as Kafka's own reader describes it: sizes (−1 = null), SHA-256 of key and value, header values in hex. */
export interface DescribedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly sequence: number;
  readonly keyBytes: number;
  readonly key: string | null;
  readonly valueBytes: number;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, hex: string | null])[];
}

/** A batch as Kafka's own reader describes it. */
export interface DescribedBatch {
  readonly position: number;
  readonly bytes: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly count: number;
  readonly partitionLeaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly codec: string;
  readonly timestampType: string;
  readonly transactional: boolean;
  readonly control: boolean;
  readonly deleteHorizonMs: number | null;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly records: readonly DescribedRecord[];
}

/** One file of a partition directory. */
export interface DescribedFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly batches?: readonly DescribedBatch[];
  readonly entries?: readonly { readonly offset: number; readonly position?: number; readonly timestamp?: number }[];
}

interface Manifest {
  readonly cases: Readonly<Record<string, { readonly files: readonly DescribedFile[] }>>;
}

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The directory of the golden segments. */
const goldenDirectory = fromHere('../../../../../shared/data/kafka-golden');

/** The script that runs Kafka's own tools. */
export const kafkaScript = fromHere('../../../../../shared/kafka/kafka');

/** Why the golden segments cannot be had, or null. */
export const goldenMissing = existsSync(`${goldenDirectory}/manifest.json`) ? null : `skipped: no golden segments in ${goldenDirectory}`;

/** Skips a test, and says so where everybody sees it. */
export function skipBecause(ctx: TestContext, reason: string): never {
  console.warn(reason);
  return ctx.skip(reason);
}

/** A golden file and what Kafka says of it. */
export interface GoldenFile {
  readonly name: string;
  readonly described: DescribedFile;
  readonly bytes: Uint8Array;
  readonly baseOffset: number;
}

/** All golden files whose name ends so. */
export function goldenFiles(...endings: readonly string[]): GoldenFile[] {
  if (goldenMissing !== null) return [];
  const manifest = JSON.parse(readFileSync(`${goldenDirectory}/manifest.json`, 'utf8')) as Manifest;
  return Object.entries(manifest.cases).flatMap(([name, { files }]) =>
    files
      .filter(({ file }) => endings.some((ending) => file.endsWith(ending)))
      .map((described) => ({
        name: `${name}/${described.file}`,
        described,
        bytes: new Uint8Array(readFileSync(`${goldenDirectory}/${name}/${described.file}`)),
        baseOffset: Number.parseInt(described.file, 10) || 0,
      })),
  );
}

/** A decoded record in Kafka's words. `sequence` is not ours to tell from the record alone. */
export function describeRecord(record: LogRecord, sequence: number): DescribedRecord {
  return {
    offset: record.offset,
    timestamp: record.timestamp,
    sequence,
    keyBytes: record.key?.length ?? -1,
    key: record.key === null ? null : sha256(record.key),
    valueBytes: record.value?.length ?? -1,
    value: record.value === null ? null : sha256(record.value),
    headers: record.headers.map(([name, value]) => [name, value === null ? null : hex(value)]),
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
