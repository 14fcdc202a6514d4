// @ts-check
// Mutants of the pure core that no test notices, each with the reason why it changes nothing that could be noticed. Held against
// Stryker's report by `npm run stryker`: a survivor that is not listed fails it, and so does an entry that is of none.

/** @type {readonly import('../../../../scripts/stryker/explain-survivors.mjs').Explained[]} */
export const survivors = [];
