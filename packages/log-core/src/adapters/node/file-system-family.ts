/**
 * Knows file systems by the magic number `statfs` reports: which of them allocate when they overwrite,
 * and which are remote and so outside what the library promises. It decides nothing by it.
 */
import type { SpaceFacts } from '../../ports/file-system.js';

interface KnownFileSystem {
  readonly family: SpaceFacts['family'];
  readonly name: string;
}

const overwriting = (name: string): KnownFileSystem => ({ family: 'overwriting', name });
const copyOnWrite = (name: string): KnownFileSystem => ({ family: 'copy-on-write', name });
const network = (name: string): KnownFileSystem => ({ family: 'network', name });

/** From linux/magic.h and the sources of zfs and bcachefs. */
const BY_MAGIC: ReadonlyMap<number, KnownFileSystem> = new Map([
  [0xef53, overwriting('ext4')], // ext2 and ext3 have the same number
  [0x58465342, overwriting('xfs')],
  [0x01021994, overwriting('tmpfs')],
  [0x858458f6, overwriting('ramfs')],
  [0x794c7630, overwriting('overlayfs')],
  [0xf2f52010, overwriting('f2fs')],
  [0x4d44, overwriting('vfat')],
  [0x2011bab0, overwriting('exfat')],
  [0x7366746e, overwriting('ntfs3')],
  [0x65735546, overwriting('fuse')], // may be anything at all; most are local
  [0x9123683e, copyOnWrite('btrfs')],
  [0x2fc12fc1, copyOnWrite('zfs')],
  [0xca451a4e, copyOnWrite('bcachefs')],
  [0x3434, copyOnWrite('nilfs2')],
  [0x6969, network('nfs')],
  [0xff534d42, network('cifs')],
  [0xfe534d42, network('smb2')],
  [0x517b, network('smb')],
  [0x01021997, network('9p')],
  [0x00c36400, network('ceph')],
  [0x5346414f, network('afs')],
  [0x0bd00bd0, network('lustre')],
]);

/**
 * The file system behind `statfs`'s type number; an unknown one is taken for `overwriting` and named by
 * its number. macOS numbers its file systems by the order of their loading, so there none is known. @internal
 */
export function fileSystemFamily(type: bigint, hostPlatform: NodeJS.Platform): KnownFileSystem {
  // On some hosts the number is sign-extended from 32 bits.
  const magic = Number(BigInt.asUintN(32, type));
  const known = hostPlatform === 'linux' ? BY_MAGIC.get(magic) : undefined;
  return known ?? overwriting(`unknown (0x${magic.toString(16)})`);
}
