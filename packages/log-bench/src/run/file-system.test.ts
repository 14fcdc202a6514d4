import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { findMount, mountOf } from './file-system.js';

const MOUNTINFO = `22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
25 22 0:23 / /tmp rw,nosuid - tmpfs tmpfs rw,size=1024k
31 22 253:1 / /mnt/my\\040disk rw - xfs /dev/vdb rw,attr2
40 25 0:40 / /tmp rw - btrfs /dev/vdc rw
`;

describe('findMount', () => {
  it('takes the longest mount point above the path', () => {
    expect(findMount(MOUNTINFO, '/home/me')).toEqual({ type: 'ext4', device: '/dev/vda', options: 'rw,discard' });
    expect(findMount(MOUNTINFO, '/mnt/my disk/log')).toMatchObject({ type: 'xfs', device: '/dev/vdb' });
  });

  it('takes the last of two mounts at one point, which hides the first', () => {
    expect(findMount(MOUNTINFO, '/tmp/x')).toMatchObject({ type: 'btrfs' });
  });

  it('does not take /tmp for a mount above /tmpfiles', () => {
    expect(findMount(MOUNTINFO, '/tmpfiles/a')).toMatchObject({ type: 'ext4' });
  });

  it('is null where the text names no mount', () => {
    expect(findMount('', '/')).toBeNull();
  });
});

describe('mountOf', () => {
  it('names some file system for a directory that is there', () => {
    expect(mountOf(tmpdir()).type).not.toBe('');
  });
});
