import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { symbolOfErrno, toIoFailure } from './errno.js';

describe('symbolOfErrno', () => {
  const cases = [
    ['ENOSPC', 'no-space'],
    ['EIO', 'io'],
    ['EMFILE', 'fd-exhausted'],
    ['ENFILE', 'fd-exhausted'],
    ['EFBIG', 'file-too-large'],
    ['EROFS', 'read-only-fs'],
    ['EACCES', 'permission'],
    ['EPERM', 'permission'],
    ['ENOENT', 'not-found'],
    ['EEXIST', 'exists'],
    ['ENOTDIR', 'not-a-directory'],
    ['EISDIR', 'is-a-directory'],
    ['ESTALE', 'stale'],
    ['EAGAIN', 'again'],
    ['EINTR', 'again'],
    ['EINVAL', 'other'],
  ] as const;
  it.each(cases)('%s is %s, whatever its sign', (name, symbol) => {
    expect(symbolOfErrno(-constants.errno[name], 'write')).toBe(symbol);
    expect(symbolOfErrno(constants.errno[name], 'write')).toBe(symbol);
  });

  it('knows a quota by its number, for Node has no code for it', () => {
    const edquot = process.platform === 'darwin' ? -69 : -122;
    expect(toIoFailure({ errno: edquot, code: 'UNKNOWN', message: 'Unknown system error' }, 'write', 'a', 0)).toEqual({
      symbol: 'quota',
      errno: edquot,
      code: 'UNKNOWN',
      operation: 'write',
      path: 'a',
      position: 0,
      message: 'Unknown system error',
    });
  });

  it('takes a lack of watches for no full disk', () => {
    expect(symbolOfErrno(-constants.errno.ENOSPC, 'watch')).toBe('other');
  });
});

describe('toIoFailure', () => {
  it.each([[undefined], [null], ['text'], [7], [new Error('no number')], [{ errno: 'EIO' }], [{ errno: 1.5 }]])('makes a failure of %s', (thrown) => {
    expect(toIoFailure(thrown, 'open', 'p', null)).toMatchObject({ symbol: 'other', errno: 0, operation: 'open', path: 'p', position: null });
  });
});
