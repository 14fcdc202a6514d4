/**
 * The logs that are there before a workload begins: filled ones, one of many segments, those whose writers were killed. Made
 * when they are first asked for, kept as long as the run lasts; what opening changes is copied for each round.
 */
import { spawnSync } from 'node:child_process';
import { copyFile, link, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FILL_BATCH_RECORDS } from '../jobs/prepare-job.js';
import type { RunScale } from '../model/run-scale.js';
import type { UncleanOpeningWork, Work } from '../model/workload.js';
import { runAndKill, runJob } from './child.js';
import type { WorkDirectory } from './work-directory.js';

/** A log, and how many records are in it, or were acknowledged before its writer was killed. */
export interface Prepared {
  readonly dir: string;
  readonly records: number;
  /** Whether it was made for one round and is to be removed after it. */
  readonly isForOnce: boolean;
}

/** A log of small batches takes many appends to make. */
const SMALL_BATCHES_SHARE = 1 / 4;

/** Killed at some moment of so many milliseconds after its first acknowledged append. */
const KILL_AFTER_MS = { min: 50, range: 250 };

export class PreparedLogs {
  readonly #directory: WorkDirectory;
  readonly #scale: RunScale;
  readonly #peersFrom: string;
  readonly #kept = new Map<string, Prepared>();

  constructor(directory: WorkDirectory, scale: RunScale, peersFrom: string) {
    this.#directory = directory;
    this.#scale = scale;
    this.#peersFrom = peersFrom;
  }

  /** The log that `work` by `subject` needs; null where it begins with nothing. */
  async for(work: Work, subject: string): Promise<Prepared | null> {
    switch (work.kind) {
      case 'append':
      case 'offered':
      case 'follow':
      case 'disk-full':
        return null;
      case 'read':
      case 'verify':
        return this.#filled(subject, FILL_BATCH_RECORDS, this.#scale.readBytes);
      case 'read-random':
        return this.#filled(subject, work.batchRecords, this.#scale.readBytes * (work.batchRecords < FILL_BATCH_RECORDS ? SMALL_BATCHES_SHARE : 1));
      case 'open-clean':
        return this.#keep(`segments ${work.segments}`, (dir) => this.#manySegments(dir, work.segments));
      case 'open-unclean':
        return this.#killed(work);
    }
  }

  #filled(subject: string, batchRecords: number, bytes: number): Promise<Prepared> {
    const peersFrom = this.#peersFrom;
    return this.#keep(`filled ${subject} ${batchRecords}`, async (dir) => (await runJob({ kind: 'fill', subject, dir, bytes, batchRecords, peersFrom })).records);
  }

  async #killed({ bytes, ack }: UncleanOpeningWork): Promise<Prepared> {
    const make = (dir: string): Promise<number> =>
      runAndKill({ kind: 'killed-writer', dir, bytes, ack }, KILL_AFTER_MS.min + Math.random() * KILL_AFTER_MS.range);
    if (ack === 'written') {
      // What its writer did not sync must be unsynced for the opening too: a copy would not be.
      const dir = this.#directory.fresh('killed');
      return { dir, records: await make(dir), isForOnce: true };
    }
    const original = await this.#keep(`killed ${bytes}`, make);
    const dir = this.#directory.fresh('killed-copy');
    await copyKilled(original.dir, dir);
    return { dir, records: original.records, isForOnce: true };
  }

  /** Each roll syncs several times, which takes minutes on some disks: made in memory, then copied. */
  async #manySegments(dir: string, segments: number): Promise<number> {
    const made = this.#directory.freshInMemory('segments');
    const { records } = await runJob({ kind: 'segments', dir: made, segments });
    for (const name of await readdir(made)) await copyFile(join(made, name), join(dir, name));
    this.#directory.discard(made);
    // What is not on the disk yet must not be the next measurement's burden. Where there is no such program, it may be.
    spawnSync('sync', ['-f', dir]);
    return records;
  }

  async #keep(name: string, make: (dir: string) => Promise<number>): Promise<Prepared> {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const dir = this.#directory.fresh(name.replaceAll(' ', '-'));
    const made = { dir, records: await make(dir), isForOnce: false };
    this.#kept.set(name, made);
    return made;
  }
}

/** The last segments of a log: what opening may change. */
const TAIL_SEGMENTS = 2;

/** Gives the files of a killed log to another directory: those that opening never changes as links, the others copied and made durable. */
async function copyKilled(from: string, to: string): Promise<void> {
  const names = await readdir(from);
  const sealed = new Set(
    names
      .filter((name) => name.endsWith('.log'))
      .sort()
      .slice(0, -TAIL_SEGMENTS),
  );
  for (const name of names) {
    if (sealed.has(name)) await link(join(from, name), join(to, name));
    else await copySynced(join(from, name), join(to, name));
  }
}

async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const file = await open(to, 'r+');
  await file.sync();
  await file.close();
}
