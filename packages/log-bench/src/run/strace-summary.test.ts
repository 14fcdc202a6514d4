import { describe, expect, it } from 'vitest';
import { countTrace } from './strace-summary.js';

describe('countTrace', () => {
  it('counts calls of all threads, those in two halves once', () => {
    const { calls, syncs } = countTrace(
      ['100 fdatasync(21)                    = 0', '101 fdatasync(22 <unfinished ...>', '100 futex(0x1, FUTEX_WAIT, 0) = -1 EAGAIN', '101 <... fdatasync resumed>)          = 0'].join('\n'),
      '/log',
    );
    expect(calls).toEqual({ fdatasync: 2, futex: 1 });
    expect(syncs).toBe(2);
  });

  it('takes a write to a handle opened with O_DSYNC for a sync, until it is closed', () => {
    const { syncs } = countTrace(
      [
        '100 openat(AT_FDCWD, "/log/a", O_RDWR|O_DSYNC|O_CLOEXEC) = 21',
        '101 openat(AT_FDCWD, "/log/b", O_RDWR|O_DSYNC <unfinished ...>',
        '100 openat(AT_FDCWD, "/log/c", O_RDWR) = 22',
        '101 <... openat resumed>, 0600)        = 23',
        '100 pwrite64(21, ""..., 170, 0)        = 170',
        '100 pwrite64(22, ""..., 170, 0)        = 170',
        '100 pwrite64(23, ""..., 170, 0 <unfinished ...>',
        '100 close(21)                          = 0',
        '100 pwrite64(21, ""..., 170, 0)        = 170',
      ].join('\n'),
      '/log',
    );
    expect(syncs).toBe(2);
  });

  it('counts files of the log once, by what was done with them', () => {
    const counted = countTrace(
      [
        '1 openat(AT_FDCWD, "/log", O_RDONLY|O_DIRECTORY) = 5',
        '1 openat(AT_FDCWD, "/log/a", O_RDONLY) = 6',
        '1 openat(AT_FDCWD, "/log/a", O_RDONLY) = 7',
        '1 openat(AT_FDCWD, "/log/not-read", O_RDONLY) = 9',
        '1 pread64(6, ""..., 64, 0) = 64',
        '1 pread64(7, ""..., 64, 0) = 64',
        '1 read(8, ""..., 64) = 64',
        '1 openat(AT_FDCWD, "/usr/lib/x.so", O_RDONLY) = 8',
        '1 statx(AT_FDCWD, "/log/b", AT_STATX_SYNC_AS_STAT, STATX_ALL, {}) = 0',
        '1 statx(6, "", AT_EMPTY_PATH, STATX_ALL, {}) = 0',
      ].join('\n'),
      '/log',
    );
    expect(counted).toMatchObject({ filesRead: 1, filesStatted: 1 });
  });

  it('finds nothing in something else', () => {
    expect(countTrace('strace: attach: Operation not permitted', '/log')).toEqual({ calls: {}, syncs: 0, filesRead: 0, filesStatted: 0 });
  });
});
