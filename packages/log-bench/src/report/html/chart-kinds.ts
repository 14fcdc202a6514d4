/** The kinds of charts, as Vega-Lite specifications: lines with a floor to compare with, bars with whiskers, a timeline. */
import type { Timeline } from '../../model/sample.js';
import { CHART_WIDTH, FLOOR_COLOURS, MARK_COLOURS, type ChartSpec } from './vega-svg.js';

/** A point of a line; a floor is dashed and grey: what the others are held against. `low` and `high` are the extremes of the rounds. */
export interface Point {
  readonly series: string;
  readonly isFloor: boolean;
  readonly x: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** Where a line chart's points lie. `places`: names, in order; `ticks`: numbers with names. */
export interface LineAxes {
  readonly x: string;
  readonly y: string;
  readonly places?: readonly string[];
  readonly ticks?: readonly { readonly at: number; readonly name: string }[];
}

/** 0, 20, 5k, 1.5M, whatever the other ticks are. */
const SHORT_NUMBERS = "abs(datum.value) < 1 ? format(datum.value, '~r') : format(datum.value, '~s')";
const LABEL_ABOVE = { titleAngle: 0, titleAlign: 'left', titleAnchor: 'end', titleX: 4, titleY: -8 };
/** Where values fall below zero: by decades on both sides of it. */
const SIGNED_TICKS = [-10_000, -1000, -100, -10, 0, 10, 100, 1000, 10_000, 100_000];
/** Names longer than this have a line of the legend to themselves. */
const SHORT_NAME_MAX = 16;

function legendFor(names: readonly string[], symbolType: 'stroke' | 'square'): object {
  return { symbolType, columns: names.some((name) => name.length > SHORT_NAME_MAX) ? 1 : 2 };
}

/** Lines, one per series, with whiskers. */
export function lineChart(points: readonly Point[], axes: LineAxes): ChartSpec {
  const { series, colours, dashes } = seriesStyles(points);
  const hasFewPlaces = axes.places !== undefined;
  const x = { field: 'x', title: axes.x, ...(hasFewPlaces ? namedPlaces(axes.places) : numberedPlaces(axes.ticks ?? [])) };
  const isSigned = points.some(({ low }) => low <= 0);
  const scale = isSigned ? { type: 'symlog', constant: 10, nice: false } : { type: 'log', nice: false, domain: logDomain(points) };
  const values = isSigned ? SIGNED_TICKS : logTicks(logDomain(points));
  const y = { field: 'y', type: 'quantitative', title: axes.y, scale, axis: { labelExpr: SHORT_NUMBERS, values, ...LABEL_ABOVE } };
  const color = { field: 'series', type: 'nominal', scale: { domain: series, range: colours }, legend: legendFor(series, 'stroke') };
  const strokeDash = { field: 'series', type: 'nominal', scale: { domain: series, range: dashes } };
  return {
    data: { values: [...points] },
    layer: [
      ...(hasFewPlaces ? [{ mark: { type: 'rule', opacity: 0.6 }, encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color } }] : []),
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color, strokeDash } },
      { mark: { type: 'point', filled: true, size: hasFewPlaces ? 36 : 14, opacity: 1 }, encoding: { x, y, color } },
    ],
  } as ChartSpec;
}

/** Around all values and their extremes, with a little room. */
function logDomain(points: readonly Point[]): readonly [number, number] {
  return [Math.min(...points.map(({ low }) => low)) / LOG_ROOM, Math.max(...points.map(({ high }) => high)) * LOG_ROOM];
}

const LOG_ROOM = 1.25;
const TICKS_MIN = 3;

/** Whole decades, or finer where there are few of them. */
function logTicks([low, high]: readonly [number, number]): readonly number[] {
  const within = (factors: readonly number[]): number[] => {
    const decades = Array.from({ length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 }, (_, at) => 10 ** (Math.floor(Math.log10(low)) + at));
    return decades.flatMap((decade) => factors.map((factor) => factor * decade)).filter((tick) => tick >= low && tick <= high);
  };
  return [[1], [1, 3], [1, 2, 5]].map(within).find((ticks) => ticks.length >= TICKS_MIN) ?? within([1, 2, 3, 5, 7]);
}

function namedPlaces(places: readonly string[]): object {
  return { type: 'ordinal', sort: [...places], axis: { labelAngle: 0 }, scale: { type: 'point', padding: 0.2 } };
}

function numberedPlaces(ticks: readonly { readonly at: number; readonly name: string }[]): object {
  const names = JSON.stringify(Object.fromEntries(ticks.map(({ at, name }) => [at.toFixed(2), name])));
  return { type: 'quantitative', axis: { values: ticks.map(({ at }) => at), labelExpr: `${names}[format(datum.value, '.2f')]` } };
}

