package dev.mapstorm.actors.model.blk;

/**
 * A bio of a request: vectors, of which the first may be partly done and the last not wholly
 * needed.
 *
 * @param done bytes of the first vector that are done ({@code bi_bvec_done})
 * @param bytes still to go ({@code bi_size})
 * @param pages physical address of each vector's page
 * @param offsets of each vector from its page; may lie beyond the page
 * @param lengths bytes of each vector
 */
public record Bio(long done, long bytes, long[] pages, long[] offsets, long[] lengths) {
  /** Refuses bios that cannot be. */
  public Bio {
    if (pages.length != offsets.length || pages.length != lengths.length) {
      throw new IllegalArgumentException("a vector is a page, an offset and a length");
    }
    long all = -done;
    for (long length : lengths) {
      if (length < 1 || length >>> 32 != 0) {
        throw new IllegalArgumentException("a vector has 1 to 2^32-1 bytes, not " + length);
      }
      all += length;
    }
    if (done < 0 || lengths.length > 0 && done >= lengths[0]) {
      throw new IllegalArgumentException(
          "%d bytes done are not in the first vector".formatted(done));
    }
    if (bytes < 1 || bytes > all) {
      throw new IllegalArgumentException(
          "a bio of %d bytes has vectors of %d".formatted(bytes, all));
    }
  }

  /** Vectors that the bio's bytes reach into. */
  int vectors() {
    int count = 0;
    for (long left = bytes + done; left > 0; count++) {
      left -= lengths[count];
    }
    return count;
  }

  /** Physical address where vector {@code i} begins, or continues. */
  long phys(int i) {
    return pages[i] + offset(i);
  }

  /** {@code bv_offset} as an iterator gives it. */
  long offset(int i) {
    return offsets[i] + (i == 0 ? done : 0);
  }

  /** {@code bv_len} as an iterator gives it. */
  long length(int i) {
    long before = -done;
    for (int j = 0; j < i; j++) {
      before += lengths[j];
    }
    long from = Math.max(before, 0);
    return Math.min(before + lengths[i], bytes) - from;
  }
}
