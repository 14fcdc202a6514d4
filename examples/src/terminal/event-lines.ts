/** What a program that watches the producer is told: one JSON object a line on standard output. */
import type { MessageLog } from '@brimlog/log-core';

const STATUS_MS = 500;

export interface EventLines {
  acknowledged(nextOffset: number): void;
  stop(): void;
}

/** Tells that the log is open and where it ends, from then on each acknowledgement, each change, and twice a second how it stands. */
export function eventLines(log: MessageLog): EventLines {
  const tell = (event: string, facts: object): void => {
    process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
  };
  const tellStatus = (): void => tell('status', { ...log.status(), ...log.metrics() });

  tell('open', { logEndOffset: log.status().logEndOffset, recovery: log.recovery });
  log.on('stateChange', (change) => tell('state', change));
  log.on('delete', (deletion) => tell('delete', deletion));
  log.on('warning', (warning) => tell('warning', warning));
  const timer = setInterval(tellStatus, STATUS_MS);
  tellStatus();
  return {
    acknowledged: (nextOffset) => tell('acknowledged', { nextOffset }),
    stop() {
      clearInterval(timer);
      tell('closed', { ...log.status(), ...log.metrics() });
    },
  };
}
