package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec;
import dev.mapstorm.actors.backend.swiotlb.SwiotlbSpec.Use;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The direct map with bounce buffers, call by call and as a machine. */
class SwiotlbDirectTest {
  private static final long START = 1L << 30;
  private static final long HIGH = 100L << 30;
  private static final long LOW = 64 << 20;
  private static final int READ = Direction.FROM_DEVICE.ordinal();
  private static final int WRITE = Direction.TO_DEVICE.ordinal();

  private static SwiotlbSpec spec(Use use, int slots, int areas, int growPools, long mask) {
    return new SwiotlbSpec(
        use,
        START,
        new PoolSize(slots, areas),
        growPools,
        new SwiotlbDevice(0, SwiotlbDevice.NO_BOUNDARY, mask),
        1 << 20,
        TestHosts.DIRECT_COSTS,
        TestHosts.SWIOTLB_COSTS);
  }

  private static DomainFixture domain(SwiotlbSpec spec) {
    return new DomainFixture(TestHosts.nvme().domain(spec).build());
  }

  private static DomainMessage.MapPage page(int cpu, long op, int direction, long phys, int bytes) {
    return new DomainMessage.MapPage(cpu, cpu, op, direction, phys, bytes);
  }

  private static DomainMessage.Unmap unmap(int cpu, long op, DriverMessage.Mapped mapped) {
    return new DomainMessage.Unmap(cpu, cpu, op, mapped.mapping(), mapped.call());
  }

  @Test
  void aForcedBounceCostsASearchAndACopyAtMapAndAtUnmap() {
    DomainFixture domain = domain(spec(Use.FORCED, 256, 2, 0, -1));
    // direct-map 12, bounce-alloc 150, one slot looked at 2, copy 8192 bytes at 100 ps: 820.
    domain.call(0, page(0, 1, READ, HIGH + 8192, 8192)).run();
    DriverMessage.Mapped mapped = domain.last(DriverMessage.Mapped.class);
    assertThat(mapped.vectors()).containsExactly(START, 8192);
    assertThat(domain.answers.get(0).at()).isEqualTo(12 + 150 + 2 + 820);

    domain.call(10_000, unmap(0, 1, mapped)).run();
    domain.last(DriverMessage.Unmapped.class);
    assertThat(domain.answers.get(1).at()).isEqualTo(10_000 + 820 + 100);
    assertThat(domain.events(Event.Bounced.class))
        .singleElement()
        .satisfies(
            bounced -> {
              assertThat(bounced.physPfn()).isEqualTo(HIGH + 8192 >> 12);
              assertThat(bounced.bytes()).isEqualTo(8192);
              assertThat(bounced.slots()).isEqualTo(4);
              assertThat(bounced.used()).isEqualTo(4);
            });
    assertThat(domain.events(Event.BounceCopied.class))
        .singleElement()
        .satisfies(copied -> assertThat(copied.bytes()).isEqualTo(8192));
    assertThat(domain.events(Event.BounceReleased.class))
        .singleElement()
        .satisfies(released -> assertThat(released.used()).isZero());
  }

  @Test
  void whatTheDeviceOnlyReadsIsNotCopiedBack() {
    DomainFixture domain = domain(spec(Use.FORCED, 256, 2, 0, -1));
    domain.call(0, page(0, 1, WRITE, HIGH, 4096)).run();
    domain.call(10_000, unmap(0, 1, domain.last(DriverMessage.Mapped.class))).run();

    assertThat(domain.events(Event.BounceCopied.class)).isEmpty();
    assertThat(domain.answers.get(1).at()).isEqualTo(10_000 + 100);
  }

  @Test
  void onlyMemoryBeyondTheMaskBounces() {
    DomainFixture domain = domain(spec(Use.NEEDED, 256, 2, 0, (1L << 32) - 1));
    domain
        .call(
            0,
            new DomainMessage.MapSg(
                0, 0, 1, READ, new long[] {LOW, HIGH, LOW + 8192}, new int[] {4096, 4096, 512}))
        .run();

    assertThat(domain.last(DriverMessage.Mapped.class).vectors())
        .containsExactly(LOW, 4096, START, 4096, LOW + 8192, 512);
    assertThat(domain.events(Event.Bounced.class)).hasSize(1);
  }

  @Test
  void slotsBeyondTheMaskFailTheMappingAfterTheCopy() {
    DomainFixture domain = domain(spec(Use.NEEDED, 256, 2, 0, (1L << 28) - 1));
    domain.call(0, page(0, 1, READ, HIGH, 4096)).run();

    assertThat(domain.last(DriverMessage.CallFailed.class).error()).isEqualTo(DmaError.NO_BOUNCE);
    assertThat(domain.events(Event.Bounced.class))
        .singleElement()
        .satisfies(
            bounced -> {
              assertThat(bounced.result()).isEqualTo(BounceResult.UNREACHABLE.ordinal());
              assertThat(bounced.bytes()).isEqualTo(4096);
              assertThat(bounced.used()).isZero();
            });
  }

