import { beforeAll, describe, expect, it } from 'vitest';
import { madeRun, madeSample, wholeRun } from '../../../test/made-runs.js';
import { escapeMarkup } from './markup.js';
import { runPage } from './run-page.js';

describe('runPage', () => {
  let html = '';
  beforeAll(async () => {
    const run = wholeRun();
    html = await runPage({ ...run, machine: { ...run.machine, cpu: '<script>alert(1)</script>' } });
  });

  it('is one file that loads nothing', () => {
    expect(html.match(/<(?:script|link|img|image|iframe|use)\b|url\(|@import|(?:src|href)=/)).toBeNull();
  });

  it('draws a chart for each question and keeps every table', () => {
    expect(html.match(/<svg /g)).toHaveLength(8);
    for (const title of ['Durable appends of 100 B over producers', 'Written appends of 100 B over producers', 'Latency of durable appends', 'Recovery and opening', 'What a full disk costs']) {
      expect(html.includes(title), title).toBe(true);
    }
    expect(html.match(/<table>/g)?.length).toBeGreaterThanOrEqual(9);
  });

  it('escapes what it was given', () => {
    expect(html.match(/<script>/)).toBeNull();
    expect(html.includes(escapeMarkup('<script>alert(1)</script>'))).toBe(true);
  });

  it('leaves every colour of a chart to the page, which knows light and dark', () => {
    expect(html.includes('prefers-color-scheme:dark')).toBe(true);
    const charts = html.match(/<svg [\s\S]*?<\/svg>/g) ?? [];
    const colours = new Set(charts.flatMap((chart) => [...chart.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour)));
    expect([...colours].filter((colour) => !/^(?:var\(--\w+\)|none|transparent)$/.test(colour ?? ''))).toEqual([]);
  });

  it('never draws what is no number', () => {
    expect(html.match(/NaN|Infinity|undefined/)).toBeNull();
  });

  it('draws a run of one round of one workload', async () => {
    const page = await runPage(madeRun([madeSample('open-10000', 50, { unit: 'ms', floors: { 'list-stat': 20 } })]));
    expect(page.match(/<svg /g)).toHaveLength(1);
    expect(page.match(/NaN|Infinity|undefined/)).toBeNull();
  });

  it('leaves charts out that have nothing to show', async () => {
    expect((await runPage(madeRun([]))).match(/<svg /)).toBeNull();
  });
});
