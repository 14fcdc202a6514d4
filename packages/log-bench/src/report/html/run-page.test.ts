import { describe, expect, it } from 'vitest';
import { QUICK } from '../../model/run-scale.js';
import type { RunFile, Sample } from '../../model/sample.js';
import { chooseWorkloads } from '../../model/workload.js';
import { escapeMarkup } from './markup.js';
import { runPage } from './run-page.js';

function sample(workload: string, figure: number, more: Partial<Sample> = {}): Sample {
  return { workload, subject: 'brimlog', round: 0, unit: 'records/s', figure, floors: { growing: 5000 }, costs: null, latency: null, checkedRecords: 1, facts: {}, ...more };
}

const percentiles = { count: 9, p50: 200, p90: 300, p99: 900, p999: 2000, max: 3000 };

const run: RunFile = {
  format: 'brimlog-bench-run',
  formatVersion: 1,
  startedAt: '2026-11-21T05:00:00.000Z',
  seconds: 100,
  quick: true,
  scale: QUICK,
  machine: {
    hostname: 'h',
    cpu: '<script>alert(1)</script>',
    cores: 2,
    memoryBytes: 2 ** 34,
    kernel: 'k',
    loadAverage: [1],
    idleLoopDelayMs: 0.1,
    directory: '/tmp',
    fileSystem: { type: 'ext4', device: 'd', options: 'rw', freeBytes: 2 ** 34 },
    versions: { node: '20' },
    environment: {},
  },
  workloads: chooseWorkloads(['durable-1', 'durable-16', 'durable-batches', 'offered-1000', 'open-clean']),
  samples: [
    sample('durable-1', 4000),
    sample('durable-16', 50_000, { floors: { growing: 5000, 'group-growing': 90_000 } }),
    sample('durable-batches', 1e6, { floors: { growing: 2e6 } }),
    sample('offered-1000', 1, { unit: 'ms', latency: { ...percentiles, sustained: true, raw: percentiles } }),
    sample('open-clean', 50, { unit: 'ms', floors: { 'list-stat': 20 } }),
  ],
  strace: [],
};

describe('runPage', () => {
  const html = runPage(run);

  it('is one file that loads nothing', () => {
    expect(html).not.toMatch(/<(?:script|link|img|iframe)\b|url\(|@import|(?:src|href)=/);
  });

  it('draws a chart for each question and keeps every table', () => {
    expect(html.match(/<svg /g)).toHaveLength(4);
    expect(html).toContain('Durable appends of 100 B over producers');
    expect(html.match(/<table>/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it('escapes what it was given', () => {
    expect(html).not.toContain('<script>');
    expect(html).toContain(escapeMarkup('<script>alert(1)</script>'));
  });

  it('has a style for dark systems and for narrow ones', () => {
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toContain('width=device-width');
  });

  it('never draws what is no number', () => {
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('closes every element it opens', () => {
    const names = ['section', 'svg', 'g', 'table', 'tr', 'td', 'th', 'ul', 'li', 'div'];
    for (const name of names) expect(html.match(new RegExp(`<${name}[ >]`, 'g'))?.length, name).toBe(html.match(new RegExp(`</${name}>`, 'g'))?.length);
  });

  it('leaves charts out that have nothing to show', () => {
    expect(runPage({ ...run, samples: [] })).not.toContain('<svg ');
  });
});
