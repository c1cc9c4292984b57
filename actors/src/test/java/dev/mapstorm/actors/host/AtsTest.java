package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.AtsSpec;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.MisuseSpec;
import dev.mapstorm.actors.spec.SacFirst;
import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.event.Event;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Devices with a TLB of their own, behind units of each kind that has ATS. */
class AtsTest {
  private static final long MS = 1_000_000;
  private static final IommuSpec VTD = TestHosts.vtd(256, 18);
  private static final IommuSpec AMD = TestHosts.amd(512, false);
  private static final IommuSpec SMMU = TestHosts.smmu(10, true, false);

  static Stream<IommuSpec> units() {
    return Stream.of(VTD, AMD, SMMU, TestHosts.smmu(10, false, true));
  }

  private static DeviceSpec device(int number, AtsSpec ats, MisuseSpec misuse) {
    return new DeviceSpec(
        "card" + number,
        number,
        0,
        SacFirst.NEVER,
        DeviceSpec.NO_MASK,
        DeviceSpec.NO_MASK,
        2_000,
        0,
        64,
        20_000_000_000L,
        0,
        0,
        null,
        1,
        misuse,
        DeviceSpec.NO_LIMIT,
        ats);
  }

  private static AtsSpec ats(long invalidateNs, long timeoutNs) {
    return new AtsSpec(256, 8, 400, invalidateNs, timeoutNs);
  }

  private static TestHosts host(IommuSpec unit, AtsSpec ats) {
    return TestHosts.nvme()
        .iommu(unit)
        .device(device(0, ats, MisuseSpec.NONE))
        .clients(2)
        .load(new LoadSpec.ClosedLoop(4, 0))
        .end(MS);
  }

