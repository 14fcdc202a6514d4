/** The head of every report: where and with what it was measured, in three lines. */
import type { Machine } from '../model/sample.js';
import { formatBytes } from './format-number.js';

/** Three lines, and one more for each thing that changes what is measured. */
export function machineLines(machine: Machine): string[] {
  const { cpu, cores, memoryBytes, kernel, loadAverage, directory, fileSystem, versions, environment } = machine;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${formatBytes(memoryBytes)}, ${kernel}, load ${loadAverage.join(' ')}`,
    `${directory}: ${fileSystem.type} on ${fileSystem.device} (${fileSystem.options}), ${formatBytes(fileSystem.freeBytes)} free`,
    packages.join(', '),
    ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...(fileSystem.type === 'tmpfs' || fileSystem.type === 'ramfs' ? ['this directory is in memory: syncs cost nothing here, choose a disk with --dir'] : []),
  ];
}
