/** A suite's checks as rows of a table of tests, under their whole names. */
import type { ContractCheck } from '../../src/testing/contract/contract-check.js';

/** One row for each check. */
export function named<Environment>(checks: readonly ContractCheck<Environment>[]): [string, ContractCheck<Environment>][] {
  return checks.map((check) => [check.name, check]);
}
