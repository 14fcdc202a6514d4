/** How long and how large a run is: `--quick` answers within three minutes, the whole one takes its time. */

/** Times are milliseconds. */
export interface RunScale {
  readonly rounds: number;
  readonly warmMs: number;
  readonly sliceMs: number;
  /** How long each raw floor is measured, before and again after the log. */
  readonly floorMs: number;
  /** How long a fixed load is offered. */
  readonly offeredMs: number;
  /** Size of the log that is read and verified. */
  readonly readBytes: number;
  /** Size of the log whose writer is killed. */
  readonly uncleanBytes: number;
  readonly segments: number;
}

const MIB = 1024 * 1024;

/** Medians of three short rounds. */
export const QUICK: RunScale = {
  rounds: 3,
  warmMs: 250,
  sliceMs: 700,
  floorMs: 120,
  offeredMs: 1500,
  readBytes: 128 * MIB,
  uncleanBytes: 128 * MIB,
  segments: 1000,
};

/** Medians of five rounds. */
export const WHOLE: RunScale = {
  rounds: 5,
  warmMs: 500,
  sliceMs: 2500,
  floorMs: 400,
  offeredMs: 5000,
  readBytes: 1024 * MIB,
  uncleanBytes: 1024 * MIB,
  segments: 10_000,
};
