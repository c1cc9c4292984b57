package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.unit.smmu.SmmuSpec;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Flushes of the flush queue that make units forget what waits there, and nothing else. */
class FlushByRangeTest {
  private static List<IommuSpec> units() {
    return List.of(
        TestHosts.vtd(256, 18), TestHosts.amd(512, false), TestHosts.smmu(8, true, true));
  }

  private static List<Event> run(IommuSpec unit, boolean byRange, int ring) {
    HostSpec host =
        TestHosts.nvme()
            .iommu(unit)
            .mode(IommuMode.LAZY)
            .api(MapApi.PAGE)
            .flush(new FlushSpec(false, ring, 50_000, byRange))
            .load(new LoadSpec.ClosedLoop(16, 0))
            .end(1_000_000)
            .build();
    List<Event> events = new ArrayList<>();
    BareLoop.unbatched(host, new EventRecorder(events::add)).run();
    return events;
  }

  private static LongStream kinds(List<Event> events, InvalidationKind kind) {
    return events.stream()
        .filter(Event.InvalidationPosted.class::isInstance)
        .map(Event.InvalidationPosted.class::cast)
        .filter(each -> each.kind() == kind.ordinal())
        .mapToLong(Event.InvalidationPosted::t);
  }

  @ParameterizedTest
  @MethodSource("units")
  void nothingElseIsForgotten(IommuSpec unit) {
    List<Event> events = run(unit, true, 16);
    AddressLife life = new AddressLife();
    events.forEach(event -> event.to(life));

    assertThat(life.violations()).isEmpty();
    assertThat(events).hasAtLeastOneElementOfType(Event.FlushFinished.class);
    assertThat(kinds(events, InvalidationKind.DSI)).isEmpty();
    assertThat(kinds(events, InvalidationKind.PSI)).isNotEmpty();
    assertThat(kinds(run(unit, false, 16), InvalidationKind.PSI)).isEmpty();
  }

  /** Linux 7.3: of a lazy domain only pages and lists are queued. */
  @ParameterizedTest
  @MethodSource("units")
  void twoStepMappingsMayBeInvalidatedAtOnce(IommuSpec unit) {
    assertThat(queued(unit, MapApi.IOVA, true)).isPositive();
    assertThat(queued(unit, MapApi.IOVA, false)).isZero();
    assertThat(queued(unit, MapApi.PAGE, false)).isPositive();
  }

  private static long queued(IommuSpec unit, MapApi api, boolean twoStep) {
    HostSpec host =
        TestHosts.nvme()
            .iommu(unit)
            .mode(IommuMode.LAZY)
            .api(api)
            .flush(new FlushSpec(false, 256, 50_000, false, twoStep))
            .load(new LoadSpec.ClosedLoop(4, 0))
            .end(500_000)
            .build();
    List<Event> events = HostInvariantsTest.run(host);
    AddressLife life = new AddressLife();
    events.forEach(event -> event.to(life));
    assertThat(life.violations()).isEmpty();
    assertThat(events).hasAtLeastOneElementOfType(Event.InvalidationCompleted.class);
    return events.stream().filter(Event.FlushQueued.class::isInstance).count();
  }

  /** 15 ranges of a ring are one submission: they are forgotten at one instant. */
  @Test
  void aRingIsWaitedForOnce() {
    List<Event> events = run(TestHosts.vtd(256, 18), true, 16);
    long instants =
        events.stream()
            .filter(Event.InvalidationCompleted.class::isInstance)
            .map(Event::t)
            .distinct()
            .count();
    long flushes = events.stream().filter(Event.FlushStarted.class::isInstance).count();
    long ranges = kinds(events, InvalidationKind.PSI).count();

    assertThat(instants).isLessThanOrEqualTo(4 * flushes);
    assertThat(ranges).isGreaterThan(2 * instants);
  }

  /** A ring above the descriptors of a submission takes several, one after the other. */
  @Test
  void aLongRingIsSeveralSubmissionsOfVtd() {
    List<Event> events = run(TestHosts.vtd(256, 18), true, 64);
    long most = 0;
    long at = -1;
    long same = 0;
    for (Event event : events) {
      if (event instanceof Event.InvalidationCompleted e) {
        same = e.t() == at ? same + 1 : 1;
        at = e.t();
        most = Math.max(most, same);
      }
    }
    assertThat(most).isBetween(2L, 16L);
  }

  /**
   * 512 pages free their table, whose walks take as many commands as it has entries: since 7.1 one
   * for the whole ASID. The table itself goes as one entry of 2 MiB.
   */
  @Test
  void anSmmuWithALimitForgetsEverythingForALongRange() {
    assertThat(strict(0, 511, InvalidationKind.DSI)).isEmpty();
    assertThat(strict(1, 511, InvalidationKind.DSI)).isEmpty();
    assertThat(strict(0, 512, InvalidationKind.DSI)).isEmpty();
    assertThat(strict(1, 512, InvalidationKind.DSI)).isNotEmpty();
    assertThat(strict(1, 512, InvalidationKind.PSI).count())
        .isCloseTo(strict(1, 512, InvalidationKind.DSI).count(), within(1L));
  }

  private static LongStream strict(int sizeLimit, int pages, InvalidationKind kind) {
    HostSpec host =
        TestHosts.nvme()
            .iommu(new SmmuSpec(64, 8, 10, 1, 0, 0, sizeLimit, TestHosts.SMMU_COSTS))
            .api(MapApi.SG)
            .workload(pages * 4096, 4096, 0)
            .clients(1)
            .load(new LoadSpec.ClosedLoop(1, 0))
            .end(3_000_000)
            .build();
    List<Event> events = new ArrayList<>();
    BareLoop.unbatched(host, new EventRecorder(events::add)).run();
    AddressLife life = new AddressLife();
    events.forEach(event -> event.to(life));
    assertThat(life.violations()).isEmpty();
    assertThat(events).hasAtLeastOneElementOfType(Event.InvalidationCompleted.class);
    return kinds(events, kind);
  }
}
