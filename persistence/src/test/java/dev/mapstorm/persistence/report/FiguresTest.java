package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.Ratio;
import dev.mapstorm.persistence.analysis.client.ClientAnalysis;
import dev.mapstorm.persistence.analysis.client.RequestAnalysis;
import dev.mapstorm.persistence.analysis.cpu.CpuTimeAnalysis;
import dev.mapstorm.persistence.analysis.cpu.StolenAnalysis;
import dev.mapstorm.persistence.analysis.device.TranslationAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.analysis.invalidation.InvalidationAnalysis;
import dev.mapstorm.persistence.analysis.iova.IovaAnalysis;
import dev.mapstorm.persistence.analysis.latency.LatencyAnalysis;
import dev.mapstorm.persistence.analysis.lock.LockAnalysis;
import dev.mapstorm.persistence.analysis.storm.StormAnalysis;
import dev.mapstorm.persistence.replay.Script;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import org.junit.jupiter.api.Test;

/** Hand-made events with known answers: clients, locks, invalidations, allocator, devices. */
class FiguresTest {
  private final RunAnalysis analysis = new RunAnalysis();
  private final Script script = new Script(analysis.host(0));

  @Test
  void shouldBeAllZeroWithoutEvents() {
    AnalysisResult result = new RunAnalysis().result();
    assertThat(result.of(ExtentAnalysis.EXTENT))
        .isEqualTo(new ExtentAnalysis.Run(0, 0, 0, 0, 0, 0, 0, java.util.List.of()));
    assertThat(result.of(RequestAnalysis.REQUESTS).latency()).isEqualTo(Distribution.NONE);
    assertThat(result.of(InvalidationAnalysis.INVALIDATIONS).worstWindow()).isNull();
  }

  @Test
  void shouldCountEventsByKindAndTheirSpan() {
    script.at(100).requested(0, 0, MapApi.SG, 4096).at(150).released(0, 0);
    script.at(1_100).submitted(0, 0).submitted(0, 1);
    ExtentAnalysis.Run run = analysis.result().of(ExtentAnalysis.EXTENT);
    assertThat(run.events()).isEqualTo(4);
    assertThat(run.requests()).isEqualTo(2);
    assertThat(run.outcomes()).isEqualTo(2);
    assertThat(run.firstNs()).isEqualTo(100);
    assertThat(run.lastNs()).isEqualTo(1_100);
    assertThat(run.spanNs()).isEqualTo(1_000);
    assertThat(run.kinds())
        .containsExactly(
            new ExtentAnalysis.KindCount("dma-requested", 1),
            new ExtentAnalysis.KindCount("release-requested", 1),
            new ExtentAnalysis.KindCount("submitted", 2));
  }

  @Test
  void shouldSumWhatAClientGotAndPaid() {
    script.at(0).requested(2, 0, MapApi.SG, 4096, 4096).requested(2, 1, MapApi.SG, 4096);
    script.at(1_000).allocated(2, 0x10, 2).ptes(2, 0x10, 1, 1).ptes(2, 0x11, 7, 1);
    script.mapped(2, 0, 0, 0x10, 8192, 300).unmapped(2, 0, 0, 700);
    script.mapFailed(2, 1, DmaError.NO_IOVA).faulted(2, 0, 0x10, DmaError.NOT_PRESENT);
    script.at(500_000_000).done(2, 0, 8192, 1_000).requested(5, 0, MapApi.PAGE, 512);
    AnalysisResult result = analysis.result();
    assertThat(result.of(ClientAnalysis.CLIENTS))
        .extracting(ClientAnalysis.Client::client)
        .containsExactly(2, 5);
    ClientAnalysis.Client client = result.of(ClientAnalysis.CLIENTS).get(0);
    assertThat(client.requested()).isEqualTo(2);
    assertThat(client.done()).isEqualTo(1);
    assertThat(client.bytes()).isEqualTo(8192);
    assertThat(client.mappings()).isEqualTo(1);
    assertThat(client.mappedPages()).isEqualTo(2);
    assertThat(client.mapFailures()).isEqualTo(1);
    assertThat(client.faults()).isEqualTo(1);
    assertThat(client.donePerSecond()).isEqualTo(2);
    assertThat(client.bytesPerSecond()).isEqualTo(16_384);
    assertThat(client.mapCallNs()).isEqualTo(300);
    assertThat(client.unmapCallNs()).isEqualTo(700);
    assertThat(result.of(RequestAnalysis.REQUESTS).requested()).isEqualTo(3);
    assertThat(result.of(RequestAnalysis.REQUESTS).bytes()).isEqualTo(8192);
  }

