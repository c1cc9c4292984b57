package dev.mapstorm.actors.model.bitmap;

/**
 * Bits that say what is taken, and the search for the lowest free area (lib/bitmap.c of Linux
 * 6.12).
 *
 * <p>Not thread-safe. No operation allocates memory.
 */
public final class Bitmap {
  private static final long ALL = -1L;

  private final long bits;
  private final long[] words;
  private long scanned;

  /**
   * All bits clear.
   *
   * @param bits how many there are, 1 to {@code 2^31}
   * @throws IllegalArgumentException if that is out of range
   */
  public Bitmap(long bits) {
    if (bits < 1 || bits > 1L << 31) {
      throw new IllegalArgumentException("a bitmap must have 1 to 2^31 bits, not " + bits);
    }
    this.bits = bits;
    words = new long[(int) (bits + 63 >>> 6)];
  }

  /** Whether a bit is set. */
  public boolean get(long bit) {
    return (words[(int) (bit >>> 6)] & 1L << bit) != 0;
  }

  /** How many bits are set. */
  public long taken() {
    long count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** Sets {@code count} bits from {@code first} ({@code bitmap_set}). */
  public void set(long first, long count) {
    for (long bit = first, end = first + count; bit < end; bit = (bit | 63) + 1) {
      words[(int) (bit >>> 6)] |= mask(bit, end);
    }
  }

  /** Clears {@code count} bits from {@code first} ({@code bitmap_clear}). */
  public void clear(long first, long count) {
    for (long bit = first, end = first + count; bit < end; bit = (bit | 63) + 1) {
      words[(int) (bit >>> 6)] &= ~mask(bit, end);
    }
  }

  /** The bits from {@code bit} on in its word that are before {@code end}. */
  private static long mask(long bit, long end) {
    long mask = ALL << bit;
    return end - (bit & ~63L) < 64 ? mask & ~(ALL << end) : mask;
  }

  /**
   * The lowest aligned area of clear bits ({@code bitmap_find_next_zero_area}).
   *
   * @param size where the bits to look at end, at most {@link #bits}
   * @param start first bit that the area may have
   * @param count bits of the area
   * @param alignMask a power of two less one; no bit of it is set in the area's first bit
   * @return its first bit, or a number above {@code size} if there is none
   */
  public long findNextZeroArea(long size, long start, long count, long alignMask) {
    scanned = 0;
    long from = start;
    while (true) {
      long index = nextZero(size, from) + alignMask & ~alignMask;
      long end = index + count;
      if (end > size) {
        return end;
      }
      long taken = nextSet(end, index);
      if (taken >= end) {
        return index;
      }
      from = taken + 1;
    }
  }

  /** Words of 64 bits that the last search looked at: what its time grows with. */
  public long scanned() {
    return scanned;
  }

  private long nextZero(long size, long from) {
    return next(size, from, ALL);
  }

  private long nextSet(long size, long from) {
    return next(size, from, 0);
  }

  /** The first bit from {@code from} that is set in {@code words ^ flip}, or {@code size}. */
  private long next(long size, long from, long flip) {
    if (from >= size) {
      return size;
    }
    int word = (int) (from >>> 6);
    int last = (int) (size - 1 >>> 6);
    long found = (words[word] ^ flip) & ALL << from;
    scanned++;
    while (found == 0 && word < last) {
      found = words[++word] ^ flip;
      scanned++;
    }
    return found == 0
        ? size
        : Math.min(size, ((long) word << 6) + Long.numberOfTrailingZeros(found));
  }
}
