/** The report in a real browser: on a phone and on a desk, light and dark. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BRIMLOG } from '../src/model/sample.js';
import { runPage } from '../src/report/html/run-page.js';
import { findBrowser, HeadlessBrowser } from './headless-browser.js';
import { wholeRun } from './made-runs.js';

const program = findBrowser();
if (program === null) console.warn('report in a browser: left out, no Chromium or Chrome is installed (its path may be given in CHROME)');

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };

/** What stands out of its place: wider than the page, or a chart's text beyond the chart. */
const OUT_OF_PLACE = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways: ' + document.documentElement.scrollWidth] : []),
  ...[...document.querySelectorAll('svg')].flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent !== '' && text.getAttribute('opacity') !== '0');
    return [
      ...(frame.width < 250 || frame.height < 80 ? ['a chart of ' + frame.width + ' by ' + frame.height] : []),
      ...texts.filter((text) => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
      }).map((text) => 'beyond its chart: ' + text.textContent),
    ];
  }),
]`;

/** Texts of one chart that lie on each other. */
const OVERLAPPING = `[...document.querySelectorAll('svg')].flatMap((svg) => {
  const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent.trim() !== '' && text.getAttribute('opacity') !== '0').map((text) => ({ name: text.textContent, box: text.getBoundingClientRect() }));
  return texts.flatMap(({ name, box }, at) => texts.slice(at + 1).filter(({ box: other }) =>
    Math.min(box.right, other.right) - Math.max(box.left, other.left) > 2 && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 4).map((other) => name + ' on ' + other.name));
})`;

/** The smallest text, in pixels as drawn. */
const SMALLEST_TEXT = `Math.min(...[...document.querySelectorAll('svg')].map((svg) => 11 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width), ...[...document.querySelectorAll('p, td, th, h2')].map((text) => parseFloat(getComputedStyle(text).fontSize)))`;

/** The least contrast of any text with the page, as the Web Content Accessibility Guidelines reckon it. */
const LEAST_CONTRAST = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (colour) => channels(colour).map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  const contrast = (colour) => { const ink = light(colour); return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05); };
  const texts = [...document.querySelectorAll('p, td, th, h1, h2')].map((text) => getComputedStyle(text).color);
  const drawn = [...document.querySelectorAll('svg text')].map((text) => getComputedStyle(text).fill);
  return Math.min(...[...texts, ...drawn].map(contrast));
})()`;

const LINE_COLOURS = `[...new Set([...document.querySelectorAll('svg path')].map((path) => getComputedStyle(path).stroke))].filter((colour) => colour !== 'none')`;

describe.skipIf(program === null)('the report in a browser', () => {
  let dir = '';
  let urls: string[] = [];
  let browser: HeadlessBrowser;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'brimlog-report-'));
    const run = wholeRun();
    const alone = { ...run, samples: run.samples.filter(({ subject }) => subject === BRIMLOG) };
    const pages = { 'with-peers.html': await runPage(run), 'alone.html': await runPage(alone) };
    urls = Object.entries(pages).map(([name, page]) => {
      writeFileSync(join(dir, name), page);
      return pathToFileURL(join(dir, name)).href;
    });
    browser = await HeadlessBrowser.start(program ?? '');
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    rmSync(dir, { recursive: true });
  });

  for (const [name, size] of [['phone', PHONE], ['desk', DESK]] as const) {
    for (const dark of [false, true]) {
      it(`fits a ${name} in ${dark ? 'dark' : 'light'}: nothing beyond its place, nothing on anything else, everything to be read`, async () => {
        for (const url of urls) {
          await browser.open(url, { ...size, dark });
          expect(await browser.evaluate(OUT_OF_PLACE)).toEqual([]);
          expect(await browser.evaluate(OVERLAPPING)).toEqual([]);
          expect(await browser.evaluate(SMALLEST_TEXT)).toBeGreaterThanOrEqual(9.5);
          expect(await browser.evaluate(LEAST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
        }
      });
    }
  }

  it('has colours of its own in the dark', async () => {
    const [url = ''] = urls;
    await browser.open(url, { ...PHONE, dark: false });
    const light = await browser.evaluate(LINE_COLOURS);
    await browser.open(url, { ...PHONE, dark: true });
    expect(await browser.evaluate(LINE_COLOURS)).not.toEqual(light);
  });

  it('asks for nothing but itself, and the browser has no complaint', () => {
    expect([...new Set(browser.requests)].filter((address) => !urls.includes(address))).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});
