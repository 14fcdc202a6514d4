/**
 * Draws a Vega-Lite chart as inline SVG. Colours are the page's custom properties, so that one drawing is right in light and
 * in dark; sizes are those of a phone, and the page scales it up elsewhere.
 */
import { parse, View } from 'vega';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';

/** A chart without what all charts have in common. */
export type ChartSpec = Omit<TopLevelSpec & object, '$schema' | 'config' | 'width' | 'height' | 'background' | 'autosize'> & { readonly height?: number };

/** The width of a chart with its axis, in the units of its text. */
export const CHART_WIDTH = 360;
const CHART_HEIGHT = 270;

/** Colours of what is measured, and those of floors, as the page defines them. */
export const MARK_COLOURS = ['var(--s1)', 'var(--s2)', 'var(--s3)', 'var(--s4)', 'var(--s5)', 'var(--s6)'] as const;
export const FLOOR_COLOURS = ['var(--floor1)', 'var(--floor2)'] as const;

const CONFIG: Config = {
  aria: false,
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: 'var(--ink)',
    titleColor: 'var(--faint)',
    gridColor: 'var(--rule)',
    domainColor: 'var(--rule)',
    tickColor: 'var(--rule)',
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: 'var(--ink)', labelFontSize: 11, title: null, orient: 'bottom', labelLimit: CHART_WIDTH, symbolStrokeWidth: 2, symbolOpacity: 1, rowPadding: 4 },
  text: { color: 'var(--ink)', fontSize: 11 },
  rule: { color: 'var(--ink)' },
};

/** Draws it. */
export async function chartSvg(spec: ChartSpec): Promise<string> {
  const whole = { height: CHART_HEIGHT, ...spec, width: CHART_WIDTH, autosize: { type: 'fit', contains: 'padding' }, padding: 2, config: CONFIG } as TopLevelSpec;
  const view = new View(parse(compile(whole).spec), { renderer: 'none' });
  const drawn = await view.toSVG();
  view.finalize();
  return fluid(drawn);
}

/** Without a size of its own, so that the page gives it one. */
function fluid(svg: string): string {
  const end = svg.indexOf('>');
  return svg.slice(0, end).replace(/ (?:width|height)="[^"]*"/g, '').replace(/ xmlns:xlink="[^"]*"/, '') + svg.slice(end);
}
