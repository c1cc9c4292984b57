package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The DMA API of 32-bit Arm and of powerpc, call by call and as whole hosts. */
class WindowBackendTest {
  private static final int READ = Direction.FROM_DEVICE.ordinal();
  private static final DomainSpec ARM32 = TestHosts.arm32(0x4000_0000L, 1L << 28, 8);
  private static final DomainSpec POWER = TestHosts.tce(0, 1L << 30, (1L << 32) - 1, 1L << 32);

  private static DomainFixture fixture(DomainSpec domain) {
    return new DomainFixture(TestHosts.nvme().domain(domain).build());
  }

  private static DomainMessage.MapSg list(long... phys) {
    int[] length = new int[phys.length];
    Arrays.fill(length, 4096);
    return new DomainMessage.MapSg(0, 0, 7, READ, phys, length);
  }

  @Test
  void arm32MapsAListInChunksAndFlushesEachVector() {
    DomainFixture arm = fixture(ARM32);
    arm.call(
        0,
        new DomainMessage.MapSg(
            0,
            0,
            7,
            READ,
            new long[] {0x10_0200, 0x20_0000, 0x30_0008},
            new int[] {0xe00, 4096, 100}));
    arm.run();

    DriverMessage.Mapped mapped = arm.last(DriverMessage.Mapped.class);
    assertThat(mapped.vectors()).containsExactly(0x4000_0200L, 0xe00 + 4096, 0x4000_2008L, 100);
    assertThat(arm.events(Event.IovaAllocated.class)).hasSize(2);
    assertThat(arm.events(Event.PtesMapped.class)).hasSize(3);

    arm.call(1_000_000, new DomainMessage.Unmap(0, 1, 7, mapped.mapping(), mapped.call())).run();

    assertThat(arm.last(DriverMessage.Unmapped.class).mapping()).isEqualTo(mapped.mapping());
    assertThat(arm.events(Event.InvalidationPosted.class)).hasSize(2);
    assertThat(arm.events(Event.IovaFreed.class))
        .extracting(Event.IovaFreed::pfn)
        .containsExactly(0x40000L, 0x40002L);
  }

  @Test
  void arm32NeverUnmapsAPageAtAddressZero() {
    DomainFixture arm = fixture(TestHosts.arm32(0, 1L << 28, 8));
    arm.call(0, new DomainMessage.MapPage(0, 0, 1, READ, 0x7000, 4096)).run();
    DriverMessage.Mapped mapped = arm.last(DriverMessage.Mapped.class);
    assertThat(mapped.vectors()).containsExactly(0, 4096);

    arm.call(50_000, new DomainMessage.Unmap(0, 0, 1, mapped.mapping(), mapped.call()));
    arm.call(90_000, new DomainMessage.MapPage(0, 0, 2, READ, 0x8000, 4096)).run();

    assertThat(arm.events(Event.PtesCleared.class)).isEmpty();
    assertThat(arm.events(Event.IovaFreed.class)).isEmpty();
    assertThat(arm.last(DriverMessage.Mapped.class).vectors()).containsExactly(4096, 4096);
  }

  @Test
  void arm32GrowsByABitmapAndThenFails() {
    DomainFixture arm = fixture(ARM32);
    long at = 0;
    for (int op = 0; op < 5; op++) {
      arm.call(at += 1_000_000, new DomainMessage.MapPage(0, 0, op, READ, 1L << 36, 60 << 20));
    }
    arm.run();

    assertThat(arm.events(Event.IovaAllocated.class))
        .extracting(each -> IovaSource.values()[each.source()])
        .containsExactly(
            IovaSource.BITMAP, IovaSource.BITMAP, IovaSource.NEW_BITMAP, IovaSource.BITMAP);
    assertThat(arm.last(DriverMessage.CallFailed.class).error()).isEqualTo(DmaError.NO_IOVA);
  }