function seriesStyles(points: readonly Point[]): { readonly series: readonly string[]; readonly colours: readonly string[]; readonly dashes: readonly (readonly number[])[] } {
  const series = [...new Set(points.map((point) => point.series))];
  const isFloor = (name: string): boolean => points.some((point) => point.series === name && point.isFloor);
  let marks = 0;
  let floors = 0;
  const colours = series.map((name) => (isFloor(name) ? FLOOR_COLOURS[floors++ % FLOOR_COLOURS.length] : MARK_COLOURS[marks++ % MARK_COLOURS.length]) ?? '');
  return { series, colours, dashes: series.map((name) => (isFloor(name) ? [5, 4] : [1, 0])) };
}

/** One bar; `low` and `high` are the extremes of the rounds. */
export interface Bar {
  readonly label: string;
  readonly series: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const BAR_HEIGHT = 14;
const LABEL_HEIGHT = 18;

/** Horizontal bars under their names, one per series, with a line at `reference`. */
export function barChart(bars: readonly Bar[], { x: unit, reference }: { readonly x: string; readonly reference: number | null }): ChartSpec {
  const series = [...new Set(bars.map((bar) => bar.series))];
  const rows = [...new Set(bars.map(({ label }) => label))].flatMap((label) => [
    { row: `${label} `, label, isName: true },
    ...bars.filter((bar) => bar.label === label).map((bar) => ({ ...bar, row: `${label} ${bar.series}`, isName: false, text: shortNumber(bar.value) })),
  ]);
  const y = { field: 'row', type: 'ordinal', scale: { domain: rows.map(({ row }) => row) }, axis: null };
  const x = { field: 'value', type: 'quantitative', title: unit, scale: { zero: true, nice: true }, axis: { labelExpr: SHORT_NUMBERS, tickCount: 4 } };
  const isBar = { filter: '!datum.isName' };
  const color = { field: 'series', type: 'nominal', scale: { domain: series, range: series.map((name, at) => (name === 'floor' ? FLOOR_COLOURS[0] : MARK_COLOURS[at % MARK_COLOURS.length])) }, legend: series.length > 1 ? legendFor(series, 'square') : null };
  return {
    height: rows.length * ((BAR_HEIGHT + LABEL_HEIGHT) / 2) + 40,
    data: { values: rows },
    layer: [
      { transform: [isBar], mark: { type: 'bar', height: { band: 0.72 } }, encoding: { x, y, color } },
      { transform: [isBar], mark: { type: 'rule', opacity: 0.55, strokeWidth: 1.5 }, encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y } },
      { transform: [isBar], mark: { type: 'text', align: 'left', dx: 5 }, encoding: { x: { ...x, field: 'high' }, y, text: { field: 'text' } } },
      { transform: [{ filter: 'datum.isName' }], mark: { type: 'text', align: 'left', baseline: 'middle', limit: CHART_WIDTH }, encoding: { x: { value: 0 }, y, text: { field: 'label' } } },
      ...(reference === null ? [] : [{ data: { values: [{ value: reference }] }, mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1.5 }, encoding: { x } }]),
    ],
  } as ChartSpec;
}

function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** Appends a second over time, with what happened. */
export function timelineChart({ stepMs, acknowledged, refused, fullAtMs, freedAtMs, backAtMs }: Timeline): ChartSpec {
  const rows = (series: string, counts: readonly number[]): object[] => counts.map((count, step) => ({ series, ms: (step + 0.5) * stepMs, perSecond: (count * 1000) / stepMs }));
  const marks = [
    { ms: fullAtMs, name: 'full' },
    { ms: freedAtMs, name: 'freed' },
    { ms: backAtMs, name: 'back' },
  ];
  const x = { field: 'ms', type: 'quantitative', title: 'ms', axis: { grid: false, tickCount: 6 }, scale: { nice: false } };
  return {
    layer: [
      {
        data: { values: [...rows('acknowledged', acknowledged), ...rows('refused', refused)] },
        mark: { type: 'line', interpolate: 'step', strokeWidth: 1.5 },
        encoding: {
          x,
          y: { field: 'perSecond', type: 'quantitative', title: 'appends/s', scale: { type: 'symlog', constant: 100 }, axis: { labelExpr: SHORT_NUMBERS, values: SIGNED_TICKS, ...LABEL_ABOVE } },
          color: { field: 'series', type: 'nominal', scale: { domain: ['acknowledged', 'refused'], range: [MARK_COLOURS[0], MARK_COLOURS[1]] }, legend: legendFor([], 'stroke') },
        },
      },
      { data: { values: marks }, mark: { type: 'rule', strokeDash: [3, 3] }, encoding: { x } },
      // They may be close together: each name has a height of its own.
      ...marks.map((mark, at) => ({ data: { values: [mark] }, mark: { type: 'text', align: 'right', dx: -4, y: 8 + at * 14 }, encoding: { x, text: { field: 'name' } } })),
    ],
  } as ChartSpec;
}