  @Test
  void shouldCountThePagesOfUnalignedSegmentsByTheirEntries() {
    // Three segments of 100 bytes need three granules, though 300 bytes span one.
    script.requested(0, 0, MapApi.SG, 100, 100, 100).allocated(0, 0x20, 3);
    script.ptes(0, 0x20, 5, 1).ptes(0, 0x21, 9, 1).ptes(0, 0x22, 13, 1);
    script.mapped(0, 0, 0, 0x20, 300, 10);
    assertThat(analysis.result().of(RequestAnalysis.REQUESTS).mappedPages()).isEqualTo(3);
  }

  @Test
  void shouldGivePercentilesOfLatency() {
    for (int i = 1; i <= 1000; i++) {
      script.requested(0, i, MapApi.SG, 4096).done(0, i, 1, i);
    }
    assertThat(analysis.result().of(RequestAnalysis.REQUESTS).latency())
        .isEqualTo(new Distribution(1000, 500_500, 500, 500, 900, 990, 999, 1000));
  }

  @Test
  void shouldSumTheUseOfALockAndFindItsWorstWait() {
    int tree0 = LockClass.instance(0, 0, 0);
    int tree1 = LockClass.instance(1, 0, 0);
    script.at(10).waited(LockClass.IOVA_TREE, tree0, 1, 0, 50);
    script.at(20).waited(LockClass.IOVA_TREE, tree0, 2, 1, 80);
    script.at(30).waited(LockClass.IOVA_TREE, tree1, 3, 0, 70);
    script.at(40).waited(LockClass.IOVA_TREE, tree0, 2, 1, 5);
    script.at(50).used(LockClass.IOVA_TREE, tree0, 10, 1_000, 100);
    script
        .at(60)
        .used(LockClass.IOVA_TREE, tree0, 5, 500, 35)
        .used(LockClass.IOVA_TREE, tree1, 1, 9, 70);
    script.used(LockClass.CPU_RCACHE, LockClass.instance(0, 3, 1), 7, 77, 0);
    script.at(10_000).submitted(0, 0);
    AnalysisResult result = analysis.result();
    assertThat(result.of(LockAnalysis.LOCKS))
        .extracting(LockAnalysis.Lock::lock)
        .containsExactly("L1 iova_rbtree_lock", "L2 cpu_rcache->lock");
    LockAnalysis.Lock tree = result.of(LockAnalysis.LOCKS).get(0);
    assertThat(tree.use())
        .isEqualTo(
            new LockAnalysis.LockUse(
                16, 1_509, 4, 205, new LockAnalysis.Wait(80, 0, 2, 1, 20), null));
    assertThat(tree.instances())
        .extracting(LockAnalysis.LockInstance::instance, each -> each.use().waitsNs())
        .containsExactly(tuple("domain 0", 135L), tuple("domain 1", 70L));
    assertThat(tree.pairs())
        .containsExactly(
            new LockAnalysis.Pair(0, "domain 0", 2, 1, 2, 85),
            new LockAnalysis.Pair(0, "domain 1", 3, 0, 1, 70),
            new LockAnalysis.Pair(0, "domain 0", 1, 0, 1, 50));
    LockAnalysis.Lock rcache = result.of(LockAnalysis.LOCKS).get(1);
    assertThat(rcache.use().worst()).isNull();
    assertThat(rcache.instances().get(0).instance()).isEqualTo("domain 0 cpu 3 order 1");
  }

  @Test
  void shouldTellTheLongestSectionOfAllLocks() {
    int first = LockClass.instance(0, 0, 0);
    int second = LockClass.instance(1, 0, 0);
    script.at(0).heldLong(LockClass.IOVA_TREE, first, 1, 150_000);
    script.at(10).heldLong(LockClass.IOVA_TREE, second, 2, 400_000);
    script.at(20).heldLong(LockClass.IOVA_TREE, second, 3, 300_000);
    script
        .at(900_000)
        .used(LockClass.IOVA_TREE, first, 9, 160_000, 0)
        .used(LockClass.IOVA_TREE, second, 9, 710_000, 0)
        .used(LockClass.CACHE_TAG, first, 9, 900, 0);

    AnalysisResult result = analysis.result();

    assertThat(result.of(LockAnalysis.LOCKS))
        .extracting(each -> each.use().longest())
        .containsExactly(new LockAnalysis.Hold(400_000, 0, 2, "domain 1", 10), null);
    assertThat(ReportText.of(result, 10))
        .contains(
            "longest hold: 400 us of L1 iova_rbtree_lock (domain 1) by cpu 2 at 0.000000010 s")
        .contains("a soft lockup after 20.0 s, an RCU stall after 21.0 s");
  }

