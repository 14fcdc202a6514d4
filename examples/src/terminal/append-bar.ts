/** The producer's progress bar, on standard error; nothing at all where that is no terminal. */
import cliProgress from 'cli-progress';

export interface AppendBar extends Disposable {
  /** So much more is acknowledged. */
  add(lines: number, bytes: number): void;
}

/** `totalBytes` is null where the end of the input is not known. */
export function appendBar(totalBytes: number | null): AppendBar {
  const format = totalBytes === null ? '{lines} lines, {value} bytes' : '{bar} {percentage} % | {lines} lines | {eta_formatted} left';
  const bar = new cliProgress.SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: false }, cliProgress.Presets.shades_classic);
  let lines = 0;
  bar.start(totalBytes ?? 0, 0, { lines });
  return {
    add(moreLines, bytes) {
      lines += moreLines;
      bar.increment(bytes, { lines });
    },
    [Symbol.dispose]: () => bar.stop(),
  };
}
