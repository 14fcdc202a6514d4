import { describe, expect, it } from 'vitest';
import { encodedBatchBytes } from './encoded-size.js';
import { appendBytes, producersAtOnce, RECORD_100, recordOf } from './workload.js';

describe('encodedBatchBytes', () => {
  it('knows the smallest record: seven bytes behind the header', () => {
    expect(encodedBatchBytes(1, 0, 0)).toBe(61 + 7);
  });

  it('counts longer lengths and offsets', () => {
    expect(appendBytes(RECORD_100, 1)).toBe(170);
    expect(encodedBatchBytes(2, 16, 84) - encodedBatchBytes(1, 16, 84)).toBe(109);
    expect(encodedBatchBytes(65, 16, 84) - encodedBatchBytes(64, 16, 84)).toBe(110);
  });
});

describe('producersAtOnce', () => {
  it('is everybody where what they append fits', () => {
    expect(producersAtOnce({ producers: 4096, batchRecords: 1, size: RECORD_100 })).toBe(4096);
  });

  it('is as many as fit into 48 MiB, and at least one', () => {
    expect(producersAtOnce({ producers: 4096, batchRecords: 1000, size: recordOf(1024) })).toBe(48);
    expect(producersAtOnce({ producers: 16, batchRecords: 1000, size: recordOf(64 * 1024) })).toBe(1);
  });
});
