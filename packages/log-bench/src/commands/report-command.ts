/** `brimlog-bench report`: the page with charts, out of a file of `run --json`. */
import { writeFileSync } from 'node:fs';
import { readRunFile } from '../model/run-file.js';
import { runPage } from '../report/html/run-page.js';

/** Runs it. */
export function reportCommand(path: string, html: string): void {
  writeFileSync(html, runPage(readRunFile(path)));
}
