// docs/format.md prints bytes; here they are compared with what the code writes.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FORMAT_EXAMPLES } from './format-examples.js';
import { hex } from './manifest.js';

/** The bytes of every block that begins with ```` ```hex name ````; what follows a `#` is remark. */
function printedExamples(page: string): Record<string, string> {
  const blocks = page.matchAll(/^```hex (\S+)\n(.*?)^```$/gms);
  return Object.fromEntries([...blocks].map(([, name, block]) => [name!, block!.replace(/#.*$/gm, '').replace(/\s+/g, '')]));
}

it('docs/format.md prints the bytes that are written', () => {
  const page = readFileSync(new URL('../../../../docs/format.md', import.meta.url), 'utf8');
  const written = Object.fromEntries(Object.entries(FORMAT_EXAMPLES).map(([name, example]) => [name, hex(example())]));
  expect(printedExamples(page)).toEqual(written);
});
