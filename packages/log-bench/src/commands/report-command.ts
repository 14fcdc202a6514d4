/** `brimlog-bench report`: the page with charts, out of a file of `run --json`. */
import { writeFileSync } from 'node:fs';
import { readRunFile } from '../model/run-file.js';

/** Runs it. */
export async function reportCommand(path: string, html: string): Promise<void> {
  const run = readRunFile(path);
  const { runPage } = await import('../report/html/run-page.js');
  writeFileSync(html, await runPage(run));
}