  private static <E extends Event> List<E> of(List<Event> events, Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @ParameterizedTest
  @MethodSource("units")
  void buffersThatStayMappedAreTranslatedByTheDeviceItself(IommuSpec unit) {
    List<Event> with =
        HostInvariantsTest.run(host(unit, ats(500, MS)).kept(8, 4096, false).build());

    List<Event.DeviceTlbUsed> used = of(with, Event.DeviceTlbUsed.class);
    long pages = used.stream().mapToLong(Event.DeviceTlbUsed::pages).sum();
    long hits = used.stream().mapToLong(Event.DeviceTlbUsed::hits).sum();
    long asked = of(with, Event.Translated.class).stream().mapToLong(Event.Translated::pages).sum();
    assertThat(asked).isEqualTo(pages - hits).isLessThan(pages / 4);
    assertThat(of(with, Event.Translated.class))
        .filteredOn(each -> each.pages() == 0)
        .isNotEmpty()
        .allMatch(each -> each.stallNs() == 0);
  }

  /** An unmapping waits for the device's answer, and that the later the longer it takes. */
  @ParameterizedTest
  @MethodSource("units")
  void everyInvalidationIsAnsweredByTheDeviceBeforeItIsComplete(IommuSpec unit) {
    double without = latency(HostInvariantsTest.run(host(unit, null).build()));
    List<Event> near = HostInvariantsTest.run(host(unit, ats(500, MS)).build());
    List<Event> far = HostInvariantsTest.run(host(unit, ats(5_500, MS)).build());

    assertThat(latency(near)).isGreaterThan(without + 200);
    assertThat(latency(far)).isBetween(latency(near) + 4_000, latency(near) + 12_000);
    List<Event.InvalidationCompleted> complete = of(far, Event.InvalidationCompleted.class);
    assertThat(complete).isNotEmpty();
    for (Event.InvalidationCompleted each : complete) {
      assertThat(of(far, Event.DeviceInvalidated.class))
          .filteredOn(told -> told.ticket() == each.ticket())
          .hasSize(1)
          .allMatch(told -> told.t() <= each.t() - 5_500);
    }
  }

  private static double latency(List<Event> events) {
    double sum = 0;
    int count = 0;
    for (Event.InvalidationCompleted done : of(events, Event.InvalidationCompleted.class)) {
      for (Event.InvalidationPosted posted : of(events, Event.InvalidationPosted.class)) {
        if (posted.ticket() == done.ticket()) {
          sum += done.t() - posted.t();
          count++;
        }
      }
    }
    return sum / count;
  }

  /**
   * Through its own TLB a device gets at memory until that is told to forget it: in strict mode
   * before the unmapping returns.
   */
  @ParameterizedTest
  @MethodSource("units")
  void aStrictUnmappingReachesTheDevicesTlbAndALazyOneDoesNot(IommuSpec unit) {
    assertThat(staleAfterUnmapping(unit, IommuMode.STRICT)).isZero();
    assertThat(staleAfterUnmapping(unit, IommuMode.LAZY)).isPositive();
  }

  /** Accesses of the device through stale translations, but for those during the unmapping. */
  private static int staleAfterUnmapping(IommuSpec unit, IommuMode mode) {
    TestHosts host =
        TestHosts.nvme()
            .iommu(unit)
            .mode(mode)
            .device(device(0, ats(500, MS), new MisuseSpec(3, 40_000, 0, MisuseSpec.ALL_BITS)))
            .clients(2)
            .load(new LoadSpec.ClosedLoop(4, 0))
            .end(MS);
    Set<Long> unmapping = new HashSet<>();
    Map<Long, Long> pfns = new HashMap<>();
    int strays = 0;
    int stale = 0;
    for (Event event : HostInvariantsTest.run(host.build())) {
      if (event instanceof Event.PtesCleared cleared) {
        pfns.put(cleared.call(), cleared.pfn());
        unmapping.add(cleared.pfn());
      } else if (event instanceof Event.Unmapped done) {
        unmapping.remove(pfns.get(done.call()));
      } else if (event instanceof Event.Strayed stray) {
        strays++;
        boolean isStale = stray.outcome() == AccessOutcome.STALE.ordinal();
        stale += isStale && !unmapping.contains(stray.pfn()) ? 1 : 0;
      }
    }
    assertThat(strays).isPositive();
    return stale;
  }

  /** Two devices in domains of their own; the second stops answering. */
  private static List<Event> hangs(IommuSpec unit, boolean present, long timeoutNs, long endNs) {
    MisuseSpec hangs = new MisuseSpec(0, 0, 0, MisuseSpec.ALL_BITS, 20, present);
    TestHosts host =
        TestHosts.nvme()
            .iommu(unit)
            .usualDomains(2)
            .device(device(0, ats(500, timeoutNs), MisuseSpec.NONE))
            .device(device(1, ats(500, timeoutNs), hangs))
            .clients(2)
            .load(new LoadSpec.ClosedLoop(4, 0))
            .end(endNs);
    return HostInvariantsTest.run(host.build());
  }

  private static List<InvalidationTimeout> timeouts(List<Event> events) {
    return of(events, Event.InvalidationTimedOut.class).stream()
        .map(each -> InvalidationTimeout.of(each.timeout()))
        .toList();
  }

  private static List<Event.InvalidationCompleted> completedAfter(List<Event> events, long t) {
    return of(events, Event.InvalidationCompleted.class).stream()
        .filter(each -> each.t() > t)
        .toList();
  }

  /** {@code qi_check_fault}: after the time-out all is submitted again, and hangs again. */
  @Test
  void aDeviceThatHangsStopsAllDomainsOfAVtdUnitForEver() {
    List<Event> events = hangs(VTD, true, 2 * MS, 9 * MS);

    assertThat(timeouts(events)).hasSize(4).containsOnly(InvalidationTimeout.REPEATED);
    assertThat(of(events, Event.InvalidationTimedOut.class))
        .extracting(Event.InvalidationTimedOut::ticket)
        .containsOnly(of(events, Event.InvalidationTimedOut.class).get(0).ticket());
    assertThat(completedAfter(events, MS))
        .as("each domain may get one through that comes before the device's in the queue")
        .hasSizeLessThan(5);
  }

  @Test
  void aDeviceThatIsGoneHoldsAVtdUnitUpForOneTimeOutEach() {
    List<Event> events = hangs(VTD, false, 2 * MS, 9 * MS);

    assertThat(timeouts(events)).hasSize(4).containsOnly(InvalidationTimeout.DEVICE_GONE);
    assertThat(of(events, Event.InvalidationTimedOut.class))
        .extracting(Event.InvalidationTimedOut::ticket)
        .doesNotHaveDuplicates();
    assertThat(completedAfter(events, 7 * MS)).isNotEmpty();
  }

  /** {@code wait_on_sem} gives up after 100 000 looks of a microsecond. */
  @Test
  void aCpuWaitsAHundredMillisecondsForAnAmdUnit() {
    List<Event> events = hangs(AMD, true, 10_000 * MS, 350 * MS);

    assertThat(timeouts(events)).contains(InvalidationTimeout.CPU).hasSizeBetween(4, 8);
    Event.InvalidationTimedOut first = of(events, Event.InvalidationTimedOut.class).get(0);
    Event.InvalidationPosted posted =
        of(events, Event.InvalidationPosted.class).stream()
            .filter(each -> each.ticket() == first.ticket())
            .findFirst()
            .orElseThrow();
    assertThat(first.t() - posted.t()).isBetween(100 * MS, 101 * MS);
    assertThat(completedAfter(events, 101 * MS)).as("its CPU goes on").isNotEmpty();
  }

  /** {@code ARM_SMMU_POLL_TIMEOUT_US}: a CMD_SYNC is given up after a second. */
  @Test
  void aCpuWaitsASecondForAnSmmuAndTheQueueUntilTheUnitGivesUp() {
    List<Event> events = hangs(SMMU, true, 2_500 * MS, 6_000 * MS);

    assertThat(timeouts(events)).contains(InvalidationTimeout.CPU, InvalidationTimeout.SKIPPED);
    Event.InvalidationTimedOut first = of(events, Event.InvalidationTimedOut.class).get(0);
    assertThat(first.t()).isBetween(1_000 * MS, 1_001 * MS);
    assertThat(first.device()).isEqualTo(1);
    Event.InvalidationTimedOut unit =
        of(events, Event.InvalidationTimedOut.class).stream()
            .filter(each -> each.timeout() == InvalidationTimeout.SKIPPED.ordinal())
            .findFirst()
            .orElseThrow();
    assertThat(unit.t()).isBetween(2_500 * MS, 2_501 * MS);
  }
}
