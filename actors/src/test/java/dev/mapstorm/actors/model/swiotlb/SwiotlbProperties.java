package dev.mapstorm.actors.model.swiotlb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.BounceResult;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random bounces in small pools, beside {@link NaiveSwiotlb}. */
class SwiotlbProperties {
  private static final long NONE = SwiotlbDevice.NO_BOUNDARY;
  private static final long[] MIN_ALIGN = {0, 0, 63, 511, 4095, 65535};
  private static final long[] BOUNDARY = {NONE, NONE, 4095, 65535, 131071, (1L << 32) - 1};
  private static final long[] ALIGN = {0, 0, 0, 0, 4095, 16383, 65535};
  private static final long REACHES_ALL = -1;

  enum Kind {
    MAP,
    ALLOC,
    RELEASE,
    GROW
  }

  record Operation(Kind kind, int cpu, int device, int align, long phys, int bytes, int pick) {}

  record Setup(int slotGroups, int areaOrder, int startPage, boolean dynamic) {
    int areas() {
      return 1 << areaOrder;
    }

    int slots() {
      return (slotGroups << areaOrder) * 128;
    }

    long start() {
      return (1L << 31) + startPage * 4096L;
    }
  }

  record Live(BounceBuffer bounce, NaiveSwiotlb.Pool pool) {}

  @Provide
  Arbitrary<Setup> setups() {
    return Combinators.combine(
            Arbitraries.of(1, 1, 2, 4),
            Arbitraries.integers().between(0, 3),
            Arbitraries.of(0, 1, 7, 16, 24),
            Arbitraries.of(false, true))
        .as(Setup::new);
  }

