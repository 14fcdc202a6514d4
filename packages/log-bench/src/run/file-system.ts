/** Which file system a directory is on, as far as the system tells: what is measured is its work as much as the log's. */
import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A mount. */
export interface Mount {
  readonly type: string;
  readonly device: string;
  readonly options: string;
}

const TMPFS_MAGIC = 0x01021994;
const RAMFS_MAGIC = 0x858458f6;

/** Whether the directory is in memory: there a sync costs nothing and means nothing. */
export function inMemory(dir: string): boolean {
  const { type } = statfsSync(dir);
  return type === TMPFS_MAGIC || type === RAMFS_MAGIC;
}

/** The mount `dir` is on. */
export function mountOf(dir: string): Mount {
  try {
    const found = findMount(readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(resolve(dir)));
    if (found !== null) return found;
  } catch {
    // Not Linux: the number is all there is.
  }
  return { type: `0x${statfsSync(dir).type.toString(16)}`, device: 'unknown', options: '' };
}

/** The last and longest mount point above `path` in the text of /proc/self/mountinfo; null where none is. */
export function findMount(mountinfo: string, path: string): Mount | null {
  let best: { readonly point: string; readonly mount: Mount } | null = null;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = unescapeOctal(before.split(' ')[4] ?? '');
    const [type = '', device = '', superOptions = ''] = after.split(' ');
    if (type === '' || !isAbove(point, path)) continue;
    if (best === null || point.length >= best.point.length) best = { point, mount: { type, device, options: superOptions } };
  }
  return best?.mount ?? null;
}

function isAbove(point: string, path: string): boolean {
  return point === '/' || path === point || path.startsWith(`${point}/`);
}

/** Spaces and their like are written as \040 there. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