  @Test
  void shouldSayThatNoSectionWasLong() {
    script.at(0).used(LockClass.CACHE_TAG, LockClass.instance(0, 0, 0), 9, 900, 0);

    assertThat(ReportText.of(analysis.result(), 10))
        .contains("no lock was held for 1.00 ms or longer at once");
  }

  @Test
  void shouldLeaveOutWhatOfWaitsAndSectionsLiesBehindTheLastEvent() {
    int tree = LockClass.instance(0, 0, 0);
    script.at(0).waited(LockClass.IOVA_TREE, tree, 1, 0, 200);
    script
        .at(100)
        .waited(LockClass.IOVA_TREE, tree, 2, 1, 300)
        .waited(LockClass.IOVA_TREE, tree, 3, 2, 500);
    script.at(300).waited(LockClass.CACHE_TAG, tree, 4, 0, 250);
    script
        .used(LockClass.IOVA_TREE, tree, 4, 800, 1_000)
        .used(LockClass.CACHE_TAG, tree, 2, 240, 250);
    LockAnalysis.Lock rbtree = analysis.result().of(LockAnalysis.LOCKS).get(0);
    // Sections of 200 ns, of CPU 0 to 3: two begin within the 300 ns, and hold the lock throughout.
    assertThat(rbtree.use())
        .isEqualTo(
            new LockAnalysis.LockUse(2, 300, 3, 600, new LockAnalysis.Wait(200, 0, 1, 0, 0), null));
    assertThat(rbtree.pairs())
        .extracting(LockAnalysis.Pair::cpu, LockAnalysis.Pair::waitNs)
        .containsExactly(tuple(1, 200L), tuple(2, 200L), tuple(3, 200L));
    assertThat(analysis.result().of(LockAnalysis.LOCKS).get(1).use())
        .isEqualTo(
            new LockAnalysis.LockUse(
                2, 240, 1, 250, new LockAnalysis.Wait(250, 0, 4, 0, 300), null));
    script.at(350).submitted(0, 0);
    assertThat(analysis.result().of(LockAnalysis.LOCKS).get(0).use().waitsNs())
        .isEqualTo(200 + 250 + 250);
  }

  @Test
  void shouldBookTheWaitsOfCallsThatReturned() {
    script.at(0).requested(0, 0, MapApi.PAGE, 4096, 4096).requested(1, 0, MapApi.PAGE, 4096);
    script.allocated(0, 0x10, 1).waited(LockClass.IOVA_TREE, 0, 0, 1, 40);
    script.waited(LockClass.IOVA_TREE, 0, 1, 0, 900);
    script.ptes(0, 0x10, 1, 1).at(100).mapped(0, 0, 0, 0x10, 4096, 100);
    script.allocated(0, 0x11, 1).waited(LockClass.DEPOT, 0, 0, 1, 30).ptes(0, 0x11, 2, 1);
    script.at(200).mapped(0, 0, 1, 0x11, 4096, 100).at(300).cleared(0, 0x10, 1);
    script.at(500).waited(LockClass.CACHE_TAG, 0, 0, 1, 150);
    script.waited(LockClass.INVALIDATION_QUEUE, 0, 0, 1, 20).posted(0, 0x10, 1, 2);
    script.at(600).invalidated(0, 3).at(620).unmapped(0, 0, 0, 320);
    CpuTimeAnalysis.CpuTime time = analysis.result().of(CpuTimeAnalysis.CPU_TIME);
    assertThat(time.map().calls()).isEqualTo(2);
    assertThat(time.map().pages()).isEqualTo(2);
    assertThat(time.map().requests()).isEqualTo(1);
    assertThat(time.map().ofRequests()).isEqualTo(time.map().total());
    assertThat(time.map().total().ns()).isEqualTo(200);
    assertThat(time.map().total().lockWaits())
        .containsExactly(
            new CpuTimeAnalysis.LockTime(LockClass.IOVA_TREE.label(), 40),
            new CpuTimeAnalysis.LockTime(LockClass.DEPOT.label(), 30));
    assertThat(time.map().total().iovas()).isEqualTo(2);
    assertThat(time.unmap().total().lockWaitNs()).isEqualTo(170);
    assertThat(time.unmap().total().unitWaitNs()).isEqualTo(80);
    assertThat(time.unmap().total().pageSelective()).isEqualTo(1);
    assertThat(time.unmap().total().pagesCovered()).isEqualTo(2);
    assertThat(time.unmap().total().dropped()).isEqualTo(3);
    // The other mapping of the request is not taken back.
    assertThat(time.unmap().requests()).isZero();
    assertThat(time.unmap().ofRequests().ns()).isZero();
    // CPU 1 waits from 0 on and its call has not returned.
    assertThat(time.otherLockWaitNs()).isEqualTo(620);
  }

