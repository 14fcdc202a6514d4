/** Numbers on the command line. */
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `1048576`, `1024k` and `1m` are the same number of bytes; a count is just digits. */
export function numberOption(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})([kmg]?)$/i.exec(text) ?? [];
  if (digits === '') throw new InvalidArgumentError('It must be a whole number; k, m and g stand for KiB, MiB and GiB.');
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}
