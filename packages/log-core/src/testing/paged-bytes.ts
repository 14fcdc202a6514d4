/**
 * The bytes of a file as pages that copies share: sharing a whole file costs nothing, writing afterwards
 * copies only the pages it touches. A page of zeros is one object for all, and a hole is none.
 * INVARIANT: a page is changed in place only by the one value that owns it; bytes of the last page beyond
 * the size are zero, so that growing shows zeros. It does not know what is durable.
 */
import { hashWords, joinLanes, laneOf, placed } from './hash-lanes.js';

/** Bytes of a page, which is also a block of the simulated disk. @internal */
export const PAGE_BYTES = 4096;

const PAGES_PER_SLAB = 16;
const ZERO_RUN = Buffer.alloc(16 * PAGE_BYTES);

interface Page {
  readonly bytes: Uint8Array;
  /** Only who holds this token may change the bytes; null for the page of zeros, which nobody may. */
  owner: object | null;
  /** The hash of the bytes, while it is known. */
  hash: number | null;
}

const ZERO_PAGE: Page = { bytes: new Uint8Array(PAGE_BYTES), owner: null, hash: null };

let slab = new Uint8Array(0);
let slabUsed = 0;

/** Pages are cut from larger arrays: one array per page costs five times as much. Fresh bytes are zero. */
function freshBytes(): Uint8Array {
  if (slabUsed === slab.length) {
    slab = new Uint8Array(PAGES_PER_SLAB * PAGE_BYTES);
    slabUsed = 0;
  }
  slabUsed += PAGE_BYTES;
  return slab.subarray(slabUsed - PAGE_BYTES, slabUsed);
}

/** Whether `bytes[start, end)` holds zeros only. @internal */
export function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  if (start < end && (bytes[start] !== 0 || bytes[end - 1] !== 0)) return false;
  for (let at = start; at < end; at += ZERO_RUN.length) {
    const stop = Math.min(end, at + ZERO_RUN.length);
    if (ZERO_RUN.compare(bytes, at, stop, 0, stop - at) !== 0) return false;
  }
  return true;
}

/** Index of the page a position lies in. @internal */
export function pageOf(position: number): number {
  return Math.floor(position / PAGE_BYTES);
}

