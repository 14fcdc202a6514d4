/** The faults of the sweep, and which operations of the disk each can meet. */
import type { IoOperation } from '../../src/index.js';
import type { FaultEffect } from '../../src/testing/index.js';

export interface FaultKind {
  readonly name: string;
  readonly effect: FaultEffect;
  readonly meets: (operation: IoOperation) => boolean;
}

const isWrite = (operation: IoOperation): boolean => operation === 'write' || operation === 'dsync-write';
const isSync = (operation: IoOperation): boolean => operation === 'sync' || operation === 'sync-directory' || operation === 'dsync-write';
const opens = (operation: IoOperation): boolean => operation === 'open' || operation === 'create' || operation === 'readdir';
const changes = (operation: IoOperation): boolean => isWrite(operation) || isSync(operation) || ['create', 'rename', 'unlink', 'truncate', 'mkdir'].includes(operation);
const any = (): boolean => true;
/** A call that never answers takes its process with it in the end; one such call is enough. */
const never = (operation: IoOperation): boolean => changes(operation) || operation === 'read';

const fail = (symbol: Extract<FaultEffect, { kind: 'fail' }>['symbol']): FaultEffect => ({ kind: 'fail', symbol });

export const faultKinds: readonly FaultKind[] = [
  { name: 'EIO', effect: fail('io'), meets: any },
  { name: 'ENOSPC', effect: fail('no-space'), meets: changes },
  { name: 'EDQUOT', effect: fail('quota'), meets: changes },
  { name: 'no inode', effect: fail('no-inodes'), meets: (operation) => operation === 'create' || operation === 'mkdir' },
  { name: 'EMFILE', effect: fail('fd-exhausted'), meets: opens },
  { name: 'EFBIG', effect: fail('file-too-large'), meets: isWrite },
  { name: 'EROFS', effect: fail('read-only-fs'), meets: (operation) => changes(operation) || operation === 'open' },
  { name: 'EACCES', effect: fail('permission'), meets: (operation) => changes(operation) || opens(operation) },
  { name: 'EINTR', effect: fail('again'), meets: any },
  { name: 'short', effect: { kind: 'short', bytes: 100 }, meets: (operation) => isWrite(operation) || operation === 'read' },
  { name: 'short, ENOSPC', effect: { kind: 'short', bytes: 30, then: 'no-space' }, meets: isWrite },
  { name: 'short, EIO', effect: { kind: 'short', bytes: 600, then: 'io' }, meets: isWrite },
  { name: 'sync drops', effect: { kind: 'fail-sync', flavour: 'drop', symbol: 'io' }, meets: isSync },
  { name: 'sync poisons', effect: { kind: 'fail-sync', flavour: 'poison', symbol: 'io' }, meets: isSync },
  { name: 'sync lies', effect: { kind: 'fail-sync', flavour: 'false-failure', symbol: 'io' }, meets: isSync },
  { name: 'sync ENOSPC', effect: { kind: 'fail-sync', flavour: 'drop', symbol: 'no-space' }, meets: isSync },
  { name: 'done, EIO', effect: { kind: 'done-then-fail', symbol: 'io' }, meets: changes },
  { name: 'done, ENOSPC', effect: { kind: 'done-then-fail', symbol: 'no-space' }, meets: changes },
  { name: 'late', effect: { kind: 'late', work: 'last' }, meets: never },
  { name: 'late, done', effect: { kind: 'late', work: 'first' }, meets: never },
  { name: 'hang', effect: { kind: 'hang' }, meets: never },
];
