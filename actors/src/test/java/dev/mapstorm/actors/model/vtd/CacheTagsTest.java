package dev.mapstorm.actors.model.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.vtd.CacheDescriptor.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class CacheTagsTest {
  /** The oracle goes by what has to be forgotten, not by how: each cache, the range, no gaps. */
  @Property(tries = 300)
  void everyCacheIsMadeToForgetTheRange(
      @ForAll long seed,
      @ForAll @LongRange(max = (1L << 36) - 1) long pfn,
      @ForAll @LongRange(min = 1, max = 1 << 20) long pages,
      @ForAll boolean leafOnly) {
    Random random = new Random(seed);
    CacheTags.AtsDevice[] devices = new CacheTags.AtsDevice[4];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = new CacheTags.AtsDevice(100 + i, 0, 32, i == 3);
    }
    CacheTag[] tags = new CacheTag[1 + random.nextInt(40)];
    int[] wanted = new int[2];
    for (int i = 0; i < tags.length; i++) {
      CacheTag.Type type = CacheTag.Type.values()[random.nextInt(4)];
      int device = random.nextInt(4);
      tags[i] = new CacheTag(type, random.nextInt(3), i, 0, device);
      wanted[type.ofDevice() ? 1 : 0] += type.ofDevice() && device == 3 ? 2 : 1;
    }
    VtdRelease release = VtdRelease.values()[random.nextInt(2)];
    CacheTags.Setting setting =
        new CacheTags.Setting(
            release, false, true, random.nextInt(64), true, true, true, true, false, false);
    Recorded sink = new Recorded();

    new CacheTags(setting, tags, devices)
        .flushRange(pfn << 12, (pfn + pages << 12) - 1, leafOnly, sink);

    assertThat(sink.iotlbs).isEqualTo(wanted[0]);
    assertThat(sink.devices).isEqualTo(wanted[1]);
    assertThat(sink.open).isZero();
    for (long[] covered : sink.covered) {
      assertThat(covered[0]).isLessThanOrEqualTo(pfn);
      assertThat(covered[0] + covered[1]).isGreaterThanOrEqualTo(pfn + pages);
    }
    if (release == VtdRelease.LINUX_7_2) {
      assertThat(sink.turns).as("units are kept together").isLessThanOrEqualTo(3);
    }
  }

  private static final class Recorded implements CacheTagSink {
    private final List<long[]> covered = new ArrayList<>();
    private int iotlbs;
    private int devices;
    private int open;
    private int turns;
    private int unit = -1;

    @Override
    public void descriptor(CacheDescriptor d) {
      boolean device = d.kind() == Kind.DEVTLB || d.kind() == Kind.PDEVTLB;
      devices += device ? 1 : 0;
      iotlbs += device ? 0 : 1;
      open++;
      if (d.kind() != Kind.IOTLB_DSI && d.order() < CacheDescriptor.ALL) {
        covered.add(new long[] {d.address() >>> 12, 1L << d.order()});
      }
    }

    @Override
    public void submit(int to) {
      assertThat(open).isBetween(1, 16);
      open = 0;
      turns += to == unit ? 0 : 1;
      unit = to;
    }

    @Override
    public void register(int to, CacheDescriptor descriptor) {
      throw new AssertionError("units have a queue");
    }

    @Override
    public void writeBuffer(int to) {
      throw new AssertionError("nothing was mapped");
    }
  }
}
