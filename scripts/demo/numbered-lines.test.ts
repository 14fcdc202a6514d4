import { expect, it } from 'vitest';
import { LineCheck, NumberedText } from './numbered-lines.mjs';

const text = new NumberedText([Buffer.from('one'), Buffer.from(''), Buffer.from([0xc3, 0xa4])]);

function check(...chunks: (Buffer | string)[]): LineCheck {
  const lines = new LineCheck(text);
  for (const chunk of chunks) lines.take(Buffer.from(chunk));
  return lines;
}

it('LineCheck: takes lines in order from any number on, however they are cut', () => {
  const bytes = text.bytes(41, 100);
  const lines = check(bytes.subarray(0, 7), bytes.subarray(7, 8), bytes.subarray(8));
  expect(lines).toMatchObject({ first: 41, next: 100, problem: null, bytes: bytes.length });
});

it('LineCheck: counts what is missing, what comes twice and what is not the line of its number', () => {
  const lines = check(text.bytes(0, 10), text.bytes(13, 20), text.bytes(18, 25), '25 other\n', text.bytes(26, 30));
  expect(lines).toMatchObject({ first: 0, next: 30, lost: 3, duplicated: 2, changed: 1 });
});

it('LineCheck: tells of a line that has no end, and of bytes that are no numbered line', () => {
  expect(check(text.bytes(0, 3).subarray(0, -1)).problem).toMatch(/half a line/);
  expect(check('rubbish\n').changed).toBe(1);
});
