/** A clock that all processes of a machine share: times of one can be compared with times of another. */

/** Microseconds since some moment that is the same for every process. */
export function sharedNowUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
