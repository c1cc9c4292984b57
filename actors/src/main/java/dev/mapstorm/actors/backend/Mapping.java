package dev.mapstorm.actors.backend;

import java.util.Arrays;

/** A range of IOVA in a client's hands and what is mapped of it. Not thread-safe. */
public final class Mapping {
  /** The call that made it, which names it in events. */
  public long id;

  public long pfn;

  /** Granules allocated. */
  public long pages;

  /** Granules mapped, from the first one. */
  public long mappedPages;

  /** Whether some of these were unlinked since. */
  public boolean holes;

  /** Bytes in front of the first one within its granule. */
  public int offset;

  /** Bytes asked for, of two-step mappings. */
  public long size;

  private long[] vectors = new long[4];
  private int words;

  public void begin(long call, long firstPfn, long count) {
    id = call;
    pfn = firstPfn;
    pages = count;
    mappedPages = 0;
    holes = false;
    offset = 0;
    size = 0;
    words = 0;
  }

  /** Appends {@code length} bytes at {@code address}, to the last vector if that ends there. */
  public void append(long address, long length) {
    if (words > 0 && vectors[words - 2] + vectors[words - 1] == address) {
      vectors[words - 1] += length;
      return;
    }
    appendApart(address, length);
  }

  /** Appends {@code length} bytes at {@code address} as a vector of their own. */
  public void appendApart(long address, long length) {
    if (words == vectors.length) {
      vectors = Arrays.copyOf(vectors, words * 2);
    }
    vectors[words++] = address;
    vectors[words++] = length;
  }

  /** Its vectors as pairs, for a message. */
  public long[] vectors() {
    return Arrays.copyOf(vectors, words);
  }
}
