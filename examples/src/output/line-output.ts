/**
 * Where the consumer's lines go, and how far it has come. A file gets every line exactly once, whatever crashes: what
 * was written after the last saved position is cut off again. Standard output gets a line again after a crash.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { loadPosition, savePosition, type Position } from './position-file.js';

/** How long a position may be behind; closing saves the last one. */
const SAVE_MS = 500;

export class LineOutput {
  readonly #file: FileHandle | null;
  readonly #positionPath: string | null;
  #position: Position | null;
  #savedAt = 0;

  private constructor(file: FileHandle | null, positionPath: string | null, position: Position | null) {
    this.#file = file;
    this.#positionPath = positionPath;
    this.#position = position;
  }

  /** Opens the file, or standard output for null, and puts it where the saved position says. */
  static async open(path: string | null, positionPath: string | null): Promise<LineOutput> {
    const position = positionPath === null ? null : await loadPosition(positionPath);
    // `a` creates a file that is not there and keeps what is.
    const file = path === null ? null : await open(path, 'a');
    await file?.truncate(position?.outputBytes ?? 0);
    return new LineOutput(file, positionPath, position);
  }

  /** The offset to read from; null where nothing was read before. */
  get nextOffset(): number | null {
    return this.#position?.nextOffset ?? null;
  }

  /** Writes whole lines, whose last record is the one before `nextOffset`. */
  async write(lines: Uint8Array, nextOffset: number): Promise<void> {
    if (this.#file !== null) await this.#file.appendFile(lines);
    else await writeOut(lines);
    this.#position = { nextOffset, outputBytes: (this.#position?.outputBytes ?? 0) + lines.byteLength };
    if (performance.now() - this.#savedAt >= SAVE_MS) await this.#save();
  }

  async close(): Promise<void> {
    await this.#save();
    await this.#file?.close();
  }

  async #save(): Promise<void> {
    if (this.#positionPath === null || this.#position === null) return;
    // First the lines, then what says that they are there.
    await this.#file?.datasync();
    await savePosition(this.#positionPath, this.#position);
    this.#savedAt = performance.now();
  }
}

/** Resolves when whoever reads standard output has taken the bytes, or they are in its pipe. */
async function writeOut(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
