/**
 * An opening could not make a segment's name durable and withheld it. A deletion then wrote a checkpoint that told of
 * that segment; the next opening took this for the proof, and a power cut took the name.
 */
import { it } from 'vitest';
import { expectKept } from '../property/history-arbitrary.js';
import { PLAIN_SETUP, SMALL_OPTIONS, type Operation, type Setup } from '../property/operations.js';

const setup: Setup = { ...PLAIN_SETUP, seed: 7, options: { ...SMALL_OPTIONS, segmentMs: 10, retention: { segmentsMax: 2 } } };
const append = (size: number, ack: 'flushed' | 'written' = 'flushed'): Operation => ({ do: 'append', calls: [{ sizes: [size], ack }] });
const operations: Operation[] = [
  append(20),
  { do: 'append', calls: [{ sizes: [100], ack: 'written' }, { sizes: [100], ack: 'flushed' }, { sizes: [100], ack: 'flushed' }] },
  { do: 'advance', ms: 50 },
  append(200, 'written'),
  { do: 'flush' },
  { do: 'advance', ms: 1_500 },
  { do: 'die', at: 5, how: 'process', during: [], faults: [{ on: ['sync-directory'], effect: { kind: 'fail', symbol: 'io' } }] },
  append(20),
  { do: 'commit', name: 'a', share: 1 },
  { do: 'retain' },
  { do: 'reopen' },
  append(20),
];

it('replay: the checkpoint tells of a segment only after its name is durable', () => expectKept(setup, operations));
