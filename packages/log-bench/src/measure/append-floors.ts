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

interface FloorPlan {
  readonly name: FloorName;
  readonly records: number;
  readonly mode: RawMode;
}

function floorsOf(shape: AppendShape): [FloorPlan, ...FloorPlan[]] {
  const { ack, producers, batchRecords } = shape;
  if (ack === 'written') return [{ name: 'unsynced', records: batchRecords, mode: { place: 'growing', sync: 'none' } }];
  const pair = (prefix: '' | 'group-', records: number): [FloorPlan, FloorPlan] => {
    const floor = (place: 'growing' | 'overwriting'): FloorPlan => ({ name: `${prefix}${place}`, records, mode: { place, sync: 'fdatasync' } });
    return [floor('growing'), floor('overwriting')];
  };
  // Batches may be joined too, but a floor for that says little: they are large already.
  const joins = producers > 1 && batchRecords === 1;
  return joins ? [...pair('', batchRecords), ...pair('group-', producersAtOnce(shape))] : pair('', batchRecords);
}

/** The floors of one append workload: the main one to be run in turns with it, the others behind it. */
export class AppendFloors {
  /** The main one first. */
  readonly #floors: readonly [Floor, ...Floor[]];

  /** Makes the files in `dir`. */
  constructor(dir: string, shape: AppendShape) {
    const floorOf = ({ name, records, mode }: FloorPlan): Floor => ({
      name,
      records,
      file: new RawFile(join(dir, `floor-${name}`), appendBytes(shape.size, records), mode),
    });
    const [main, ...others] = floorsOf(shape);
    this.#floors = [floorOf(main), ...others.map(floorOf)];
  }

  /** Measures the main one for about so long, one append's bytes at a time on a growing file; answers its records per second. */
  run(milliseconds: number): number {
    const [{ file, records }] = this.#floors;
    return file.run(milliseconds) * records;
  }

  /**
   * Measures each of the others for about so long. Not in turns with the log: over written blocks gigabytes a second are
   * written, and many disks would be slow for a while after that.
   */
  runOthers(milliseconds: number): void {
    for (const { file } of this.#floors.slice(1)) file.run(milliseconds);
  }

  /** Records per second of each, over all runs. */
  get perSecond(): Partial<Record<FloorName, number>> {
    return Object.fromEntries(this.#floors.map(({ name, records, file }) => [name, file.perSecond * records]));
  }

  /** Latencies of one append's bytes, written and synced. */
  get latencies(): Latencies {
    return this.#floors[0].file.latencies;
  }

  remove(): void {
    for (const { file } of this.#floors) file.remove();
  }
}
