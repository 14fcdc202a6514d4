/**
 * Bytes in, lines out, in batches of what came together. A line is what lies between two line feeds, byte for byte: no
 * decoding, and a carriage return stays. The last line needs no line feed. Lines are views; nobody else holds them.
 */

/** Small enough that a batch of lines always fits one record batch of the log, unless one line alone does not. */
const BATCH_BYTES_MAX = 64 * 1024;
const BATCH_LINES_MAX = 500;

const LINE_FEED = 0x0a;

/** Every line of `source`, in order. A batch is given on as soon as no more of its chunk is there: nothing typed waits. */
export async function* lineBatches(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let unfinished: Uint8Array[] = [];
  for await (const chunk of source) {
    let batch: Uint8Array[] = [];
    let batchBytes = 0;
    let at = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, at)) {
      const rest = chunk.subarray(at, end);
      const line = unfinished.length === 0 ? rest : Buffer.concat([...unfinished, rest]);
      unfinished = [];
      at = end + 1;
      if (batch.length > 0 && (batch.length === BATCH_LINES_MAX || batchBytes + line.byteLength > BATCH_BYTES_MAX)) {
        yield batch;
        batch = [];
        batchBytes = 0;
      }
      batch.push(line);
      batchBytes += line.byteLength;
    }
    if (batch.length > 0) yield batch;
    if (at < chunk.byteLength) unfinished.push(chunk.subarray(at));
  }
  if (unfinished.length > 0) yield [Buffer.concat(unfinished)];
}
