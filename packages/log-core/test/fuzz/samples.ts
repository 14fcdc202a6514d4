/** Real bytes of every format: the files of a small log, written by the library onto a simulated disk. */
import { MessageLog, type LogOptions } from '../../src/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { must, SMALL } from '../support/open-log.js';

/** Where the log lies on its disk. */
export const SAMPLE_DIRECTORY = '/log';

/** A disk with a log of three segments on it: keys, headers, nulls, tombstones, consumers; closed, or stopped with its disk. */
export async function diskWithLog(stop: 'closed' | 'unclean', options: LogOptions = {}): Promise<SimulatedDisk> {
  const clock = new SimulatedClock();
  const disk = new SimulatedDisk({ now: () => clock.now() });
  const settings: LogOptions = { ...SMALL, batchBytesMax: 4_096, indexIntervalBytes: 1, segmentMs: 1_000, fileSystem: disk, clock, ...options };
  const log = must(await MessageLog.open(SAMPLE_DIRECTORY, settings));
  for (let round = 0; round < 3; round += 1) {
    must(await log.append([`first of round ${round}`, { key: 'k', value: null }, { key: '', value: new Uint8Array([0, 1, 2]) }]));
    must(await log.append({ value: 'with headers', headers: [['name', 'text'], ['none', null], ['ü', new Uint8Array(0)]], timestamp: 1_700_000_000_000 }));
    must(await log.append('v'.repeat(200)));
    must(await log.consumer('alpha').commit(round));
    must(await log.consumer('naïve reader').commit(2 * round));
    await clock.advance(1_000);
  }
  must(await log.consumer('alpha').forget());
  if (stop === 'closed') {
    must(await log.close());
    return disk;
  }
  const copy = disk.processCrash();
  must(await log.close());
  return copy;
}

/** The files of a closed log, without the zeros behind a segment's end. */
export async function sampleFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const disk = await diskWithLog('closed');
  return new Map(disk.files().map((path) => [path.slice(SAMPLE_DIRECTORY.length + 1), disk.readFile(path) ?? new Uint8Array(0)]));
}

/** Those of the files whose names end so; there must be one. */
export function filesEnding(files: ReadonlyMap<string, Uint8Array>, ending: string): Uint8Array[] {
  const found = [...files].filter(([name, bytes]) => name.endsWith(ending) && bytes.length > 0).map(([, bytes]) => bytes);
  if (found.length === 0) throw new Error(`the sample log has no file ${ending}`);
  return found;
}
