package dev.mapstorm.actors.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.backend.direct.DirectKind;
import dev.mapstorm.actors.backend.iommu.DmaIommuKind;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.host.Kinds;
import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.PerByte;
import dev.mapstorm.actors.unit.vtd.VtdKind;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A host with units and backends of kinds that the program does not have, beside those that it has:
 * what the cut has to allow.
 */
class ToyKindsTest {
  private static final Kinds KINDS =
      new Kinds(
          List.of(new VtdKind(), new ToyUnitKind()),
          List.of(new DirectKind(), new DmaIommuKind(), new ToyBackendKind()));

  private static final long COMMAND_NS = 700;

  private final List<Event> events = new ArrayList<>();

  /**
   * Domain 0: dma-iommu behind toy units 1 and 2. Domain 1: dma-iommu behind VT-d units 0 and 3.
   * Domain 2: the toy backend behind a VT-d unit.
   */
  private static TestHosts host(IommuMode mode) {
    return TestHosts.nvme()
        .mode(mode)
        .iommu(TestHosts.vtd(256, 18))
        .iommu(new ToyUnitSpec(COMMAND_NS))
        .iommu(new ToyUnitSpec(COMMAND_NS))
        .iommu(TestHosts.vtd(256, 18))
        .usualDomains(2)
        .domain(new ToyDomainSpec(0x1000, new ToyDomainCosts(50, new PerByte(125))))
        .device(device(0, 1))
        .device(device(0, 2))
        .device(device(1, 0))
        .device(device(1, 3))
        .device(device(2, 0))
        .clients(5)
        .end(1_000_000);
  }

  private static DeviceSpec device(int domain, int iommu) {
    return new DeviceSpec(
        "nvme" + domain + iommu, domain, iommu, true, 20_000, 5_000, 64, 7_000_000_000L, 65, 300);
  }

  private List<Event> run(HostSpec spec) {
    events.clear();
    BareLoop.unbatched(spec, KINDS, new EventRecorder(events::add)).run();
    return List.copyOf(events);
  }

  private <T extends Event> List<T> all(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void allClientsOfAllDomainsAreServed() {
    run(host(IommuMode.STRICT).build());

    for (int client = 0; client < 5; client++) {
      int number = client;
      assertThat(all(Event.RequestDone.class))
          .filteredOn(e -> e.client() == number)
          .hasSizeGreaterThan(50);
    }
    assertThat(all(Event.Faulted.class)).isEmpty();
    assertThat(all(Event.MapFailed.class)).isEmpty();
  }

  @Test
  void aDomainBehindTwoUnitsHasBothForget() {
    run(host(IommuMode.STRICT).build());

    for (List<Integer> units : List.of(List.of(1, 2), List.of(0, 3))) {
      long first = invalidations(units.get(0), units.get(0) == 1 ? 0 : 1);
      long second = invalidations(units.get(1), units.get(0) == 1 ? 0 : 1);
      assertThat(first).isGreaterThan(50);
      assertThat(second).isBetween(first - 8, first);
    }
  }

  private long invalidations(int unit, int domain) {
    return all(Event.InvalidationPosted.class).stream()
        .filter(e -> e.iommu() == unit && e.domain() == domain)
        .count();
  }

  /** cache_lock is the VT-d driver's: there is one invalidation of its domains at a time. */
  @Test
  void severalInvalidationsOfADomainAreInFlightWhereTheDriverHasNoLock() {
    run(host(IommuMode.STRICT).build());

    assertThat(mostInFlight(0)).isGreaterThan(2);
    assertThat(mostInFlight(1)).isEqualTo(1);
  }

  private int mostInFlight(int domain) {
    Set<List<Long>> inFlight = new HashSet<>();
    int most = 0;
    for (Event event : events) {
      if (event instanceof Event.InvalidationPosted posted && posted.domain() == domain) {
        inFlight.add(List.of((long) posted.iommu(), posted.ticket()));
        most = Math.max(most, inFlight.size());
      } else if (event instanceof Event.InvalidationCompleted done) {
        inFlight.remove(List.of((long) done.iommu(), done.ticket()));
      }
    }
    return most;
  }

  @Test
  void aMappingWaitsForItsUnits() {
    run(host(IommuMode.STRICT).build());

    assertThat(mapTimes(0)).isNotEmpty().allMatch(ns -> ns > COMMAND_NS);
    assertThat(mapTimes(1)).anyMatch(ns -> ns < COMMAND_NS);
  }

  private List<Long> mapTimes(int domain) {
    Map<Long, Long> entered = new HashMap<>();
    all(Event.CallEntered.class).stream()
        .filter(e -> e.domain() == domain)
        .forEach(e -> entered.put(e.call(), e.t()));
    return all(Event.Mapped.class).stream()
        .filter(e -> e.domain() == domain)
        .map(e -> e.t() - entered.get(e.call()))
        .toList();
  }

  @Test
  void lazyDomainsFlushTheirUnitsWhole() {
    run(host(IommuMode.LAZY).end(30_000_000).build());

    assertThat(all(Event.InvalidationPosted.class))
        .filteredOn(e -> e.domain() < 2 && e.pages() == 0)
        .extracting(Event.InvalidationPosted::iommu)
        .contains(0, 1, 2, 3);
    assertThat(all(Event.Faulted.class)).isEmpty();
  }

  @Test
  void aHostGoesOnFromItsCheckpoint() {
    HostSpec spec = host(IommuMode.STRICT).build();
    List<Event> whole = run(spec);

    List<Event> before = new ArrayList<>();
    BareLoop half = BareLoop.unbatched(spec, KINDS, new EventRecorder(before::add));
    while (half.now() < 500_000) {
      half.step();
    }
    List<Event> after = new ArrayList<>(before);
    BareLoop.unbatchedFrom(half.checkpoint(), spec, KINDS, new EventRecorder(after::add)).run();

    assertThat(after).isEqualTo(whole);
  }

  @Test
  void unitsOfTwoKindsInFrontOfOneDomainAreRefused() {
    HostSpec spec = host(IommuMode.STRICT).device(device(0, 0)).build();

    assertThatThrownBy(() -> run(spec))
        .hasMessage("domain 0 is behind units of different kinds, which no driver serves");
  }

  @Test
  void aKindThatIsNotThereIsNamed() {
    HostSpec spec = host(IommuMode.STRICT).build();

    assertThatThrownBy(() -> BareLoop.unbatched(spec, EventSink.NONE))
        .hasMessageContaining("no kind of unit is made from ToyUnitSpec");
  }
}
