/** Bytes allocated on the JavaScript heap, from what the collector saw: V8 keeps no such count in Node 20. */

/** One collection as `v8.GCProfiler` reports it; of that, what is needed. */
export interface Collection {
  readonly beforeGC: { readonly heapStatistics: { readonly usedHeapSize: number } };
  readonly afterGC: { readonly heapStatistics: { readonly usedHeapSize: number } };
}

/**
 * Everything allocated between two moments: what the heap grew by before, between and after the collections. `before`
 * and `after` are the heap's used bytes at the two moments.
 */
export function allocatedBytes(before: number, collections: readonly Collection[], after: number): number {
  let allocated = 0;
  let used = before;
  for (const { beforeGC, afterGC } of collections) {
    allocated += Math.max(0, beforeGC.heapStatistics.usedHeapSize - used);
    used = afterGC.heapStatistics.usedHeapSize;
  }
  return allocated + Math.max(0, after - used);
}
