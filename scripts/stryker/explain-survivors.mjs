// @ts-check
// Holds Stryker's report against the list of explained survivors: each survivor has an explanation, each explanation a survivor.

/**
 * @typedef {{ line: number, column: number }} Place
 * @typedef {{ mutatorName: string, replacement?: string, status: string, location: { start: Place, end: Place } }} ReportedMutant
 * @typedef {{ files: Record<string, { source: string, mutants: ReportedMutant[] }> }} MutationReport
 * @typedef {{ file: string, code: string, becomes: string, why: string }} Explained
 *   `file` below `src/`; `code` is the mutated text or all of its line, `becomes` what Stryker made of it, or `*` for anything
 */

const NOTICED = new Set(['Killed', 'Timeout']);
const NOT_NOTICED = new Set(['Survived', 'NoCoverage']);

/**
 * @param {MutationReport} report
 * @param {readonly Explained[]} explained those of the files reported on
 * @returns {{ text: string, score: number, unexplained: number, stale: number }} what to print, the share noticed in percent, and the two counts that must be 0
 */
export function explainSurvivors(report, explained) {
  const lines = [];
  const used = new Set();
  let noticed = 0;
  let survived = 0;
  let unexplained = 0;
  for (const [path, { source, mutants }] of Object.entries(report.files)) {
    const file = path.replace(/^.*\/src\//, '');
    for (const mutant of mutants) {
      if (NOTICED.has(mutant.status)) noticed += 1;
      if (!NOT_NOTICED.has(mutant.status)) continue;
      survived += 1;
      const { code, line } = mutatedText(source, mutant);
      const becomes = oneLine(mutant.replacement ?? '');
      const explanation = explained.find((each) => each.file === file && (each.code === code || each.code === line) && (each.becomes === becomes || each.becomes === '*'));
      if (explanation !== undefined) used.add(explanation);
      else unexplained += 1;
      const tail = explanation === undefined ? 'NOT EXPLAINED' : explanation.why;
      lines.push(`  ${file}:${mutant.location.start.line} ${mutant.mutatorName}: ${code} -> ${becomes}\n      in: ${line}\n      ${tail}`);
    }
  }
  const stale = explained.filter((each) => !used.has(each));
  for (const each of stale) lines.push(`  STALE: ${each.file}: ${each.code} -> ${each.becomes}`);
  return { text: lines.join('\n'), score: (100 * noticed) / Math.max(1, noticed + survived), unexplained, stale: stale.length };
}

/**
 * @param {string} source
 * @param {ReportedMutant} mutant
 */
function mutatedText(source, { location: { start, end } }) {
  const all = source.split('\n');
  const within = all.slice(start.line - 1, end.line);
  const last = within.length - 1;
  const first = within[0] ?? '';
  if (last === 0) return { code: oneLine(first.slice(start.column - 1, end.column - 1)), line: oneLine(first) };
  const code = [first.slice(start.column - 1), ...within.slice(1, last), (within[last] ?? '').slice(0, end.column - 1)].join('\n');
  return { code: oneLine(code), line: oneLine(first) };
}

/** @param {string} text */
function oneLine(text) {
  return text.replaceAll(/\s+/g, ' ').trim();
}
