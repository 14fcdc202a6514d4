/** The raw files an append workload is held against: the same bytes at a time as one of its appends, and as one full group commit. */
import { join } from 'node:path';
import type { FloorName } from '../model/sample.js';
import { appendBytes, producersAtOnce, type AppendWork } from '../model/workload.js';
import type { Latencies } from '../stats/statistics.js';
import { RawFile, type RawMode } from './raw-file.js';

interface Floor {
  readonly name: FloorName;
  readonly records: number;
  readonly file: RawFile;
}

/** What is appended at a time, and by how many at once. */
export type AppendShape = Pick<AppendWork, 'ack' | 'producers' | 'batchRecords' | 'size'>;

function floorsOf(shape: AppendShape): { readonly name: FloorName; readonly records: number; readonly mode: RawMode }[] {
  const { ack, producers, batchRecords } = shape;
  if (ack === 'written') return [{ name: 'unsynced', records: batchRecords, mode: { place: 'growing', sync: 'none' } }];
  const pair = (prefix: '' | 'group-', records: number) =>
    (['growing', 'overwriting'] as const).map((place) => ({ name: `${prefix}${place}` as const, records, mode: { place, sync: 'fdatasync' } as const }));
  // Batches may be joined too, but a floor for that says little: they are large already.
  const joins = producers > 1 && batchRecords === 1;
  return joins ? [...pair('', batchRecords), ...pair('group-', producersAtOnce(shape))] : pair('', batchRecords);
}

/** The floors of one append workload, to be run before and after it. */
export class AppendFloors {
  readonly #floors: readonly Floor[];

  /** Makes the files in `dir`. */
  constructor(dir: string, shape: AppendShape) {
    this.#floors = floorsOf(shape).map(({ name, records, mode }) => ({
      name,
      records,
      file: new RawFile(join(dir, `floor-${name}`), appendBytes(shape.size, records), mode),
    }));
  }

  /** Measures each for about so long; answers the records per second of the main one, one append's bytes at a time on a growing file. */
  run(milliseconds: number): number {
    const [main = NaN] = this.#floors.map(({ file, records }) => file.run(milliseconds) * records);
    return main;
  }

  /** Records per second of each, over all runs. */
  get perSecond(): Partial<Record<FloorName, number>> {
    return Object.fromEntries(this.#floors.map(({ name, records, file }) => [name, file.perSecond * records]));
  }

  /** Latencies of one append's bytes, written and synced. */
  get latencies(): Latencies {
    const [first] = this.#floors;
    if (first === undefined) throw new Error('an append workload without a floor');
    return first.file.latencies;
  }

  remove(): void {
    for (const { file } of this.#floors) file.remove();
  }
}