  @Provide
  Arbitrary<List<Operation>> operations() {
    return Combinators.combine(
            Arbitraries.frequency(
                Tuple.of(60, Kind.MAP),
                Tuple.of(6, Kind.ALLOC),
                Tuple.of(50, Kind.RELEASE),
                Tuple.of(1, Kind.GROW)),
            Arbitraries.integers().between(0, 12),
            Arbitraries.integers().between(0, MIN_ALIGN.length - 1),
            Arbitraries.integers().between(0, ALIGN.length - 1),
            Arbitraries.longs().between(0, 1L << 38),
            Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.integers().between(1, 5000)),
                Tuple.of(3, Arbitraries.of(512, 4096, 8192, 65536)),
                Tuple.of(1, Arbitraries.integers().between(1, 300_000))),
            Arbitraries.integers().between(0, 1_000_000))
        .as(Operation::new)
        .list()
        .ofMinSize(50)
        .ofMaxSize(500);
  }

  @Property(tries = 120)
  void takesTheSlotsThatTheRulesSayAndLooksAtAsMany(
      @ForAll("setups") Setup setup, @ForAll("operations") List<Operation> operations) {
    Swiotlb swiotlb =
        new Swiotlb(
            setup.start(), new PoolSize(setup.slots(), setup.areas()), true, setup.dynamic());
    NaiveSwiotlb naive = new NaiveSwiotlb(setup.start(), setup.slots(), setup.areas());
    List<Live> live = new ArrayList<>();
    long grownAt = 1L << 33;
    int used = 0;
    for (Operation o : operations) {
      switch (o.kind()) {
        case MAP, ALLOC -> {
          Live taken = take(swiotlb, naive, setup, o);
          if (taken != null) {
            live.add(taken);
            used += taken.bounce().slots();
          }
        }
        case RELEASE -> {
          if (!live.isEmpty()) {
            Live gone = live.remove(o.pick() % live.size());
            swiotlb.release(gone.bounce());
            used -= gone.bounce().slots();
            naive.release(gone.pool(), gone.bounce().slot(), gone.bounce().slots());
          }
        }
        case GROW -> {
          if (setup.dynamic()) {
            IoTlbPool pool = swiotlb.grow(1L << 22, grownAt);
            naive.pools.add(new NaiveSwiotlb.Pool(grownAt, pool.slots(), pool.areas()));
            grownAt += 1L << 23;
          }
        }
      }
      assertThat(swiotlb.used()).isEqualTo(used);
    }
    live.forEach(one -> swiotlb.release(one.bounce()));
    assertThat(swiotlb.used()).isZero();
  }

  private static Live take(Swiotlb swiotlb, NaiveSwiotlb naive, Setup setup, Operation o) {
    boolean coherent = o.kind() == Kind.ALLOC;
    long keep = MIN_ALIGN[o.device()];
    SwiotlbDevice device = new SwiotlbDevice(keep, BOUNDARY[o.device()], REACHES_ALL);
    long align = coherent ? orderAlign(o.bytes()) : ALIGN[o.align()];
    long phys = coherent ? 0 : o.phys();
    BounceBuffer bounce = new BounceBuffer();
    BounceResult result =
        coherent
            ? swiotlb.alloc(o.cpu(), device, o.bytes(), 0, bounce)
            : swiotlb.map(o.cpu(), device, phys, o.bytes(), align, 0, bounce);
    long kept = phys % (keep + 1) % Math.max(2048, align + 1);
    long bytes = (kept + o.bytes() + align) / (align + 1) * (align + 1);
    if (coherent) {
      bytes = o.bytes();
    }
    if (setup.dynamic() && bytes > 256 << 10) {
      assertThat(result).isEqualTo(BounceResult.OVERSIZE);
      assertThat(swiotlb.search().areas()).isZero();
      return null;
    }
    NaiveSwiotlb.Found found =
        naive.take(
            o.cpu(),
            phys,
            bytes,
            keep,
            align,
            device.segBoundaryMask() == NONE ? 0 : device.segBoundaryMask());
    assertThat(swiotlb.search().checked()).isEqualTo(found.checked());
    assertThat(swiotlb.search().areas()).isEqualTo(found.areas());
    if (found.slot() < 0) {
      assertThat(result.failed()).isTrue();
      return null;
    }
    assertThat(result).isEqualTo(BounceResult.BOUNCED);
    assertThat(bounce.slot()).isEqualTo(found.slot());
    assertThat(bounce.pool().start()).isEqualTo(found.pool().start);
    assertThat(bounce.slots()).isEqualTo((int) ((bytes + 2047) / 2048));
    assertThat(bounce.address()).isEqualTo(found.pool().address(found.slot()) + kept);
    if (!coherent) {
      assertThat(bounce.address() & keep & 2047).isEqualTo(phys & keep & 2047);
      assertThat(bounce.copied(0, o.bytes())).isEqualTo(o.bytes());
    }
    return new Live(bounce, found.pool());
  }

  private static long orderAlign(int bytes) {
    long block = 4096;
    while (block < bytes) {
      block *= 2;
    }
    return block - 1;
  }

  @Property(tries = 60)
  void whyItIsFullIsWhatAnEmptyPoolWouldAnswer(
      @ForAll("setups") Setup setup, @ForAll("operations") List<Operation> operations) {
    Swiotlb swiotlb =
        new Swiotlb(setup.start(), new PoolSize(setup.slots(), setup.areas()), true, false);
    SwiotlbDevice device = new SwiotlbDevice(0, NONE, REACHES_ALL);
    List<BounceBuffer> live = new ArrayList<>();
    for (Operation o : operations) {
      BounceBuffer bounce = new BounceBuffer();
      BounceResult result = swiotlb.map(o.cpu(), device, o.phys(), o.bytes(), 0, 0, bounce);
      int slots = (o.bytes() + 2047) / 2048;
      if (result.tookSlots()) {
        live.add(bounce);
      } else if (slots > 128) {
        assertThat(result).isEqualTo(BounceResult.OVERSIZE);
      } else {
        boolean enough = false;
        for (int area = 0; area < setup.areas(); area++) {
          int taken = 0;
          for (BounceBuffer one : live) {
            taken += one.area() == area ? one.slots() : 0;
          }
          enough |= setup.slots() / setup.areas() - taken >= slots;
        }
        assertThat(result).isEqualTo(enough ? BounceResult.FRAGMENTED : BounceResult.EXHAUSTED);
      }
      if (o.kind() == Kind.RELEASE && !live.isEmpty()) {
        swiotlb.release(live.remove(o.pick() % live.size()));
      }
    }
  }
}
