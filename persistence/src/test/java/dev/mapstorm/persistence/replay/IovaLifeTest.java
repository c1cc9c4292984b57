package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class IovaLifeTest {
  private static final int ROWS = 1000;

  private static List<LifeRow> rows(IovaLife life) {
    return life.rows();
  }

  private static String text(IovaLife life, int row) {
    return life.rows().get(row).text();
  }

  @Test
  void shouldTellAStrictLifeFromRequestToReuse() {
    IovaLife life = new IovaLife(LifeFilter.address(0, 0x101_234), ROWS);
    Script script = new Script(life);
    script.at(10).requested(2, 7, MapApi.SG, 8192).requested(3, 1, MapApi.SG, 4096);
    script.allocated(2, 0x100, 2, IovaSource.DEPOT, 0).allocated(3, 0x102, 1);
    script.at(20).ptes(2, 0x100, 0x800, 1).ptes(2, 0x101, 0x700, 1).ptes(3, 0x102, 1, 1);
    script.at(30).mapped(3, 1, 4, 0x102, 4096, 5).mapped(2, 7, 5, 0x100, 8192, 20);
    script.at(40).submitted(2, 7).submitted(3, 1).at(50).translated(2, 7, 2, 0, 2, 394);
    script.at(60).completed(2, 7).at(70).cleared(2, 0x100, 2).posted(2, 0x100, 2, 2);
    script.at(90).invalidated(2, 2).freed(2, 0x100, 2).unmapped(2, 7, 5, 21);
    script.at(95).done(2, 7, 8192, 85).at(200).allocated(3, 0x101, 1, IovaSource.TREE, 9);
    assertThat(rows(life))
        .extracting(LifeRow::event, LifeRow::t, LifeRow::what)
        .containsExactly(
            tuple(0L, 10L, "dma-requested"),
            tuple(3L, 10L, "iova-allocated"),
            tuple(7L, 20L, "ptes-mapped"),
            tuple(11L, 30L, "mapped"),
            tuple(12L, 40L, "submitted"),
            tuple(14L, 50L, "translated"),
            tuple(15L, 60L, "completed"),
            tuple(17L, 70L, "ptes-cleared"),
            tuple(18L, 70L, "invalidation-posted"),
            tuple(19L, 90L, "invalidation-completed"),
            tuple(20L, 90L, "iova-freed"),
            tuple(22L, 90L, "unmapped"),
            tuple(23L, 95L, "request-done"),
            tuple(25L, 200L, "iova-allocated"));
    assertThat(text(life, 1)).isEqualTo("2 pages at 0x100000 from the depot");
    assertThat(text(life, 2)).isEqualTo("0x101000 leads to 0x700000, 1 page with 4.00 KiB entries");
    assertThat(text(life, 8))
        .isEqualTo("page-selective at unit 0: asked 2 pages at 0x100000, covers 2 pages");
    assertThat(text(life, 13))
        .isEqualTo(
            "1 page at 0x101000 from the tree past 9 nodes, 110 ns after client 2 request 7");
  }

  @Test
  void shouldTellALazyLifeWithTheFlushThatEndsIt() {
    IovaLife life = new IovaLife(LifeFilter.address(0, 0x100_000), ROWS);
    Script script = new Script(life);
    script.at(1).postedAll(9).invalidated(9, 0).flushStarted(9, FlushReason.TIMER);
    script.allocated(0, 0x100, 1).ptes(0, 0x100, 1, 1).mapped(0, 0, 0, 0x100, 4096, 1);
    script.at(5).cleared(0, 0x100, 1).queued(0, 0x100, 1).unmapped(0, 0, 0, 1);
    script.at(9).flushStarted(1, FlushReason.FULL).postedAll(1).at(12).invalidated(1, 5);
    script.flushFinished(1, 4).freed(1, 0x100, 1, IovaDestination.TREE);
    assertThat(rows(life))
        .extracting(LifeRow::what)
        .containsExactly(
            "iova-allocated",
            "ptes-mapped",
            "mapped",
            "ptes-cleared",
            "flush-queued",
            "unmapped",
            "flush-started",
            "invalidation-posted",
            "invalidation-completed",
            "flush-finished",
            "iova-freed");
    assertThat(text(life, 6)).isEqualTo("a flush begins: ring full");
    assertThat(text(life, 7)).isEqualTo("domain-selective at unit 0: the whole domain");
  }

  @Test
  void shouldSayThatAFaultIsAUseAfterUnmap() {
    IovaLife life = new IovaLife(LifeFilter.address(0, 0x100_000), ROWS);
    Script script = new Script(life);
    script.faulted(1, 0, 0x100, DmaError.NOT_PRESENT);
    script.at(1).allocated(0, 0x100, 1).ptes(0, 0x100, 1, 1).mapped(0, 6, 0, 0x100, 4096, 1);
    script.at(100).cleared(0, 0x100, 1).at(1_900_100).faulted(0, 6, 0x100, DmaError.NOT_PRESENT);
    script.freed(0, 0x100, 1).at(1_900_150).faulted(0, 6, 0x100, DmaError.NOT_PRESENT);
    script.faulted(0, 6, 0x999, DmaError.NOT_PRESENT);
    List<String> faults =
        life.rows().stream()
            .filter(row -> row.what().equals("faulted"))
            .map(LifeRow::text)
            .toList();
    assertThat(faults.get(0)).isEqualTo("device 0 meets 0x100000: entry not present (fault)");
    assertThat(faults.get(1))
        .endsWith("; use after unmap: client 0 request 6 unmapped it 1.90 ms before (event 7)");
    assertThat(faults.get(2))
        .endsWith(
            "; use after free: last held by client 0 request 6, freed 50 ns before (event 9)");
    assertThat(faults.get(3)).isEqualTo("device 0 meets 0x999000: entry not present (fault)");
  }

  @Test
  void shouldCountInvalidationsThatDropALiveTranslation() {
    IovaLife life = new IovaLife(LifeFilter.address(0, 0x101_000), ROWS);
    Script script = new Script(life);
    script.allocated(0, 0x101, 1).ptes(0, 0x101, 1, 1).mapped(0, 0, 0, 0x101, 4096, 1);
    script.allocated(1, 0x103, 2).ptes(1, 0x103, 1, 2).cleared(1, 0x103, 2);
    script.posted(1, 0x103, 2, 8).invalidated(1, 3).postedAll(2).invalidated(2, 3);
    script.posted(3, 0x108, 8, 8).domain(1).postedAll(3);
    assertThat(life.collateral()).isEqualTo(2);
    assertThat(rows(life)).hasSize(3);
  }

  @Test
  void shouldKeepDomainsApart() {
    IovaLife life = new IovaLife(LifeFilter.address(1, 0x100_000), ROWS);
    Script script = new Script(life);
    script.allocated(0, 0x100, 1).cleared(0, 0x100, 1).freed(0, 0x100, 1);
    assertThat(rows(life)).isEmpty();
    new Script(life).domain(1).allocated(0, 0x100, 1);
    assertThat(rows(life)).hasSize(1);
  }

  @Test
  void shouldTellTheLifeOfAClient() {
    BitSet two = new BitSet();
    two.set(2);
    IovaLife life = new IovaLife(LifeFilter.clients(two), ROWS);
    Script script = new Script(life);
    for (int client = 1; client <= 2; client++) {
      long pfn = 0x100 + client;
      script
          .requested(client, 0, MapApi.SG, 4096)
          .allocated(client, pfn, 1)
          .ptes(client, pfn, 1, 1);
      script.mapped(client, 0, client, pfn, 4096, 1).submitted(client, 0).completed(client, 0);
      script.released(client, 0).cleared(client, pfn, 1).posted(client, pfn, 1, 1);
      script.invalidated(client, 1).freed(client, pfn, 1).unmapped(client, 0, client, 1);
      script.done(client, 0, 4096, 3).mapFailed(client, 1, DmaError.NO_IOVA).postedAll(client);
    }
    assertThat(rows(life)).hasSize(14).allMatch(row -> row.client() == 2);
    assertThat(rows(life)).extracting(LifeRow::event).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void shouldTellNothingOfADeviceWithoutClients() {
    IovaLife life = new IovaLife(LifeFilter.clients(new BitSet()), ROWS);
    new Script(life).requested(4, 0, MapApi.SG, 4096).allocated(4, 0x100, 1);
    assertThat(rows(life)).isEmpty();
  }

  @Test
  void shouldKeepTheFirstRowsAndCountTheRest() {
    IovaLife life = new IovaLife(LifeFilter.address(0, 0x100_000), 3);
    Script script = new Script(life);
    for (int i = 0; i < 5; i++) {
      script.allocated(0, 0x100, 1).freed(0, 0x100, 1);
    }
    assertThat(rows(life)).hasSize(3);
    assertThat(life.omitted()).isEqualTo(7);
  }

  /** Every event of a real stream that names the granule must be in its life. */
  @Test
  void shouldMissNoEventThatNamesTheGranule() {
    List<Event> events = Runs.nvme().pages(8, 2, 0).api(MapApi.SG).end(400_000).events();
    Event.IovaAllocated some =
        events.stream()
            .filter(Event.IovaAllocated.class::isInstance)
            .map(Event.IovaAllocated.class::cast)
            .skip(5)
            .findFirst()
            .orElseThrow();
    long pfn = some.pfn() + 3;
    IovaLife life = new IovaLife(LifeFilter.address(0, pfn << 12), Integer.MAX_VALUE);
    events.forEach(event -> event.to(life));
    List<Long> told =
        life.rows().stream()
            .filter(
                row ->
                    List.of("iova-allocated", "ptes-mapped", "ptes-cleared", "iova-freed")
                        .contains(row.what()))
            .map(LifeRow::event)
            .toList();
    List<Long> naming =
        java.util.stream.LongStream.range(0, events.size())
            .filter(i -> names(events.get((int) i), pfn))
            .boxed()
            .toList();
    assertThat(told).isEqualTo(naming).hasSizeGreaterThan(8);
  }

  private static boolean names(Event event, long pfn) {
    if (event instanceof Event.IovaAllocated e) {
      return e.pfn() <= pfn && pfn < e.pfn() + e.pages();
    } else if (event instanceof Event.PtesMapped e) {
      return e.pfn() <= pfn && pfn < e.pfn() + e.pages();
    } else if (event instanceof Event.PtesCleared e) {
      return e.pfn() <= pfn && pfn < e.pfn() + e.pages();
    } else if (event instanceof Event.IovaFreed e) {
      return e.pfn() <= pfn && pfn < e.pfn() + e.pages();
    }
    return false;
  }
}