  @Test
  void shouldShareCallsOutOverRequestsThatHaveBeenThroughThem() {
    script
        .at(100)
        .requested(0, 0, MapApi.PAGE, 4096, 4096)
        .requested(0, 1, MapApi.PAGE, 4096, 4096);
    script.at(200).mapped(0, 0, 0, 0x10, 4096, 10).mapped(0, 0, 1, 0x11, 4096, 30);
    script.at(300).mapped(0, 1, 2, 0x12, 4096, 50);
    script.at(400).unmapped(0, 0, 1, 7).unmapped(0, 0, 0, 8).done(0, 0, 8192, 300);
    script.requested(0, 2, MapApi.COHERENT, 4096).at(500).mapped(0, 2, 5, 0x20, 4096, 60);
    ClientAnalysis.Client client = analysis.result().of(ClientAnalysis.CLIENTS).get(0);
    assertThat(client.mapCallNs()).isEqualTo(150);
    assertThat(client.requestsMapped()).isEqualTo(2);
    assertThat(client.requestsMappedNs()).isEqualTo(10 + 30 + 60);
    assertThat(client.requestsUnmapped()).isEqualTo(1);
    assertThat(client.requestsUnmappedNs()).isEqualTo(15);
    assertThat(ReportText.of(analysis.result(), 5))
        .contains("map calls    150 ns  90.9 %      50.0 ns   37.5 ns")
        .contains("unmap calls   15 ns   9.1 %      15.0 ns   7.50 ns");
  }

  @Test
  void shouldKeepOnlyTheTopPairs() {
    RunAnalysis two = new RunAnalysis(new AnalysisOptions(1_000_000, 8, 100, 2));
    Script events = new Script(two.host(0));
    for (int cpu = 0; cpu < 5; cpu++) {
      events.at(1_000).waited(LockClass.CACHE_TAG, 0, cpu, 9, 10 + cpu);
    }
    assertThat(two.result().of(LockAnalysis.LOCKS).get(0).pairs())
        .extracting(LockAnalysis.Pair::cpu)
        .containsExactly(4, 3);
  }

  @Test
  void shouldCompareWhatWasAskedWithWhatWasCovered() {
    script.at(0).posted(0, 0x100, 1, 1).posted(1, 0x103, 2, 8);
    script.at(400).invalidated(0, 1).at(600).invalidated(1, 5);
    script.at(2_000_000).posted(0, 0x0, 600, 0).postedAll(0);
    script.at(2_000_900).invalidated(0, 64).at(1_000_000_000).submitted(0, 0);
    InvalidationAnalysis.Invalidations found =
        analysis.result().of(InvalidationAnalysis.INVALIDATIONS);
    assertThat(found.pageSelective()).isEqualTo(2);
    assertThat(found.domainSelective()).isEqualTo(2);
    assertThat(found.pagesAsked()).isEqualTo(3);
    assertThat(found.pagesCovered()).isEqualTo(9);
    assertThat(found.dropped()).isEqualTo(70);
    assertThat(found.perSecond()).isEqualTo(4);
    assertThat(found.latency().max()).isEqualTo(900);
    assertThat(found.latency().sum()).isEqualTo(1_900);
    assertThat(found.worstWindow()).isEqualTo(new StormAnalysis.Window(0, 0, 1_000_000, 2));
    assertThat(found.units())
        .singleElement()
        .satisfies(
            unit -> {
              assertThat(unit.posted()).isEqualTo(4);
              assertThat(unit.completed()).isEqualTo(3);
              assertThat(unit.inFlightMax()).isEqualTo(2);
            });
  }

