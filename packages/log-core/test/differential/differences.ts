/** Where a real file system and the simulated disk rightly answer differently: each with its reason, printed after a run. */
import type { DiskEvent, DiskOperation } from './disk-operations.js';
import type { Outcome } from './disk-run.js';

/** Two answers that are not the same, and what led to them. */
export interface Meeting {
  readonly kind: string;
  readonly operation: DiskOperation;
  /** The events in force. */
  readonly events: ReadonlySet<DiskEvent>;
  readonly real: Outcome;
  readonly simulated: Outcome;
}

/** A difference that is known and right. */
export interface Difference {
  readonly name: string;
  readonly why: string;
  readonly covers: (meeting: Meeting) => boolean;
  /** What it leaves behind is not the same: nothing after it can be compared. */
  readonly ends?: true;
}

const LACKS = new Set(['no-space', 'quota']);

/** The symbol of a failure, `ok` of a success. */
const symbolOf = (outcome: Outcome): string => outcome.split(' ')[0] ?? '';

/** A refusal for lack of room. */
const lacks = (outcome: Outcome): boolean => LACKS.has(symbolOf(outcome));

/** How many bytes were written; 0 where it was refused for lack of room; null for any other outcome. */
function written(outcome: Outcome): number | null {
  const count = /^ok (\d+)$/.exec(outcome)?.[1];
  return count === undefined ? (lacks(outcome) ? 0 : null) : Number(count);
}

const isFull = ({ events }: Meeting): boolean => events.has('full');

/** All of them. */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'errno of a failure without a symbol',
    why: 'what no symbol stands for is `other` on both; the simulated disk gives EINVAL for all of them',
    covers: ({ real, simulated }) => symbolOf(real) === 'other' && symbolOf(simulated) === 'other',
  },
  {
    name: 'a directory in the way that is not empty',
    why: 'POSIX lets a file system say EEXIST or ENOTEMPTY; xfs says the first, the others and the simulated disk the second',
    covers: ({ kind, operation, real, simulated }) => kind === 'xfs' && operation.do === 'rename' && symbolOf(real) === 'exists' && symbolOf(simulated) === 'other',
  },
  {
    name: 'room that nobody told of',
    why: 'a full ext4, xfs or btrfs finds a block here and there: in reserves, in extents begun, in what other files gave back',
    covers: (meeting) => isFull(meeting) && meeting.kind !== 'tmpfs' && lacks(meeting.simulated) && symbolOf(meeting.real) === 'ok',
  },
  {
    name: 'a longer or shorter part of a write',
    why: 'how much of a write finds room on a full disk goes by extents and reserves, on the simulated one by blocks',
    covers: (meeting) => {
      const [real, simulated] = [written(meeting.real), written(meeting.simulated)];
      return isFull(meeting) && meeting.kind !== 'tmpfs' && meeting.operation.do === 'write' && real !== null && simulated !== null;
    },
  },
  {
    name: 'a name that needs room',
    why: 'a new or changed entry may need a block of the directory, and more than one is asked for',
    covers: (meeting) => isFull(meeting) && meeting.kind !== 'tmpfs' && ['open', 'mkdir', 'rename'].includes(meeting.operation.do) && lacks(meeting.real) && symbolOf(meeting.simulated) === 'ok',
  },
  {
    name: 'a size that needs room',
    why: 'btrfs writes the block anew in which a file is to end; where that is refused, what lay behind in that block reads as zeros all the same',
    covers: (meeting) => isFull(meeting) && meeting.kind === 'btrfs' && meeting.operation.do === 'truncate' && lacks(meeting.real) && meeting.simulated === 'ok',
    ends: true,
  },
];
