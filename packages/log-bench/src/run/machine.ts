/** Where and with what a run was made: without it a figure is worth nothing. */
import { readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, loadavg, platform, release, totalmem, type } from 'node:os';
import { resolve } from 'node:path';
import { idleLoopDelayMs } from '../measure/gauges.js';
import type { Machine } from '../model/sample.js';
import { mountOf } from './file-system.js';

/** Variables that change what is measured. */
const TELLING = ['UV_THREADPOOL_SIZE', 'UV_USE_IO_URING', 'NODE_OPTIONS'] as const;

const IDLE_MS = 400;

/** Gathers the facts; `dir` is where is measured, `otherVersions` those of what is compared with. */
export async function describeMachine(dir: string, otherVersions: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const processors = cpus();
  const { bavail, bsize } = statfsSync(dir);
  return {
    cpu: (processors[0]?.model ?? 'unknown').trim(),
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()} ${arch()} (${platform()})`,
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
    idleLoopDelayMs: await idleLoopDelayMs(IDLE_MS),
    directory: resolve(dir),
    fileSystem: { ...mountOf(dir), freeBytes: bavail * bsize },
    versions: { node: process.versions.node, v8: process.versions.v8, uv: process.versions.uv, ...packageVersions(), ...otherVersions },
    environment: Object.fromEntries(TELLING.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
  };
}

function packageVersions(): Record<string, string> {
  const find = createRequire(import.meta.url);
  return { '@brimlog/log-bench': ownVersion(), '@brimlog/log-core': versionIn(find.resolve('@brimlog/log-core/package.json')) };
}

/** The version of this package. */
export function ownVersion(): string {
  return versionIn(new URL('../package.json', import.meta.url));
}

function versionIn(manifest: string | URL): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
