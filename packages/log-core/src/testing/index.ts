/**
 * `@brimlog/log-core/testing`: a simulated disk and clock for the engine's tests and its users', fault plans,
 * seeded randomness, and the contract suites that every implementation of the ports has to pass.
 */
export { SimulatedDisk } from './simulated-disk.js';
export { type CrashProfile, type SimulatedDiskOptions } from './disk-options.js';
export { SimulatedClock, SIMULATION_STARTS_AT } from './simulated-clock.js';
export { seededRandom, type Random } from './random.js';
export { type FaultEffect, type FaultPlan, type FaultRule, type FiredFault } from './fault-plan.js';
export { parsePlan, printPlan } from './fault-plan-text.js';
export { type FaultCounts, type FaultSign } from './fault-tally.js';
export { type CallFacts } from './call-trace.js';
export { type Schedule } from './call-dispatcher.js';
export { shuffledSchedule } from './shuffled-schedule.js';
export { type DataProfile, type ExposedBlocks } from './crash-image.js';
export { type NameProfile, type RenameProfile } from './directory-inode.js';
export { type SyncFailureFlavour } from './file-inode.js';
export {
  fileSystemCharacters,
  type AllocatingOperation,
  type FileSystemCharacter,
  type StatfsManner,
} from './file-system-character.js';
export { type SpaceLimits } from './space-ledger.js';
export { simulatedFailure } from './simulated-failure.js';
export { deviceFaultPlan, type DeviceFailure } from './device-faults.js';
export { type ContractCheck } from './contract/contract-check.js';
export { fileSystemContract, type FileSystemEnvironment } from './contract/file-system-contract.js';
export { clockContract, type ClockEnvironment } from './contract/clock-contract.js';
