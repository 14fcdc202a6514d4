// @ts-check
// Where the time of a run went, out of the profiles of its processes: by part of the repository, and by function.
import { readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';

/** @typedef {{ functionName: string, url: string, lineNumber: number, columnNumber: number }} CallFrame */
/** @typedef {{ nodes: { id: number, callFrame: CallFrame }[], samples: number[], timeDeltas: number[] }} CpuProfile */

/** @type {readonly [RegExp, string][]} */
const PARTS = [
  [/src\/testing\//, 'the simulated disk'],
  [/test\//, 'histories and the model'],
  [/src\//, 'the engine'],
  [/node_modules\//, 'libraries'],
];
const FUNCTIONS_MAX = 15;
const MAP_MARK = '//# sourceMappingURL=data:application/json;base64,';

/** @param {string} dir where the `.cpuprofile` files are @param {string} bundle what ran @returns {string} two lists, most first */
export function profileText(dir, bundle) {
  const code = readFileSync(bundle, 'utf8');
  const map = new SourceMap(JSON.parse(Buffer.from(code.slice(code.lastIndexOf(MAP_MARK) + MAP_MARK.length), 'base64').toString('utf8')));
  /** @type {Map<string, number>} */
  const byPart = new Map();
  /** @type {Map<string, number>} */
  const byFunction = new Map();
  let total = 0;
  for (const name of readdirSync(dir).filter((each) => each.endsWith('.cpuprofile'))) {
    /** @type {CpuProfile} */
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(dir, name), 'utf8'));
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    for (const [at, id] of samples.entries()) {
      const frame = frames.get(id);
      if (frame === undefined) continue;
      const time = timeDeltas[at] ?? 0;
      const file = frame.url.endsWith('entry.mjs') ? sourceOf(map, frame) : '';
      const part = PARTS.find(([pattern]) => pattern.test(file))?.[1] ?? (frame.functionName === '(garbage collector)' ? 'garbage collection' : 'Node and V8');
      total += time;
      byPart.set(part, (byPart.get(part) ?? 0) + time);
      const place = `${frame.functionName === '' ? '(anonymous)' : frame.functionName} ${file.replace(/^(\.\.\/)+/, '')}`;
      byFunction.set(place, (byFunction.get(place) ?? 0) + time);
    }
  }
  const share = (/** @type {[string, number]} */ [name, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`;
  const sorted = (/** @type {Map<string, number>} */ times) => [...times].sort((a, b) => b[1] - a[1]).map(share);
  return ['where the time went:', ...sorted(byPart), '', ...sorted(byFunction).slice(0, FUNCTIONS_MAX)].join('\n');
}

/** @param {SourceMap} map @param {CallFrame} frame */
function sourceOf(map, { lineNumber, columnNumber }) {
  const entry = map.findEntry(lineNumber, columnNumber);
  return 'originalSource' in entry ? entry.originalSource : '';
}