  @Test
  void aListThatFailsGivesBackWhatItHad() {
    DomainFixture domain = domain(spec(Use.FORCED, 128, 1, 0, -1));
    domain
        .call(
            0,
            new DomainMessage.MapSg(
                0, 0, 1, READ, new long[] {HIGH, HIGH + (1 << 20)}, new int[] {8192, 262_144}))
        .run();

    assertThat(domain.last(DriverMessage.CallFailed.class).error()).isEqualTo(DmaError.NO_BOUNCE);
    assertThat(domain.events(Event.BounceFailed.class))
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.result()).isEqualTo(BounceResult.EXHAUSTED.ordinal());
              assertThat(failed.used()).isEqualTo(4);
            });
    assertThat(domain.events(Event.BounceReleased.class))
        .singleElement()
        .satisfies(released -> assertThat(released.used()).isZero());
    assertThat(domain.events(Event.BounceCopied.class)).as("not copied back").isEmpty();
  }

  @Test
  void moreThanAGroupIsOversize() {
    DomainFixture domain = domain(spec(Use.FORCED, 1024, 1, 0, -1));
    domain.call(0, page(0, 1, READ, HIGH, 294_912)).run();

    assertThat(domain.events(Event.BounceFailed.class))
        .singleElement()
        .satisfies(
            failed -> assertThat(failed.result()).isEqualTo(BounceResult.OVERSIZE.ordinal()));
  }

  @Test
  void twoCpusOfOneAreaWaitForEachOther() {
    DomainFixture domain = domain(spec(Use.FORCED, 128, 1, 0, -1));
    domain.call(0, page(0, 1, WRITE, HIGH, 4096)).call(0, page(1, 2, WRITE, HIGH, 4096)).run();

    assertThat(domain.events(Event.LockWaited.class))
        .singleElement()
        .satisfies(
            waited -> {
              assertThat(waited.lock()).isEqualTo(LockClass.SWIOTLB_AREA.ordinal());
              assertThat(waited.waitNs()).isEqualTo(152);
            });
  }

  @Test
  void aCopyKeepsNobodyFromTheLock() {
    DomainFixture domain = domain(spec(Use.FORCED, 128, 1, 0, -1));
    long[] phys = {HIGH, HIGH + (1 << 20)};
    domain
        .call(0, new DomainMessage.MapSg(0, 0, 1, WRITE, phys, new int[] {65536, 65536}))
        .call(1_000, page(1, 2, WRITE, HIGH, 4096))
        .run();

    assertThat(domain.events(Event.LockWaited.class)).isEmpty();
  }

  @Test
  void aBatchIsOneBounce() {
    DomainFixture domain = domain(spec(Use.FORCED, 256, 2, 0, -1));
    long[] phys = {HIGH, HIGH + (1 << 20), HIGH + (2 << 20)};
    int[] length = {4096, 4096, 2048};
    domain.call(0, new DomainMessage.BatchStart(0, 0, 1, 12_288)).run();
    int mapping = domain.last(DriverMessage.BatchStarted.class).mapping();
    domain.call(100, new DomainMessage.BatchAdd(0, 0, 1, READ, mapping, phys, length, 0)).run();
    assertThat(domain.last(DriverMessage.BatchAdded.class).accepted()).isEqualTo(3);
    domain.call(200, new DomainMessage.BatchFinalise(0, 0, 1, mapping)).run();

    DriverMessage.Mapped mapped = domain.last(DriverMessage.Mapped.class);
    assertThat(mapped.vectors()).containsExactly(START, 10_240);
    assertThat(domain.events(Event.Bounced.class))
        .singleElement()
        .satisfies(bounced -> assertThat(bounced.buffers()).isEqualTo(3));
    domain.call(10_000, unmap(0, 1, mapped)).run();
    assertThat(domain.events(Event.BounceReleased.class)).hasSize(1);
  }

  @Test
  void aBatchThatNeedNotBounceIsMappedVectorByVector() {
    DomainFixture domain = domain(spec(Use.NEEDED, 256, 2, 0, (1L << 32) - 1));
    long[] phys = {HIGH, LOW};
    int[] length = {4096, 4096};
    domain.call(0, new DomainMessage.BatchStart(0, 0, 1, 8192)).run();
    int mapping = domain.last(DriverMessage.BatchStarted.class).mapping();
    domain.call(100, new DomainMessage.BatchAdd(0, 0, 1, READ, mapping, phys, length, 0)).run();
    domain.call(200, new DomainMessage.BatchFinalise(0, 0, 1, mapping)).run();

    assertThat(domain.last(DriverMessage.Mapped.class).vectors())
        .containsExactly(START, 4096, LOW, 4096);
  }

  @Test
  void coherentMemoryOfARestrictedPoolComesFromIt() {
    DomainFixture domain = domain(spec(Use.RESTRICTED, 1024, 1, 0, -1));
    domain
        .call(
            0,
            new DomainMessage.AllocCoherent(0, 0, 1, READ, new long[] {HIGH}, new int[] {12_288}))
        .run();
    DriverMessage.Mapped mapped = domain.last(DriverMessage.Mapped.class);
    assertThat(mapped.vectors()).containsExactly(START, 12_288);
    domain.call(10_000, unmap(0, 1, mapped)).run();

    assertThat(domain.events(Event.BounceCopied.class)).isEmpty();
    assertThat(domain.events(Event.BounceReleased.class)).hasSize(1);
  }

  @Test
  void aFullPoolGetsATransientOneAndThenAnother() {
    DomainFixture domain = domain(spec(Use.FORCED, 128, 1, 1, -1));
    domain.call(0, page(0, 1, READ, HIGH, 262_144)).run();
    domain.call(100_000, page(0, 2, READ, HIGH, 4096)).run(150_000);

    assertThat(domain.events(Event.Bounced.class).get(1).result())
        .isEqualTo(BounceResult.TRANSIENT.ordinal());
    domain.run();
    assertThat(domain.events(Event.PoolAdded.class))
        .singleElement()
        .satisfies(added -> assertThat(added.slots()).isEqualTo(128));
    domain.call(400_000, page(0, 3, READ, HIGH, 4096)).run();
    assertThat(domain.events(Event.Bounced.class).get(2).result())
        .isEqualTo(BounceResult.BOUNCED.ordinal());
  }

  @Test
  void aSyncCopiesTheNamedPartTheWayItGoes() {
    DomainFixture domain = domain(spec(Use.FORCED, 256, 2, 0, -1));
    domain.call(0, page(0, 1, READ, HIGH, 8192)).run();
    DriverMessage.Mapped mapped = domain.last(DriverMessage.Mapped.class);

    domain
        .call(
            10_000,
            new DomainMessage.SyncForCpu(
                0, 0, 1, READ, mapped.mapping(), mapped.call(), START, 1000, 500))
        .call(
            20_000,
            new DomainMessage.SyncForDevice(
                0, 0, 1, READ, mapped.mapping(), mapped.call(), START, 1000, 500))
        .run();

    assertThat(domain.answers.get(1).at()).as("500 bytes copied").isEqualTo(10_050);
    assertThat(domain.answers.get(2).at()).as("nothing copied").isEqualTo(20_000);
    assertThat(domain.events(Event.BounceCopied.class))
        .singleElement()
        .satisfies(
            copied -> {
              assertThat(copied.address()).isEqualTo(START + 1000);
              assertThat(copied.bytes()).isEqualTo(500);
              assertThat(copied.direction()).isEqualTo(READ);
            });
  }

  /** One search for a batch instead of one a page, and a cost that grows with the bytes. */
  @Test
  void aBatchPaysForOneSearchInsteadOfOneAPage() {
    List<Event> paged = events(MapApi.PAGE, 65536);
    List<Event> batched = events(MapApi.BATCH, 65536);

    assertThat(searches(paged)).isEqualTo(16.0);
    assertThat(searches(batched)).isEqualTo(1.0);
    assertThat(mapNs(MapApi.BATCH, 65536)).isLessThan(mapNs(MapApi.PAGE, 65536) * 4 / 5);
    assertThat(mapNs(MapApi.BATCH, 65536)).isGreaterThan(3 * mapNs(MapApi.BATCH, 16384));
  }

  private static List<Event> events(MapApi api, int bytes) {
    List<Event> events = new ArrayList<>();
    new BareLoop(
            TestHosts.nvme()
                .domain(spec(Use.FORCED, 8192, 4, 0, -1))
                .api(api)
                .clients(1)
                .workload(bytes, 4096, 0)
                .end(500_000)
                .build(),
            batch -> batch.forEach(new EventRecorder(events::add)))
        .run();
    return events;
  }

  /** Searches of a request, over those that were mapped whole. */
  private static double searches(List<Event> events) {
    long submitted = events.stream().filter(Event.Submitted.class::isInstance).count();
    List<Event> before = events.subList(0, lastSubmitted(events) + 1);
    return (double) before.stream().filter(Event.Bounced.class::isInstance).count() / submitted;
  }

  private static int lastSubmitted(List<Event> events) {
    for (int i = events.size() - 1; i >= 0; i--) {
      if (events.get(i) instanceof Event.Submitted) {
        return i;
      }
    }
    throw new AssertionError("nothing was submitted");
  }

  /** From a request to its submission, for the first of the machine. */
  private static long mapNs(MapApi api, int bytes) {
    List<Event> events = events(api, bytes);
    long asked =
        events.stream().filter(Event.DmaRequested.class::isInstance).findFirst().orElseThrow().t();
    return events.stream().filter(Event.Submitted.class::isInstance).findFirst().orElseThrow().t()
        - asked;
  }
}
