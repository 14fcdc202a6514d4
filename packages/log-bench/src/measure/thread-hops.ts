/**
 * A control: how fast this process goes to Node's thread pool and back with next to nothing to do there. Nobody's code under
 * test is in it, so where it moves between two runs, the machine did.
 */
import { fstat } from 'node:fs';

/** Calls per second, one after another, for about so long. */
export function threadHopsPerSecond(milliseconds: number): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let count = 0;
    const again = (): void => {
      const passed = performance.now() - startedAt;
      if (passed >= milliseconds) {
        resolve((count * 1000) / passed);
        return;
      }
      count += 1;
      fstat(0, again);
    };
    again();
  });
}
