/**
 * The numbers of the library, told apart by what they count. A flavour lets a plain number in and
 * keeps an offset from being passed where a position is meant; it costs nothing at run time.
 * INVARIANT: every one of them is a safe integer ≥ 0 unless a docstring says otherwise.
 */

type Flavor<Base, Name extends string> = Base & { readonly __unit?: Name };

/** A record's logical number, dense from the log's first record on. @public */
export type Offset = Flavor<number, 'offset'>;

/** A count of bytes. @public */
export type ByteCount = Flavor<number, 'bytes'>;

/** A place in a file: the count of bytes before it, never an offset. @public */
export type Position = ByteCount;

/** A point in time, milliseconds since the epoch. @public */
export type Timestamp = Flavor<number, 'timestamp'>;

/** A span of time, milliseconds. @public */
export type Milliseconds = Flavor<number, 'milliseconds'>;

/** One kibibyte, in bytes. @internal */
export const KIB = 1024;

/** One mebibyte, in bytes. @internal */
export const MIB = 1024 * KIB;

/** One gibibyte, in bytes. @internal */
export const GIB = 1024 * MIB;