  @Test
  void shouldSayWhereIovasCameFromAndWent() {
    script.tables(3).domain(1).tables(4).domain(0).tables(2);
    script.allocated(0, 0x10, 1, IovaSource.MAGAZINE, 0).allocated(0, 0x20, 3, IovaSource.DEPOT, 0);
    script.allocated(0, 0x40, 33, IovaSource.TREE, 10);
    script.allocated(0, 0x80, 64, IovaSource.FLUSHED_TREE, 20).cachesFlushed(0, 99);
    script.freed(0, 0x10, 1, IovaDestination.MAGAZINE).freed(0, 0x40, 33, IovaDestination.TREE);
    script.depotTrimmed(0, 127).depotTrimmed(1, 127).allocated(0, 0x10, 1, IovaSource.TREE, 6);
    IovaAnalysis.Iova iova = analysis.result().of(IovaAnalysis.IOVA);
    assertThat(iova.sources())
        .extracting(IovaAnalysis.SourceCount::source, IovaAnalysis.SourceCount::count)
        .containsExactly(
            tuple("magazine", 1L),
            tuple("depot", 1L),
            tuple("tree", 2L),
            tuple("tree after cache flush", 1L));
    assertThat(iova.destinations())
        .extracting(IovaAnalysis.DestinationCount::count)
        .containsExactly(1L, 0L, 1L);
    assertThat(iova.walk().count()).isEqualTo(3);
    assertThat(iova.walk().sum()).isEqualTo(36);
    assertThat(iova.walk().max()).isEqualTo(20);
    assertThat(iova.walk().p50()).isEqualTo(10);
    assertThat(iova.cacheFlushes()).isEqualTo(1);
    assertThat(iova.rangesFlushed()).isEqualTo(99);
    assertThat(iova.depotTrims()).isEqualTo(2);
    assertThat(iova.rangesTrimmed()).isEqualTo(254);
    assertThat(iova.sizes())
        .containsExactly(
            new IovaAnalysis.SizeCount(0, 2, 1),
            new IovaAnalysis.SizeCount(2, 1, 0),
            new IovaAnalysis.SizeCount(6, 2, 2));
    assertThat(iova.pagesMax()).isEqualTo(101);
    assertThat(iova.tablesMax()).isEqualTo(7);
  }

  @Test
  void shouldSumTheDeviceSide() {
    script.translated(0, 0, 8, 5, 3, 600).at(700).translated(0, 1, 8, 8, 0, 30).at(716);
    script.faulted(0, 1, 0x77, DmaError.NOT_PRESENT).stolen(3, 40).stolen(3, 2);
    AnalysisResult result = analysis.result();
    assertThat(result.of(TranslationAnalysis.TRANSLATION).devices())
        .containsExactly(new TranslationAnalysis.Device(0, 0, 2, 16, 13, 3, 616, 600, 1, 0, 0));
    assertThat(result.of(TranslationAnalysis.TRANSLATION).total().hits()).isEqualTo(13);
    assertThat(result.of(TranslationAnalysis.TRANSLATION).faults())
        .containsExactly(new TranslationAnalysis.ErrorCount(DmaError.NOT_PRESENT.label(), 1));
    assertThat(result.of(StolenAnalysis.STOLEN))
        .containsExactly(new StolenAnalysis.Stolen(0, 3, 2, 42, 40));
  }

  @Test
  void shouldKeepHostsApartAndAddThemUp() {
    script.at(0).requested(0, 0, MapApi.SG, Direction.TO_DEVICE, 1).at(1_000).done(0, 0, 10, 5);
    Script other = new Script(analysis.host(7));
    other.at(2_000).requested(0, 0, MapApi.SG, Direction.TO_DEVICE, 1).done(0, 0, 30, 7);
    AnalysisResult result = analysis.result();
    assertThat(result.of(ExtentAnalysis.EXTENT).hosts()).isEqualTo(2);
    assertThat(result.of(ExtentAnalysis.EXTENT).spanNs()).isEqualTo(2_000);
    assertThat(result.of(ClientAnalysis.CLIENTS))
        .extracting(ClientAnalysis.Client::host, ClientAnalysis.Client::bytes)
        .containsExactly(tuple(0, 10L), tuple(7, 30L));
    assertThat(result.of(RequestAnalysis.REQUESTS).bytes()).isEqualTo(40);
    assertThat(result.of(LatencyAnalysis.LATENCY).get(0).total().count()).isEqualTo(2);
  }

  @Test
  void shouldRefuseToMergeTheSameHostTwice() {
    RunAnalysis other = new RunAnalysis();
    other.host(0);
    assertThatThrownBy(() -> analysis.merge(other)).hasMessage("host 0 was analysed twice");
    RunAnalysis wider = new RunAnalysis(new AnalysisOptions(2, 1, 1, 1));
    assertThatThrownBy(() -> analysis.merge(wider)).hasMessageContaining("cannot be merged");
  }

  @Test
  void shouldDivideExactlyWhereTheProductNeedsMoreThan64Bits() {
    assertThat(Ratio.perSecond(1L << 40, 1_000_000_000L)).isEqualTo(1L << 40);
    assertThat(Ratio.perSecond(9_300_000_000L, 3_000_000_000L)).isEqualTo(3_100_000_000L);
    assertThat(Ratio.picosecondsEach(7, 2)).isEqualTo(3_500);
    assertThat(Ratio.perSecond(5, 0)).isZero();
  }
}
