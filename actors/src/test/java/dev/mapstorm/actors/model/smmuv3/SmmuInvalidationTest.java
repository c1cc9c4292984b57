package dev.mapstorm.actors.model.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmmuInvalidationTest {
  /** The oracle only adds up what commands name: all of the range, in order, without gaps. */
  @Property
  void commandsTileTheRange(
      @ForAll @LongRange(max = 1L << 36) long pfn,
      @ForAll @LongRange(min = 1, max = 1 << 20) long pages,
      @ForAll boolean ranges,
      @ForAll boolean leaf,
      @ForAll boolean forceSync) {
    long count = ranges ? pages : Math.min(pages, 500);
    Recorded sink = new Recorded();
    domain(SmmuRelease.LINUX_6_12, ranges, forceSync)
        .range(pfn << 12, count << 12, 4096, leaf, sink);

    long at = pfn;
    for (long[] command : sink.tlbi) {
      assertThat(command[0] >>> 12).isEqualTo(at);
      at += ranges ? command[1] << command[2] : 1;
    }
    long beyond = ranges && !leaf && count % 32 == 1 ? 1 : 0;
    assertThat(at).isEqualTo(pfn + count + beyond);
    assertThat(sink.batches).allMatch(batch -> batch <= (forceSync ? 63 : 64));
    assertThat(sink.lastSync).isTrue();
    assertThat(sink.open).isZero();
  }

  /** Facts: commands for n pages are the groups of 5 bits of n. */
  @ParameterizedTest
  @CsvSource({"1,1", "31,1", "32,1", "33,2", "511,2", "512,1", "513,2", "1023,2"})
  void aRangeTakesACommandForEachGroupOfFiveBits(long pages, int commands) {
    Recorded sink = new Recorded();
    domain(SmmuRelease.LINUX_6_12, true, false).range(0, pages << 12, 4096, true, sink);

    assertThat(sink.tlbi).hasSize(commands);
  }

  @Test
  void withoutRangesOnly72StopsAtTheEntriesOfATable() {
    Recorded old = new Recorded();
    domain(SmmuRelease.LINUX_6_12, false, false).range(0, 512 << 12, 4096, false, old);
    assertThat(old.tlbi).hasSize(512);
    assertThat(old.batches).containsExactly(64, 64, 64, 64, 64, 64, 64, 64);

    Recorded younger = new Recorded();
    domain(SmmuRelease.LINUX_7_2, false, false).range(0, 512 << 12, 4096, false, younger);
    assertThat(younger.tlbi).isEmpty();
    assertThat(younger.whole).isEqualTo(1);

    Recorded shorter = new Recorded();
    domain(SmmuRelease.LINUX_7_2, false, false).range(0, 511 << 12, 4096, false, shorter);
    assertThat(shorter.tlbi).hasSize(511);
  }

  @Property
  void devicesComeAfterTheTlbAndCoverTheRange(
      @ForAll @LongRange(max = 1L << 36) long pfn,
      @ForAll @LongRange(min = 1, max = 1 << 20) long pages,
      @ForAll @IntRange(min = 1, max = 150) int devices) {
    int[] streams = new int[devices];
    for (int i = 0; i < devices; i++) {
      streams[i] = devices - i;
    }
    Recorded sink = new Recorded();
    new SmmuInvalidation(
            SmmuRelease.LINUX_7_2, 12, false, false, true, false, 1, streams, new int[devices])
        .range(pfn << 12, pages << 12, 4096, true, sink);

    assertThat(sink.atc).hasSize(devices);
    for (int i = 0; i < devices; i++) {
      long[] atc = sink.atc.get(i);
      long block = 1L << atc[2];
      assertThat(atc[0]).isEqualTo(i + 1);
      assertThat(atc[1] >>> 12).isEqualTo(pfn / block * block);
      assertThat((atc[1] >>> 12) + block).isGreaterThanOrEqualTo(pfn + pages);
    }
  }

  private static SmmuInvalidation domain(SmmuRelease release, boolean ranges, boolean forceSync) {
    return new SmmuInvalidation(
        release, 12, false, false, ranges, forceSync, 1, new int[0], new int[0]);
  }

  private static final class Recorded implements SmmuCommands {
    private final List<long[]> tlbi = new ArrayList<>();
    private final List<long[]> atc = new ArrayList<>();
    private final List<Integer> batches = new ArrayList<>();
    private int whole;
    private int open;
    private boolean lastSync;

    @Override
    public void tlbi(
        TlbiOp op, int id, long address, int num, int scale, int ttl, int tg, boolean leaf) {
      assertThat(atc).isEmpty();
      tlbi.add(new long[] {address, num, scale});
      open++;
    }

    @Override
    public void tlbiAll(TlbiOp op, int id) {
      whole++;
      open++;
    }

    @Override
    public void atcInv(int stream, int substream, long address, int order) {
      if (atc.isEmpty()) {
        assertThat(open).isZero();
        assertThat(lastSync).isTrue();
      }
      atc.add(new long[] {stream, address, order});
      open++;
    }

    @Override
    public void issue(boolean sync) {
      batches.add(open);
      lastSync = sync;
      open = 0;
    }
  }
}
