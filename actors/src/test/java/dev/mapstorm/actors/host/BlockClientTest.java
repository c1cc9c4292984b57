package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.blk.BlkRule;
import dev.mapstorm.actors.model.blk.QueueLimits;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.BlockSpec;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockClientTest {
  private static final long NO_LIMIT = (1L << 32) - 1;

  /** Requests of one piece of 132 KiB that a queue cuts at 66 KiB and a half: not at a granule. */
  private static final WorkloadSpec LONG_PIECE = new WorkloadSpec(135_168, 135_168, 100, 0, 0);

  private static final QueueLimits ODD_SEGMENTS = new QueueLimits(0, 66_048, NO_LIMIT);

  private static List<Event> run(BlkRule rule, QueueLimits limits, WorkloadSpec workload) {
    TestHosts hosts = TestHosts.nvme().end(1_000_000).domains(1);
    hosts.client(
        new ClientSpec.Synthetic(
            "queue",
            0,
            0,
            0,
            MapApi.IOVA,
            BatchSize.ofBytes(1 << 20),
            new LoadSpec.ClosedLoop(2, 20),
            workload,
            new BlockSpec(rule, limits)));
    return HostInvariantsTest.run(hosts.build());
  }

  private static <T extends Event> List<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void shouldDecideByTheQueueUpTo618AndByTheRequestLater() {
    WorkloadSpec pages = new WorkloadSpec(16_384, 4096, 100, 0, 0);
    QueueLimits noBoundary = new QueueLimits(0, 65_536, NO_LIMIT);

    assertThat(of(run(BlkRule.V6_17, noBoundary, pages), Event.Mapped.class))
        .isNotEmpty()
        .allMatch(each -> each.pages() == 1);
    assertThat(of(run(BlkRule.V6_19, noBoundary, pages), Event.Mapped.class))
        .isNotEmpty()
        .allMatch(each -> each.pages() == 4 && each.vectors() == 1);
    QueueLimits nvme = new QueueLimits(4095, NO_LIMIT, NO_LIMIT);
    assertThat(of(run(BlkRule.V6_17, nvme, pages), Event.Mapped.class))
        .isNotEmpty()
        .allMatch(each -> each.pages() == 4);
  }

  @Test
  void shouldMapEachSegmentWhereARequestHasGaps() {
    WorkloadSpec gaps = new WorkloadSpec(16_384, 4096, 100, 0, 512);

    List<Event> events = run(BlkRule.V7_1, new QueueLimits(0, 65_536, NO_LIMIT), gaps);

    assertThat(of(events, Event.Mapped.class)).isNotEmpty().allMatch(each -> each.pages() == 2);
    assertThat(of(events, Event.Faulted.class)).isEmpty();
  }

  @Test
  void shouldLinkSegmentsOfTheQueueNotPieces() {
    WorkloadSpec piece = new WorkloadSpec(65_536, 65_536, 100, 0, 0);

    List<Event> events = run(BlkRule.V7_1, new QueueLimits(0, 16_384, NO_LIMIT), piece);

    assertThat(of(events, Event.PtesMapped.class)).isNotEmpty().allMatch(p -> p.pages() == 4);
    assertThat(of(events, Event.Mapped.class)).isNotEmpty().allMatch(m -> m.pages() == 16);
  }

  /** The test for gaps does not see cuts: a link then fails, and since 7.1 the request with it. */
  @Test
  void shouldGiveAFailedBatchBackSince71() {
    List<Event> events = run(BlkRule.V7_1, ODD_SEGMENTS, LONG_PIECE);

    assertThat(of(events, Event.MapFailed.class))
        .hasSize(20)
        .allMatch(each -> each.error() == DmaError.MISALIGNED_LINK.ordinal());
    assertThat(of(events, Event.Mapped.class)).isEmpty();
    // 17 granules were linked of 33; as many are freed.
    assertThat(of(events, Event.PtesCleared.class)).hasSize(20).allMatch(c -> c.pages() == 17);
    assertThat(of(events, Event.IovaFreed.class)).hasSize(20).allMatch(f -> f.pages() == 17);
    assertThat(of(events, Event.RequestDone.class)).isEmpty();
  }

  @Test
  void shouldLoseTheErrorBefore71AndFaultInTheTail() {
    List<Event> events = run(BlkRule.V6_19, ODD_SEGMENTS, LONG_PIECE);

    assertThat(of(events, Event.MapFailed.class)).isEmpty();
    assertThat(of(events, Event.Mapped.class))
        .isNotEmpty()
        .allMatch(each -> each.pages() == 17 && each.bytes() == 135_168);
    List<Event.Faulted> faults = of(events, Event.Faulted.class);
    assertThat(faults).isNotEmpty();
    assertThat(faults).allMatch(each -> each.error() == DmaError.NOT_PRESENT.ordinal());
    // The unmapping ends at the hole, yet all the IOVA is freed.
    assertThat(of(events, Event.PtesCleared.class)).isNotEmpty().allMatch(c -> c.pages() == 17);
    assertThat(of(events, Event.IovaFreed.class)).isNotEmpty().allMatch(f -> f.pages() == 33);
  }
}