/** How many pages a file of that size spans. @internal */
export function pageCount(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

/** The bytes of a file, cheap to copy. @internal */
export class PagedBytes {
  #size = 0;
  #pages: (Page | null)[] = [];
  /** The list of pages is another value's too, and must be copied before it is changed. */
  #listShared = false;
  #token: object = {};
  #blocks = 0;

  get size(): number {
    return this.#size;
  }

  /** Pages that are no holes: what the file takes up on the disk. */
  get blocks(): number {
    return this.#blocks;
  }

  isAllocated(page: number): boolean {
    return (this.#pages[page] ?? null) !== null;
  }

  /** A second value with the same bytes; from now on neither sees the other's changes. Costs nothing by size. */
  share(): PagedBytes {
    const twin = new PagedBytes();
    twin.#size = this.#size;
    twin.#pages = this.#pages;
    twin.#blocks = this.#blocks;
    twin.#listShared = true;
    this.#listShared = true;
    this.#token = {};
    return twin;
  }

  /** Writes `source[start, end)` at `position`; grows the size where needed. */
  write(position: number, source: Uint8Array, start = 0, end = source.length): void {
    this.#prepare(position + end - start);
    let at = position;
    let from = start;
    while (from < end) {
      const page = pageOf(at);
      const inPage = at - page * PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - inPage, end - from);
      if (count === PAGE_BYTES && isZero(source, from, from + PAGE_BYTES)) this.#place(page, ZERO_PAGE);
      else {
        const part = from === 0 && count === source.length ? source : source.subarray(from, from + count);
        this.#writable(page, count === PAGE_BYTES).set(part, inPage);
      }
      at += count;
      from += count;
    }
  }

  /** Writes `count` zeros at `position`, which allocates blocks as any write does. */
  writeZeros(position: number, count: number): void {
    const end = position + count;
    this.#prepare(end);
    let at = position;
    while (at < end) {
      const page = pageOf(at);
      const inPage = at - page * PAGE_BYTES;
      const part = Math.min(PAGE_BYTES - inPage, end - at);
      const present = this.#pages[page] ?? null;
      if (part === PAGE_BYTES || present === null || present === ZERO_PAGE) this.#place(page, ZERO_PAGE);
      else this.#writable(page, false).fill(0, inPage, inPage + part);
      at += part;
    }
  }

  /** Sets the size without data: shorter drops pages, longer adds a hole. `dropped` is shown each page of data that goes. */
  resize(size: number, dropped?: (bytes: Uint8Array) => void): void {
    if (size < this.#size) this.#shrink(size, dropped);
    this.#size = size;
  }

  /** Grows the size to at least `size`, by a hole. */
  grow(size: number): void {
    if (size > this.#size) this.#size = size;
  }

  /** Copies what there is from `position` on; answers how many bytes. */
  read(into: Uint8Array, position: number): number {
    const total = Math.max(0, Math.min(into.length, this.#size - position));
    let done = 0;
    while (done < total) {
      const page = pageOf(position + done);
      const inPage = position + done - page * PAGE_BYTES;
      const count = Math.min(PAGE_BYTES - inPage, total - done);
      const present = this.#pages[page] ?? null;
      if (present === null || present === ZERO_PAGE) into.fill(0, done, done + count);
      else into.set(count === PAGE_BYTES ? present.bytes : present.bytes.subarray(inPage, inPage + count), done);
      done += count;
    }
    return total;
  }

  /** All bytes, copied. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    this.read(bytes, 0);
    return bytes;
  }

  /** Inverts one bit of an existing byte. */
  flipBit(position: number, bit: number): void {
    if (position >= this.#size) return;
    this.#prepare(position);
    const page = pageOf(position);
    const bytes = this.#writable(page, false);
    const inPage = position - page * PAGE_BYTES;
    bytes[inPage] = (bytes[inPage] ?? 0) ^ (1 << bit);
  }

  /** Shows every page of data; for what a disk remembers of files that are gone. */
  forEachDataPage(show: (bytes: Uint8Array) => void): void {
    for (const page of this.#pages) if (page !== null && page !== ZERO_PAGE) show(page.bytes);
  }

  /** A hash of size and bytes, holes as zeros; each page's is kept until it changes. */
  hash(): number {
    let low = placed(0x811c9dc5, this.#size);
    let high = placed(0x2545f491, this.#size);
    for (let index = 0; index < this.#pages.length; index += 1) {
      const page = this.#pages[index] ?? null;
      const hash = page === null ? ZERO_HASH : hashOf(page);
      // Zeros add nothing, wherever they are: a hole and a written zero read the same.
      if (hash === ZERO_HASH) continue;
      low = (low + placed(laneOf(hash, 0), index + 1)) | 0;
      high = (high + placed(laneOf(hash, 1), index + 1)) | 0;
    }
    return joinLanes(low, high);
  }

  #prepare(end: number): void {
    if (this.#listShared) {
      this.#pages = this.#pages.slice();
      this.#listShared = false;
    }
    if (end > this.#size) this.#size = end;
    for (let length = this.#pages.length, wanted = pageCount(end); length < wanted; length += 1) this.#pages.push(null);
  }

  #place(index: number, page: Page): void {
    if ((this.#pages[index] ?? null) === null) this.#blocks += 1;
    this.#pages[index] = page;
  }

  /** The bytes of a page, made this value's own. `whole` says that all of them will be overwritten. */
  #writable(index: number, whole: boolean): Uint8Array {
    const present = this.#pages[index] ?? null;
    if (present !== null && present.owner === this.#token) {
      present.hash = null;
      return present.bytes;
    }
    const bytes = freshBytes();
    if (!whole && present !== null && present !== ZERO_PAGE) bytes.set(present.bytes);
    this.#place(index, { bytes, owner: this.#token, hash: null });
    return bytes;
  }

  #shrink(size: number, dropped?: (bytes: Uint8Array) => void): void {
    this.#prepare(size);
    const kept = pageCount(size);
    for (let index = kept; index < this.#pages.length; index += 1) {
      const page = this.#pages[index] ?? null;
      if (page === null) continue;
      this.#blocks -= 1;
      if (page !== ZERO_PAGE) dropped?.(page.bytes);
    }
    if (this.#pages.length > kept) this.#pages.length = kept;
    const last = this.#pages[kept - 1] ?? null;
    const tail = size - (kept - 1) * PAGE_BYTES;
    if (last !== null && last !== ZERO_PAGE && tail < PAGE_BYTES) this.#writable(kept - 1, false).fill(0, tail);
  }
}

function hashOf(page: Page): number {
  if (page.hash === null) page.hash = hashWords(page.bytes);
  return page.hash;
}

const ZERO_HASH = hashOf(ZERO_PAGE);
