package dev.mapstorm.actors.model.bitmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BitmapTest {
  @Property(tries = 500)
  void findsTheLowestAlignedAreaThatIsClear(
      @ForAll @Size(max = 12) int[] taken,
      @ForAll @IntRange(min = 1, max = 200) int bits,
      @ForAll @IntRange(min = 0, max = 210) int start,
      @ForAll @IntRange(min = 1, max = 150) int count,
      @ForAll @IntRange(min = 0, max = 6) int order) {
    Bitmap bitmap = new Bitmap(bits);
    BitSet naive = new BitSet();
    for (int seed : taken) {
      int from = Math.floorMod(seed, bits);
      int length = Math.min(bits - from, Math.floorMod(seed >> 16, 90));
      bitmap.set(from, length);
      naive.set(from, from + length);
      int clear = Math.floorMod(seed >> 8, bits);
      int clearLength = Math.min(bits - clear, 7);
      bitmap.clear(clear, clearLength);
      naive.clear(clear, clear + clearLength);
    }

    assertThat(bitmap.taken()).isEqualTo(naive.cardinality());
    assertThat(found(bitmap, bits, start, count, order))
        .isEqualTo(expected(naive, bits, start, count, 1 << order));
  }

  private static long found(Bitmap bitmap, int bits, int start, int count, int order) {
    long found = bitmap.findNextZeroArea(bits, start, count, (1L << order) - 1);
    return found + count > bits ? -1 : found;
  }

  private static long expected(BitSet taken, int bits, int start, int count, int align) {
    for (int i = start; i + count <= bits; i++) {
      if (i % align == 0 && taken.get(i, i + count).isEmpty()) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void saysHowManyWordsASearchLookedAt() {
    Bitmap bitmap = new Bitmap(1024);
    bitmap.set(0, 640);

    assertThat(bitmap.findNextZeroArea(1024, 0, 1, 0)).isEqualTo(640);
    assertThat(bitmap.scanned()).isEqualTo(12);
    assertThat(bitmap.findNextZeroArea(1024, 640, 1, 0)).isEqualTo(640);
    assertThat(bitmap.scanned()).isEqualTo(2);
  }

  @Test
  void hasAtLeastOneBit() {
    assertThatThrownBy(() -> new Bitmap(0)).hasMessage("a bitmap must have 1 to 2^31 bits, not 0");
  }
}
