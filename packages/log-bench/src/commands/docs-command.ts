/** `brimlog-bench docs`: puts the figures of a run into a page of documentation. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readRunFile } from '../model/run-file.js';
import { fillPage } from '../report/docs-page.js';

/** Rewrites the page. */
export function docsCommand(runPath: string, pagePath: string): void {
  writeFileSync(pagePath, fillPage(readFileSync(pagePath, 'utf8'), readRunFile(runPath)));
}
