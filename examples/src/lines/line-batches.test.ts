import { expect, it } from 'vitest';
import { lineBatches } from './line-batches.js';

async function linesOf(...chunks: string[]): Promise<string[][]> {
  const batches: string[][] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  for await (const batch of lineBatches(source())) batches.push(batch.map((line) => Buffer.from(line).toString()));
  return batches;
}

it('lineBatches: gives each chunk’s whole lines at once, and joins a line that chunks cut', async () => {
  expect(await linesOf('one\ntwo\nth', 'r', 'ee\nfour\n')).toEqual([['one', 'two'], ['three', 'four']]);
});

it('lineBatches: keeps empty lines and carriage returns', async () => {
  expect(await linesOf('\n\r\n a \n')).toEqual([['', '\r', ' a ']]);
});

it('lineBatches: takes a last line without a line feed, and makes none of nothing', async () => {
  expect(await linesOf('one\ntwo')).toEqual([['one'], ['two']]);
  expect(await linesOf('')).toEqual([]);
});

it('lineBatches: bounds a batch by lines and by bytes', async () => {
  const many = await linesOf('x\n'.repeat(1_200));
  expect(many.map((batch) => batch.length)).toEqual([500, 500, 200]);
  const long = await linesOf(`${'a'.repeat(60_000)}\n${'b'.repeat(60_000)}\n${'c'.repeat(200_000)}\n`);
  expect(long.map((batch) => batch.length)).toEqual([1, 1, 1]);
});
