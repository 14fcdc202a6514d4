// @ts-check
// The one check that must work on any Node, also on one that is too old for everything else here.

/**
 * @param {string} version the running Node's version, as in process.versions.node
 * @param {string} range the package's `engines.node`, of the form `>=major.minor`
 * @returns {string | undefined} one sentence for the user when this Node is too old
 */
export function nodeVersionProblem(version, range) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = range.replace('>=', '').split('.').map(Number);
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return undefined;
  return `brimlog: this is Node ${version}, and brimlog needs Node ${majorMin}.${minorMin} or newer; install it (https://nodejs.org) and run the command again.`;
}
