/** Begins the requests of a fixed load at their times and waits for every answer. */
import type { OfferedLoad } from '../stats/offered-load.js';
import { startPacemaker } from './pacemaker.js';
import { sharedNowUs } from './shared-clock.js';

/** Ticks come no more often than that; at higher rates several requests begin at one. */
const TICK_MS_MIN = 0.2;

/** What became of an offered load. */
export interface Offered {
  /** Microseconds from when each request was meant to begin to its answer. */
  readonly latenciesUs: Float64Array;
  /** How late each request began: a busy event loop's doing, which the latency includes. */
  readonly lateStartsUs: Float64Array;
  /** When the last answer came, in milliseconds since the start. */
  readonly endedAt: number;
}

/** Offers the whole load; `request` begins one and calls `answered` once. */
export async function offer(load: OfferedLoad, request: (answered: () => void) => void): Promise<Offered> {
  const latenciesUs = new Float64Array(load.count);
  const lateStartsUs = new Float64Array(load.count);
  let answered = 0;
  let startedAtUs = 0;
  let onEnd: (now: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    onEnd = resolve;
  });
  const nowMs = (): number => (sharedNowUs() - startedAtUs) / 1000;
  const begin = (index: number, now: number): void => {
    lateStartsUs[index] = load.latencyOf(index, now) * 1000;
    request(() => {
      const answeredAt = nowMs();
      latenciesUs[index] = load.latencyOf(index, answeredAt) * 1000;
      answered += 1;
      if (answered === load.count) onEnd(answeredAt);
    });
  };
  const onTick = (meantAtUs: number): void => {
    // The load begins when the first tick was meant to come, so that ticks and requests fall together.
    if (startedAtUs === 0) startedAtUs = meantAtUs;
    const now = nowMs();
    for (let index = load.takeDue(now); index >= 0; index = load.takeDue(now)) begin(index, now);
  };
  const pacemaker = await startPacemaker(Math.max(TICK_MS_MIN, 1000 / load.perSecond), onTick);
  const endedAt = await ended;
  await pacemaker.stop();
  return { latenciesUs, lateStartsUs, endedAt };
}
