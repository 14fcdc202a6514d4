/**
 * Charts as inline SVG, drawn for a phone's width and scaled up elsewhere. Colours are classes, so that the page's style
 * decides them for light and dark; every mark has a title that tells its number.
 */
import { decadeScale, linearScale, tickLabel, type Scale } from './chart-scale.js';
import { element, escapeMarkup } from './markup.js';

const WIDTH = 360;
const MARGIN = { left: 46, right: 14, top: 12, bottom: 26 };
const LINES_HEIGHT = 240;
const BAR_HEIGHT = 34;

/** One line of a line chart; `y` NaN leaves a gap. */
export interface Series {
  readonly name: string;
  /** A floor is dashed and grey: what the others are held against. */
  readonly isFloor: boolean;
  readonly points: readonly { readonly y: number; readonly low: number; readonly high: number }[];
}

/** One bar; `low` and `high` are the extremes of the rounds. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Lines over named places, the vertical axis by decades, with a legend. */
export function lineChart(places: readonly string[], series: readonly Series[], unit: string): string {
  const bottom = LINES_HEIGHT - MARGIN.bottom;
  const y = decadeScale(series.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high])), bottom, MARGIN.top);
  const step = (WIDTH - MARGIN.left - MARGIN.right) / Math.max(1, places.length - 1);
  const x = (at: number): number => MARGIN.left + at * step;
  const names = places.map((place, at) => label(x(at), bottom + 16, at === places.length - 1 ? 'end' : 'middle', place));
  const styles = stylesOf(series);
  const lines = series.map((one, at) => drawSeries(one, styles[at] ?? '', x, y, places, unit));
  return svg(LINES_HEIGHT, unit, [...horizontalGrid(y), ...names, ...lines]) + legend(series.map(({ name }, at) => ({ name, style: styles[at] ?? '' })));
}

const COLOURS = 6;
const FLOORS = 2;

/** A class for each line: floors and the others are numbered apart. */
function stylesOf(series: readonly Series[]): string[] {
  let colours = 0;
  let floors = 0;
  return series.map(({ isFloor }) => (isFloor ? `floor${(floors++ % FLOORS) + 1}` : `s${(colours++ % COLOURS) + 1}`));
}

function drawSeries({ name, points }: Series, style: string, x: (at: number) => number, y: Scale, places: readonly string[], unit: string): string {
  const present = points.map((point, at) => ({ ...point, at })).filter((point) => Number.isFinite(point.y));
  const path = present.map((point, i) => `${i === 0 ? 'M' : 'L'}${round(x(point.at))} ${round(y.place(point.y))}`).join('');
  const marks = present.map(({ at, y: value, low, high }) => {
    const title = element('title', {}, escapeMarkup(`${name}, ${places[at] ?? ''}: ${value.toPrecision(3)} ${unit}`));
    const whisker = element('line', { class: 'whisker', x1: round(x(at)), x2: round(x(at)), y1: round(y.place(low)), y2: round(y.place(high)) });
    return whisker + element('circle', { cx: round(x(at)), cy: round(y.place(value)), r: 3.5 }, title);
  });
  return element('g', { class: style }, element('path', { class: 'line', d: path }) + marks.join(''));
}

/** Horizontal bars from zero, with a line at `reference`. */
export function barChart(bars: readonly Bar[], unit: string, reference: { readonly at: number; readonly name: string } | null): string {
  const bottom = MARGIN.top + bars.length * BAR_HEIGHT;
  const values = bars.flatMap(({ value, high }) => [value, high]);
  const x = linearScale(reference === null ? values : [...values, reference.at], MARGIN.right, WIDTH - MARGIN.right - 30);
  const ticks = x.ticks.map((tick) => element('line', { class: 'grid', x1: round(x.place(tick)), x2: round(x.place(tick)), y1: MARGIN.top, y2: bottom }) + label(x.place(tick), bottom + 14, 'middle', tickLabel(tick)));
  const drawn = bars.map((bar, at) => drawBar(bar, MARGIN.top + at * BAR_HEIGHT, x, unit));
  const line = reference === null ? '' : element('line', { class: 'reference', x1: round(x.place(reference.at)), x2: round(x.place(reference.at)), y1: MARGIN.top - 4, y2: bottom }, element('title', {}, escapeMarkup(reference.name)));
  return svg(bottom + MARGIN.bottom, unit, [...ticks, ...drawn, line]);
}

function drawBar({ label: name, value, low, high }: Bar, top: number, x: Scale, unit: string): string {
  if (!Number.isFinite(value)) return label(x.place(0), top + 12, 'start', `${name}: not measured`);
  const middle = top + 22;
  const title = element('title', {}, escapeMarkup(`${name}: ${value.toPrecision(3)} ${unit}`));
  const bar = element('rect', { x: round(x.place(0)), y: top + 16, width: round(Math.max(1, x.place(value) - x.place(0))), height: 12, rx: 2 }, title);
  const whisker = element('line', { class: 'whisker', x1: round(x.place(low)), x2: round(x.place(high)), y1: middle, y2: middle });
  const number = label(Math.max(x.place(value), x.place(high)) + 4, middle + 4, 'start', tickLabel(value));
  return element('g', { class: 's1' }, bar + whisker) + label(x.place(0), top + 12, 'start', name) + number;
}

function horizontalGrid(y: Scale): string[] {
  return y.ticks.map(
    (tick) =>
      element('line', { class: 'grid', x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: round(y.place(tick)), y2: round(y.place(tick)) }) +
      label(MARGIN.left - 6, y.place(tick) + 4, 'end', tickLabel(tick)),
  );
}

function label(x: number, y: number, anchor: 'start' | 'middle' | 'end', text: string): string {
  return element('text', { x: round(x), y: round(y), 'text-anchor': anchor }, escapeMarkup(text));
}

function svg(height: number, description: string, parts: readonly string[]): string {
  return element('svg', { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': description }, parts.join(''));
}

function legend(entries: readonly { readonly name: string; readonly style: string }[]): string {
  const items = entries.map(({ name, style }) => element('li', { class: style }, escapeMarkup(name)));
  return element('ul', { class: 'legend' }, items.join(''));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
