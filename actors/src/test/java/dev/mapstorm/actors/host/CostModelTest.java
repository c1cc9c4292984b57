package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.MisuseSpec;
import dev.mapstorm.actors.spec.PerItem;
import dev.mapstorm.actors.spec.SacFirst;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Where time is spent: what delays a caller, what keeps a unit busy, what overlaps. */
class CostModelTest {
  private static final int MAP_NS = 14 + 30 + 40;

  private static <T extends Event> List<T> run(TestHosts host, Class<T> type) {
    return HostInvariantsTest.run(host.build()).stream()
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private static Costs with(PerItem pteWrite, int walkers) {
    return with(pteWrite, walkers, 0, 0);
  }

  private static Costs with(PerItem pteWrite, int walkers, int second, long secondHit) {
    Costs c = TestHosts.COSTS;
    return new Costs(
        c.mapCall(),
        c.unmapCall(),
        c.ptePrepare(),
        c.unmapPrepare(),
        pteWrite,
        c.pteClear(),
        c.tableAlloc(),
        c.iotlbHit(),
        c.walkRead(),
        c.walkReads(),
        walkers,
        c.lockHandover(),
        c.lockHandoverFar(),
        c.lockContender(),
        c.remoteUnit(),
        c.submit(),
        c.doorbell(),
        c.interrupt(),
        c.complete(),
        c.walkCache(),
        c.walkCacheKept(),
        second,
        secondHit);
  }

  /** A call whose time can be looked at. */
  private static final class Call extends DomainCall {
    Call() {
      begin(0, 0, 0, 0, 1_000);
    }
  }

  @Test
  void picosecondsOfACallAddUpAndAreRoundedOnce() {
    Call call = new Call();
    for (int entry = 0; entry < 256; entry++) {
      call.spend(new PerItem(2_700), 1);
    }
    assertThat(call.at).as("256 x 2.7 = 691.2").isEqualTo(1_691);

    Call whole = new Call();
    whole.spend(new PerItem(2_700), 256);
    assertThat(whole.at).isEqualTo(1_691);

    Call one = new Call();
    one.spend(new PerItem(2_700), 1);
    assertThat(one.at).as("rounded up").isEqualTo(1_003);
  }

  @Test
  void anEntryCostsItsSlope() {
    List<Event.Mapped> mapped = longMaps(with(new PerItem(2_700), 1), Event.Mapped.class);
    List<Event.CallEntered> entered =
        longMaps(with(new PerItem(2_700), 1), Event.CallEntered.class);

    long call = mapped.get(mapped.size() - 1).call();
    long from = entered.stream().filter(each -> each.call() == call).findFirst().orElseThrow().t();
    assertThat(mapped.get(mapped.size() - 1).t() - from)
        .as("16 entries of 2.7 ns are 43.2")
        .isEqualTo(MAP_NS + 43);
  }

  /** One client that maps 16 pages that follow each other, one request at a time. */
  private static <T extends Event> List<T> longMaps(Costs costs, Class<T> type) {
    return run(
        TestHosts.nvme()
            .clients(1)
            .costs(costs)
            .api(MapApi.PAGE)
            .workload(65536, 65536, 0)
            .load(new LoadSpec.ClosedLoop(1, 0)),
        type);
  }

  @Test
  void asManyWalksAsThereAreWalkersAreUnderWayAtATime() {
    assertThat(stalls(1)).as("16 walks in a row").containsOnly(16 * 197L);
    assertThat(stalls(4)).as("4 at a time").containsOnly(4 * 197L);
    assertThat(stalls(16)).as("all at once").containsOnly(197L);
  }

  @Test
  void aDeviceHasNoMoreWalksUnderWayThanItMay() {
    TestHosts host =
        TestHosts.nvme()
            .device(card(1, 3))
            .clients(1)
            .costs(with(PerItem.ofNs(10), 16))
            .workload(65536, 65536, 0)
            .load(new LoadSpec.ClosedLoop(1, 0));

    assertThat(run(host, Event.Translated.class))
        .extracting(Event.Translated::stallNs)
        .as("16 walks, 3 at a time")
        .containsOnly(6 * 197L);
  }

  /** 32 pages in turn in a unit with 16 entries: only a second level has them. */
  @Test
  void whatTheFirstLevelOfAnIotlbHasLostTheSecondMayHave() {
    assertThat(lastStalls(0)).as("a walk").containsOnly(197L);
    assertThat(lastStalls(16)).as("no larger than the first").containsOnly(197L);
    assertThat(lastStalls(64)).as("a hit and what the second takes").containsOnly(2 + 7L);
  }

  private static List<Long> lastStalls(int second) {
    TestHosts host =
        TestHosts.nvme()
            .iommu(new VtdSpec(16, 16, 256, 18, TestHosts.VTD_COSTS))
            .device(card(1, DeviceSpec.NO_LIMIT))
            .clients(1)
            .costs(with(PerItem.ofNs(10), 1, second, 7))
            .workload(65536, 65536, 0)
            .kept(2, 65536, false)
            .load(new LoadSpec.ClosedLoop(1, 0));
    return run(host, Event.Translated.class).stream()
        .skip(40)
        .map(Event.Translated::stallNs)
        .toList();
  }

  private static List<Long> stalls(int walkers) {
    return longMaps(with(PerItem.ofNs(10), walkers), Event.Translated.class).stream()
        .map(Event.Translated::stallNs)
        .toList();
  }

  @Test
  void aDeviceThatTranslatesAheadHidesItsWalks() {
    assertThat(done(1)).isLessThan(done(4) * 3 / 4);
  }

  private static DeviceSpec card(int translations, int walks) {
    return new DeviceSpec(
        "card",
        0,
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
        translations,
        MisuseSpec.NONE,
        walks,
        null);
  }

  /** 4 KiB requests of which the transfer takes as long as the walk. */
  private static int done(int translations) {
    TestHosts host =
        TestHosts.nvme()
            .clients(4)
            .costs(with(PerItem.ofNs(10), 4))
            .device(card(translations, DeviceSpec.NO_LIMIT))
            .kept(64, 4096, false)
            .load(new LoadSpec.ClosedLoop(16, 0));
    return run(host, Event.Completed.class).size();
  }

  /** Two domains behind one unit: 400 and 80 keep it busy, 200 later the CPU sees it. */
  @Test
  void aWaitDelaysItsCallerAndNotTheUnit() {
    TestHosts host = TestHosts.nvme().clients(2).domains(2).load(new LoadSpec.ClosedLoop(8, 0));
    long[] completed =
        run(host, Event.InvalidationCompleted.class).stream().mapToLong(Event::t).toArray();

    assertThat(gaps(completed).min()).hasValue(400 + 80);
  }

  @Test
  void aCpuOfAnotherNodeWaitsLonger() {
    assertThat(shortest(1)).isEqualTo(60 + 400 + 80 + 200);
    assertThat(shortest(2)).as("CPU 0 is not where the unit is").isEqualTo(60 + 680 + 310);
  }

  private static long shortest(int nodes) {
    TestHosts host =
        TestHosts.nvme()
            .clients(1)
            .nodes(nodes)
            .costs(TestHosts.FINE_COSTS)
            .load(new LoadSpec.ClosedLoop(1, 0));
    List<Event.InvalidationPosted> posted = run(host, Event.InvalidationPosted.class);
    List<Event.InvalidationCompleted> completed = run(host, Event.InvalidationCompleted.class);
    return completed.get(0).t() - posted.get(0).t();
  }

  private static LongStream gaps(long[] instants) {
    List<Long> gaps = new ArrayList<>();
    for (int i = 1; i < instants.length; i++) {
      gaps.add(instants[i] - instants[i - 1]);
    }
    return gaps.stream().mapToLong(Long::longValue);
  }
}
