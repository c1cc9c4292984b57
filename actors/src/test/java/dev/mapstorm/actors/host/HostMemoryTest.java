package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the estimate against the objects of hosts that are built and run, counted one by one. */
class HostMemoryTest {
  private static final JournalSpec JOURNAL = new JournalSpec(true, 8000, 10_000_000, 32, 1);
  private static final int MOST_TOO_HIGH = 4;

  /** A machine, known by its shape. */
  record Shape(String name, HostSpec spec) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Shape> shapes() {
    List<Shape> all = new ArrayList<>();
    for (IommuMode mode : IommuMode.values()) {
      for (MapApi api : List.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA)) {
        for (int kib : new int[] {4, 128, 1024}) {
          TestHosts hosts = of(mode, 8, 2).api(api).workload(kib << 10, 4096, 0).load(closed(32));
          all.add(shape("%s %s of %d KiB", hosts.end(5_000_000), mode, api, kib));
        }
        TestHosts large = of(mode, 8, 2).api(api).workload(16 << 20, 4 << 20, 0).load(closed(32));
        all.add(shape("%s %s of 16 MiB in 4 MiB pieces", large.end(40_000_000), mode, api));
      }
      all.add(shape("%s, depth 4096", of(mode, 4, 1).load(closed(4096)).end(20_000_000), mode));
      LoadSpec rate = new LoadSpec.OpenLoop(100_000, true, 65_536, 0);
      all.add(shape("%s, a rate", of(mode, 4, 1).load(rate).end(20_000_000), mode));
      all.add(shape("%s, depth 65536 for 1 ns", of(mode, 4, 1).load(closed(65_536)).end(1), mode));
      all.add(shape("%s, 512 domains", of(mode, 64, 512).end(1_000_000), mode));
      all.add(shape("%s, 8192 CPUs", of(mode, 2048, 16).cpus(8192).end(100_000), mode));
      IovaParameters wide = new IovaParameters(65_536, 20, 32, 4);
      all.add(shape("%s, magazines of 65536", of(mode, 64, 4).iova(wide).end(11_000_000), mode));
      TestHosts offset = of(mode, 64, 4).api(MapApi.SG).workload(65_536, 8192, 512).end(1_000_000);
      all.add(shape("%s, pieces that do not meet", offset, mode));
      FlushSpec single = new FlushSpec(true, 32_768, 1_000_000_000);
      all.add(shape("%s, a single ring", of(mode, 64, 4).flush(single).end(10_000_000), mode));
      all.add(
          shape("%s, buffers kept", of(mode, 4, 1).kept(64, 16 << 10, true).end(5_000_000), mode));
      TestHosts many = of(mode, 1, 1).kept(4096, 4096, true).load(new LoadSpec.Idle());
      all.add(shape("%s, mappings that stand", many.end(20_000_000), mode));
      all.add(shape("%s, 256 clients", of(mode, 256, 1).load(closed(32)).end(3_000_000), mode));
    }
    for (SwiotlbSpec.Use use : SwiotlbSpec.Use.values()) {
      for (MapApi api : List.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH)) {
        TestHosts hosts = bouncing(use, 16_384).api(api).workload(128 << 10, 4096, 0);
        all.add(shape("swiotlb %s, %s", hosts.load(closed(32)).end(5_000_000), use, api));
      }
      TestHosts small = bouncing(use, 512).workload(65_536, 65_536, 0).load(closed(64));
      all.add(shape("swiotlb %s that runs out", small.end(3_000_000), use));
    }
    return all;
  }

  private static TestHosts bouncing(SwiotlbSpec.Use use, int slots) {
    boolean restricted = use == SwiotlbSpec.Use.RESTRICTED;
    SwiotlbDevice device = new SwiotlbDevice(4095, 0xffffffffL, (1L << 32) - 1);
    return TestHosts.nvme()
        .domain(
            new SwiotlbSpec(
                use,
                1L << 30,
                new PoolSize(slots, restricted ? 1 : 4),
                restricted ? 0 : 2,
                device,
                65_536,
                TestHosts.DIRECT_COSTS,
                TestHosts.SWIOTLB_COSTS))
        .clients(8)
        .journal(JOURNAL);
  }

  private static TestHosts of(IommuMode mode, int clients, int domains) {
    return TestHosts.nvme().mode(mode).clients(clients).domains(domains).journal(JOURNAL);
  }

  private static LoadSpec closed(int depth) {
    return new LoadSpec.ClosedLoop(depth, 0);
  }

  private static Shape shape(String name, TestHosts hosts, Object... about) {
    return new Shape(name.formatted(about), hosts.build());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void shouldEstimateNoLessThanThereIsAndNotMuchMore(Shape shape) {
    HostSpec spec = shape.spec();
    HostMemory estimate = HostMemory.of(spec);
    long[] words = new long[2];
    long[] most = new long[1];
    BareLoop loop =
        new BareLoop(
            spec,
            batch -> {
              words[0] += batch.size();
              words[1] = Math.max(words[1], batch.size());
            });
    long look = 1;
    for (long step = 1; loop.step(); step++) {
      if (step == look) {
        look *= 8;
        most[0] = Math.max(most[0], count(loop));
      }
    }
    long counted = Math.max(most[0], count(loop));
    long onTheirWay = Math.min(words[0], (JOURNAL.credits() + 1) * words[1]);

    assertThat(estimate.clients() + estimate.devices() + estimate.buffers())
        .as("objects of the machine")
        .isBetween(counted, MOST_TOO_HIGH * counted + HostMemory.actors(spec));
    assertThat(estimate.events()).as("events").isGreaterThan(8 * onTheirWay);
    assertThat(3L * loop.checkpoint().length).as("checkpoint").isLessThan(estimate.checkpoint());
  }

  private static long count(BareLoop loop) {
    return ObjectGraph.bytes(
        loop,
        "dev.mapstorm.actors.spec",
        "dev.mapstorm.actors.host.HostCheckpoint",
        "dev.mapstorm.actors.time.BatchGate",
        "dev.mapstorm.protocol.event.EventWords");
  }

  /** A machine that ends before its first checkpoint takes no room for it. */
  @Test
  void shouldTakeNoRoomForCheckpointsThatAreNotDue() {
    HostSpec spec = of(IommuMode.STRICT, 8, 2).end(1_000).build();
    JournalSpec rare = new JournalSpec(true, 8000, 10_000_000, 32, 4_000_000);

    assertThat(HostMemory.of(spec.with(rare)).checkpoint()).isZero();
    assertThat(HostMemory.of(spec).checkpoint()).isPositive();
  }

  @Test
  void shouldSeeWhatIsOutOfReach() {
    HostSpec poison = of(IommuMode.STRICT, 16_384, 1024).load(closed(65_536)).build();

    assertThat(HostMemory.of(poison).bytes()).isGreaterThan(10L << 30);
  }
}
