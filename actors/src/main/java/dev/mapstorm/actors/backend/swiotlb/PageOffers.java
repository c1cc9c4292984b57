package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.model.swiotlb.IoTlbPool;

/**
 * Where the page allocator has memory for further pools of bounce buffers: blocks of 4 MiB above
 * the default pool for those that last, then a window in which transient ones follow each other
 * round and round. Not thread-safe.
 */
final class PageOffers {
  private static final int PAGE_BYTES = 4096;
  private static final long BLOCK_BYTES = 4L << 20;
  private static final long WINDOW_BYTES = 512L << 20;

  private final long grown;
  private final long window;
  private final int growPools;
  private int added;
  private long passed;

  PageOffers(long poolStart, long poolBytes, int growPools) {
    this.growPools = growPools;
    grown = (poolStart + poolBytes + BLOCK_BYTES - 1) & -BLOCK_BYTES;
    window = grown + growPools * BLOCK_BYTES;
  }

  /** The largest block that there is. */
  long largestBlock() {
    return BLOCK_BYTES;
  }

  /** Where the next lasting pool would be; 0 if there is no memory left for one. */
  long forPool() {
    return added == growPools ? 0 : grown + added * BLOCK_BYTES;
  }

  /** A lasting pool was made. */
  void tookPool() {
    added++;
  }

  /**
   * Where a transient pool for a mapping of so many bytes would be, at a multiple of the power of
   * two pages that hold it; 0 in a kernel that makes none.
   */
  long forTransient(long bytes) {
    if (growPools == 0) {
      return 0;
    }
    // The slots of a mapping hold up to one slot more than its bytes.
    long most = Math.max(PAGE_BYTES, bytes + IoTlbPool.SLOT_BYTES);
    long block = Long.highestOneBit(most - 1) << 1;
    long at = (passed + block - 1) & -block;
    return window + (at + block > WINDOW_BYTES ? 0 : at);
  }

  /** A transient pool was made. */
  void tookTransient(IoTlbPool pool) {
    passed = pool.start() - window + ((long) pool.slots() << IoTlbPool.SLOT_SHIFT);
  }
}