  @Test
  void powerpcMergesAListAndGivesItBackAsOne() {
    DomainFixture power = fixture(POWER);
    power.call(0, list(0x10_0000, 0x30_0000, 0x50_0000)).run();
    DriverMessage.Mapped mapped = power.last(DriverMessage.Mapped.class);
    assertThat(mapped.vectors()).containsExactly(4096, 3 * 4096);
    assertThat(power.events(Event.IovaAllocated.class)).hasSize(3);

    power.call(1_000_000, new DomainMessage.Unmap(0, 0, 7, mapped.mapping(), mapped.call())).run();

    Event.IovaFreed freed = power.events(Event.IovaFreed.class).get(0);
    assertThat(freed.pfn()).isEqualTo(1);
    assertThat(freed.pages()).isEqualTo(3);
    assertThat(power.events(Event.InvalidationPosted.class)).hasSize(1);
  }

  @Test
  void powerpcCpusUseTheirPools() {
    DomainFixture power = fixture(POWER);
    for (int cpu = 0; cpu < 4; cpu++) {
      power.call(cpu * 100_000, new DomainMessage.MapPage(0, cpu, cpu, READ, 0x7000, 4096));
    }
    power.run();

    assertThat(power.events(Event.IovaAllocated.class))
        .extracting(Event.IovaAllocated::pfn)
        .containsExactly(1L, 49152L, 3 * 49152L, 16L);
  }

  @Test
  void aRangeLongerThanTheBoundaryFailsWhereLinuxWouldNotReturn() {
    DomainFixture power = fixture(TestHosts.tce(0, 1L << 30, (1L << 32) - 1, 1L << 16));
    power.call(0, new DomainMessage.MapPage(0, 0, 1, READ, 0x10_0000, 1 << 17)).run();

    assertThat(power.last(DriverMessage.CallFailed.class).error()).isEqualTo(DmaError.NO_IOVA);
  }

  @Test
  void batchesAndTwoStepMappingsAreDoneElementByElement() {
    for (DomainSpec domain : List.of(ARM32, POWER)) {
      for (MapApi api : List.of(MapApi.BATCH, MapApi.IOVA)) {
        List<Event> events = run(hosts(domain).api(api).workload(16384, 4096, 0).build());
        assertThat(of(Event.MapDeclined.class, events)).isNotEmpty();
        List<Event.Mapped> mapped = of(Event.Mapped.class, events);
        assertThat(mapped).isNotEmpty().allMatch(each -> each.bytes() == 4096);
        assertThat(of(Event.RequestDone.class, events)).isNotEmpty();
        assertThat(of(Event.Faulted.class, events)).isEmpty();
      }
    }
  }

  /** Commit b4c3a8729ae5: a table with pools makes CPUs wait less for each other. */
  @Test
  void poolsTakeMostOfTheWaitingAway() {
    long one = waited(TestHosts.tce(0, (1L << 30) - 4096, (1L << 32) - 1, 1L << 32));
    long four = waited(TestHosts.tce(0, 1L << 30, (1L << 32) - 1, 1L << 32));

    assertThat(one).isGreaterThan(3 * four);
  }

  private static long waited(DomainSpec domain) {
    return run(hosts(domain).clients(8).workload(32768, 4096, 0).api(MapApi.PAGE).build()).stream()
        .filter(Event.LockWaited.class::isInstance)
        .map(Event.LockWaited.class::cast)
        .filter(each -> each.lock() == LockClass.TCE_POOL.ordinal())
        .mapToLong(Event.LockWaited::waitNs)
        .sum();
  }

  private static TestHosts hosts(DomainSpec domain) {
    return TestHosts.nvme().end(1_000_000).domain(domain);
  }

  private static List<Event> run(HostSpec spec) {
    List<Event> events = new ArrayList<>();
    BareLoop loop = BareLoop.unbatched(spec, new EventRecorder(events::add));
    while (loop.step()) {
      // to the end
    }
    return events;
  }

  private static <E extends Event> List<E> of(Class<E> type, List<Event> events) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
