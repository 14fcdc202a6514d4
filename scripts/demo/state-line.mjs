// @ts-check
// One line a second on how the log stands: its state and how it got there, free space, rates.

const MIB = 1024 * 1024;

/** @param {number} bytes */
const mib = (bytes) => (bytes / MIB).toFixed(1);

/**
 * Prints until it is stopped.
 * @param {import('./example-programs.mjs').Producer} producer
 * @param {() => number} readBytes what consumers have read so far, in bytes
 * @param {number | null} quotaBytes what the log may take at most; null: as much as its file system has
 * @returns {() => void} stops it
 */
export function printStateLines(producer, readBytes, quotaBytes) {
  const startedAt = performance.now();
  /** @type {string[]} states passed through since the last line */
  let passed = [];
  let retiredBytes = 0;
  let before = { appended: 0, read: 0 };
  producer.onEvent((event) => {
    if (event.event === 'state') passed.push(event['to']);
    if (event.event === 'delete') retiredBytes += event['bytes'];
  });
  const timer = setInterval(() => {
    const { status } = producer;
    if (status === null) return;
    const now = { appended: status['appendedBytes'], read: readBytes() };
    const state = status['reason'] === null ? status['state'] : `${status['state']} (${status['reason']})`;
    const freeBytes = quotaBytes === null ? status['space'].freeBytes : Math.max(0, quotaBytes - status['bytes'] - (status['spare']?.bytes ?? 0));
    const changes = passed.length > 1 ? `, ${passed.length} changes` : '';
    const facts = [
      `${Math.round((performance.now() - startedAt) / 1_000).toString().padStart(3)} s`,
      `${state}${changes}`.padEnd(34),
      `free ${mib(freeBytes).padStart(5)} MiB`,
      `log ${mib(status['bytes']).padStart(5)} MiB`,
      `spare ${status['spare'] === null ? 'none   ' : `${mib(status['spare'].bytes)} MiB`}`,
      `appended ${mib(now.appended - before.appended).padStart(5)} MiB/s`,
      `read ${mib(now.read - before.read).padStart(5)} MiB/s`,
      `retired ${mib(retiredBytes).padStart(5)} MiB`,
    ];
    console.log(facts.join(' | '));
    before = now;
    passed = [];
  }, 1_000);
  return () => clearInterval(timer);
}
