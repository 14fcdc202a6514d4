/** How long and how large a run is: `--quick` answers within three minutes, the whole one takes its time. */

/** Times are milliseconds. */
export interface RunScale {
  readonly rounds: number;
  readonly warmMs: number;
  readonly sliceMs: number;
  /** How long each raw floor is measured in a round, all its turns together; longer where the log fills the disk fast. */
  readonly floorMs: number;
  /** How long a fixed load is offered. */
  readonly offeredMs: number;
  /** Size of the log that is read and verified; one of small batches has a quarter of it. */
  readonly readBytes: number;
  /** How long a full disk is kept full. */
  readonly fullMs: number;
  /** How long appends are traced. */
  readonly straceMs: number;
}

const MIB = 1024 * 1024;

/** Medians of three short rounds. */
export const QUICK: RunScale = {
  rounds: 3,
  // The way of an append through log and Node is compiled in full only after some thousands of them.
  warmMs: 600,
  sliceMs: 600,
  floorMs: 140,
  offeredMs: 800,
  readBytes: 128 * MIB,
  fullMs: 400,
  straceMs: 250,
};

/** Medians of five rounds. */
export const WHOLE: RunScale = {
  rounds: 5,
  warmMs: 1500,
  sliceMs: 2500,
  floorMs: 400,
  offeredMs: 5000,
  readBytes: 1024 * MIB,
  fullMs: 1000,
  straceMs: 500,
};
