import { describe, expect, it } from 'vitest';
import { COSTS, madeRun, madeSample } from '../../test/made-runs.js';
import { fillPage } from './docs-page.js';

const run = madeRun([
  madeSample('durable-1', 5000, { costs: COSTS, floors: { growing: 10_000 } }),
  madeSample('written-batches', 1e6, { costs: COSTS, floors: { unsynced: 4e6 } }),
]);
const PAGE = `# Speed

<!-- figures durable -->
<!-- end -->

Between the two.

<!-- figures written -->
<!-- end -->

The end.
`;

describe('fillPage', () => {
  const filled = fillPage(PAGE, run);

  it('puts each table into its place, and leaves what stands between them', () => {
    const lines = filled.split('\n').map((line) => (line.startsWith('|') ? '|' : line));
    const kept = lines.filter((line) => line !== '' && line !== '|' && !line.startsWith('raw ='));
    expect(kept).toEqual(['# Speed', '<!-- figures durable -->', '<!-- end -->', 'Between the two.', '<!-- figures written -->', '<!-- end -->', 'The end.']);
    expect(filled).toContain('| 1 producer | 5,000 |');
    expect(filled.indexOf('| batches of 1,000 |')).toBeGreaterThan(filled.indexOf('Between the two.'));
  });

  it('filling twice is the same as once', () => {
    expect(fillPage(filled, run)).toBe(filled);
  });

  it('throws where the page asks for what there is not', () => {
    expect(() => fillPage(PAGE.replace('figures durable', 'figures reading'), run)).toThrow('reading');
    expect(() => fillPage(PAGE.replace('figures durable', 'figures nonsense'), run)).toThrow('nonsense');
  });
});
