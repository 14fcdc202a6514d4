// @ts-check
// The borders between the layers of packages/log-core/src (CONTRIBUTING.md, "Layers"): who may import whom, and which parts of the
// world a layer may touch. Every message names the remedy. A border changes together with the decision record that explains it.

const source = 'packages/log-core/src';
const folders = ['model', 'codec', 'decide', 'ports', 'shell', 'adapters', 'testing'];

const remedies = {
  clock: 'Take time and timers from the Clock port that is passed in.',
  random: 'Randomness is an input: take it as a parameter, and let an adapter make it.',
  process: 'The process and its environment belong to adapters/: take the fact as a parameter.',
  bytes: 'Bytes are Uint8Array and DataView here; Buffer belongs to adapters/.',
  node: 'Only adapters/ may use Node: add what is needed to a port and pass it in.',
  wait: 'The pure core is synchronous, facts in and plan out: what waits belongs to shell/.',
  lock: 'Locks are taken by runExclusive in shell/lock-scope.ts alone: ask for its token as a parameter.',
  shell: 'shell/ sees adapters/ through ports/ only: let index.ts pass the implementation in.',
};

/**
 * What a layer may touch beside other modules: `node` everything, `pure` nothing, `ports` only what a port gives it; `simulated`
 * is `ports`, but may give way to the event loop, which a simulated clock has to.
 * @typedef {'node' | 'ports' | 'simulated' | 'pure'} World
 */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {string[]} files below the library's sources
 * @property {string[]} [ignores]
 * @property {World} world
 * @property {string[]} imports the folders it may import, its own included
 * @property {string[]} [packages] regular expressions of what it may import beside neverthrow
 * @property {string} remedy what to do instead of any other import
 */

/** @type {Layer[]} */
const layers = [
  {
    name: 'model',
    files: ['model/**'],
    world: 'pure',
    imports: ['model'],
    remedy: 'model/ holds the words and knows no other layer: move the word here, or the logic out.',
  },
  {
    name: 'codec',
    files: ['codec/**'],
    world: 'pure',
    imports: ['model', 'codec'],
    remedy: 'codec/ turns values into bytes and back, and knows model/ alone: take the rest, a native checksum too, as a parameter.',
  },
  {
    name: 'decide',
    files: ['decide/**'],
    world: 'pure',
    imports: ['model', 'codec', 'decide'],
    remedy: 'decide/ turns facts into plans: let shell/ gather the facts and pass them in.',
  },
  {
    name: 'ports',
    files: ['ports/**'],
    world: 'ports',
    imports: ['model', 'ports'],
    remedy: 'ports/ says what the disk and the clock must offer, in words of model/ alone.',
  },
  {
    name: 'shell',
    files: ['shell/**'],
    ignores: ['shell/lock-scope.ts'],
    world: 'ports',
    imports: ['model', 'codec', 'decide', 'ports', 'shell'],
    remedy: remedies.shell,
  },
  {
    name: 'lock-scope',
    files: ['shell/lock-scope.ts'],
    world: 'ports',
    imports: ['model', 'codec', 'decide', 'ports', 'shell'],
    packages: ['async-mutex'],
    remedy: remedies.shell,
  },
  {
    name: 'adapters',
    files: ['adapters/**'],
    world: 'node',
    imports: ['model', 'ports', 'adapters'],
    packages: ['node:.*', 'fs-ext', '@node-rs/crc32'],
    remedy: 'adapters/ puts Node behind the ports and decides nothing: return the facts and let decide/ choose.',
  },
  {
    name: 'testing',
    files: ['testing/**'],
    world: 'simulated',
    imports: ['model', 'codec', 'ports', 'testing'],
    packages: ['node:assert', 'node:assert/strict'],
    remedy: 'testing/ is shipped to users and stands on ports/, model/ and codec/: take the rest, the test runner too, as a parameter.',
  },
  {
    name: 'index',
    files: ['*.ts'],
    world: 'ports',
    imports: ['model', 'ports', 'shell', 'adapters'],
    remedy: 'index.ts wires shell/ and adapters/: what has logic belongs into a layer.',
  },
];

/**
 * One ESLint config per layer. Tests may reach across.
 * @type {import('eslint').Linter.Config[]}
 */
export const layerBorders = layers.map((layer) => ({
  name: `brimlog/border/${layer.name}`,
  files: layer.files.map((path) => `${source}/${path}`),
  ignores: ['**/*.test.ts', ...(layer.ignores ?? []).map((path) => `${source}/${path}`)],
  rules: { 'no-restricted-imports': importRule(layer), ...worldRules(layer.world) },
}));

/**
 * @param {Layer} layer
 * @returns {import('eslint').Linter.RuleEntry}
 */
function importRule({ imports, packages = [], remedy }) {
  const foreign = folders.filter((folder) => !imports.includes(folder));
  // What this layer may import is taken out of every pattern below.
  const other = `^(?!(?:${['neverthrow', ...packages].join('|')})$)`;
  const patterns = [
    { regex: String.raw`^\.{1,2}/(?:.*/)?(?:${foreign.join('|')})/`, message: remedy },
    { regex: String.raw`^(?:\.\./)+index\.js$`, message: 'Import the module itself, not the public surface, which imports everything.' },
    { regex: `${other}async-mutex$`, message: remedies.lock },
    { regex: `${other}(?:node:|fs-ext$)`, message: remedies.node },
    { regex: String.raw`${other}(?!\.{1,2}/|async-mutex$|node:|fs-ext$)`, message: remedy },
  ];
  return ['error', { patterns }];
}

/**
 * @param {World} world
 * @returns {import('eslint').Linter.RulesRecord}
 */
function worldRules(world) {
  if (world === 'node') return {};
  const isPure = world === 'pure';
  const globals = [
    ...forbid(['Date', 'performance', 'setTimeout', 'setInterval'], remedies.clock),
    ...forbid(['process', 'globalThis'], remedies.process),
    ...forbid(['crypto'], remedies.random),
    ...(world === 'simulated' ? [] : forbid(['setImmediate'], remedies.clock)),
    ...(isPure ? forbid(['Buffer'], remedies.bytes) : []),
    ...(isPure ? forbid(['queueMicrotask', 'Promise'], remedies.wait) : []),
  ];
  const waiting = [':function[async=true]', 'AwaitExpression', 'ForOfStatement[await=true]'];
  const syntax = [
    { selector: 'ImportExpression', message: `A dynamic import slips past the borders. ${remedies.node}` },
    ...(isPure ? waiting.map((selector) => ({ selector, message: remedies.wait })) : []),
  ];
  return {
    'no-restricted-globals': ['error', ...globals],
    'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: remedies.random }],
    'no-restricted-syntax': ['error', ...syntax],
    'no-console': 'error',
  };
}

/**
 * @param {string[]} names
 * @param {string} message
 */
function forbid(names, message) {
  return names.map((name) => ({ name, message }));
}
