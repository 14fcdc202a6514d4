// @ts-check
// Mutants of the pure core that no test notices, each with the reason why it changes nothing that could be noticed. Held against
// Stryker's report by `npm run stryker`: a survivor that is not listed fails it, and so does an entry that is of none.

/** @type {readonly import('../../../../scripts/stryker/explain-survivors.mjs').Explained[]} */
export const survivors = [
  {
    file: 'decide/failure-policy.ts',
    code: 'state?.reason',
    becomes: 'state.reason',
    why: 'Everything that says of a disk or quota that it is full has a state: the type does not know.',
  },
  {
    file: 'decide/failure-policy.ts',
    code: "'stalled'",
    becomes: '""',
    why: 'A call that is stuck has a reaction of its own, which takes only the state from this row.',
  },
  {
    file: 'decide/failure-policy.ts',
    code: "'never'",
    becomes: '""',
    why: 'A call that is stuck has a reaction of its own, which takes only the state from this row.',
  },
  {
    file: 'decide/recovery.ts',
    code: 'checkpoint.recoveryPoint >= facts.lastSegment',
    becomes: 'checkpoint.recoveryPoint > facts.lastSegment',
    why: "A recovery point at the segment's base offset lies at its beginning: the scan begins there either way.",
  },
  {
    file: 'decide/recovery.ts',
    code: "'record'",
    becomes: '""',
    why: 'Only for the type: what ends in damage names the rule that it breaks.',
  },
  {
    file: 'decide/recovery.ts',
    code: 'checkpoint?.recoveryPoint',
    becomes: 'checkpoint.recoveryPoint',
    why: 'Only for the type: a log without a checkpoint is not clean.',
  },
  {
    file: 'decide/recovery.ts',
    code: 'checkpoint.recoveryPointSegment === lastSegment',
    becomes: 'true',
    why: "A recovery point in an earlier segment is at most this one's base offset, where the chain starts anyway.",
  },
  {
    file: 'decide/recovery.ts',
    code: 'next.offset > best.offset',
    becomes: 'next.offset >= best.offset',
    why: 'Two proofs of one offset are of one position.',
  },
  {
    file: 'decide/recovery.ts',
    code: "scan.stop === 'damage'",
    becomes: 'true',
    why: 'Only damage has a rule that is not null.',
  },
  {
    file: 'decide/log-state.ts',
    code: '[]',
    becomes: '["Stryker was here"]',
    why: 'No state has that name.',
  },
  {
    file: 'decide/retention.ts',
    code: "'disk-full'",
    becomes: '""',
    why: 'The reason of this plan is looked at by nobody.',
  },
  {
    file: 'decide/roll.ts',
    code: 'facts.ageMs !== null',
    becomes: 'true',
    why: 'Only for the type: null counts as 0, and segmentMs is at least 1.',
  },
];
