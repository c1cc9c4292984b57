package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.persistence.inflight.RequestStage;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.MapApi;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostFoldTest {
  private final HostFold fold = new HostFold(List.of());
  private final Script script = new Script(fold);

  private HostState.Domain domain() {
    return fold.state().domains().get(0);
  }

  private HostState.Range only() {
    assertThat(domain().ranges()).hasSize(1);
    return domain().ranges().get(0);
  }

  @Test
  void shouldFollowAStrictMappingThroughItsStates() {
    script.at(10).requested(3, 5, MapApi.SG, 8192).allocated(3, 0x100, 2);
    assertThat(only().state()).isEqualTo(RangeState.ALLOCATED);
    assertThat(only().mapping()).isEqualTo(-1);

    script.at(20).ptes(3, 0x100, 0x900, 2).at(25).mapped(3, 5, 7, 0x100, 8192, 15);
    assertThat(only())
        .isEqualTo(new HostState.Range(0x100, 2, RangeState.MAPPED, 25, 2, 1, 3, 5, 0, 8192, 1, 3));
    assertThat(domain().entries()).containsExactly(new HostState.EntryRun(0x100, 0x900, 2, 12));

    script.at(40).cleared(3, 0x100, 2);
    assertThat(only().state()).isEqualTo(RangeState.CLEARED);
    assertThat(only().since()).isEqualTo(40);
    assertThat(domain().entries()).isEmpty();

    script.at(41).posted(3, 0x100, 2, 2);
    assertThat(fold.state().invalidations())
        .containsExactly(new HostState.Invalidation(0, 0, 3, "page-selective", 0x100, 2, 2, 41));
    script.at(50).invalidated(3, 2);
    assertThat(only().state()).isEqualTo(RangeState.INVALIDATED);
    assertThat(fold.state().invalidations()).isEmpty();

    script.at(51).freed(3, 0x100, 2);
    assertThat(domain().ranges()).isEmpty();
    assertThat(domain().cached()).containsExactly(new HostState.Cached(3, 1, 1));
    assertThat(fold.state().violations()).isEmpty();
    assertThat(fold.state().t()).isEqualTo(51);
    assertThat(fold.state().events()).isEqualTo(10);
  }

  @Test
  void shouldKeepAQueuedRangeUntilItIsFreed() {
    script.at(1).allocated(0, 0x10, 1).ptes(0, 0x10, 0x99, 1).mapped(0, 0, 0, 0x10, 4096, 1);
    script.at(2).allocated(1, 0x11, 1).ptes(1, 0x11, 0x98, 1).mapped(1, 0, 1, 0x11, 4096, 1);
    script.at(5).cleared(0, 0x10, 1).queued(0, 0x10, 1).unmapped(0, 0, 0, 3);
    script.at(6).cleared(1, 0x11, 1).queued(1, 0x11, 1).unmapped(1, 0, 1, 3);
    assertThat(domain().flushQueues()).extracting(HostState.Ring::cpu).containsExactly(0, 1);
    assertThat(domain().flushQueues().get(0).ranges())
        .singleElement()
        .satisfies(
            range -> {
              assertThat(range.state()).isEqualTo(RangeState.QUEUED);
              assertThat(range.client()).isZero();
              assertThat(range.since()).isEqualTo(5);
            });
    script.at(9).flushStarted(2, FlushReason.TIMER).postedAll(2);
    assertThat(domain().flushes()).containsExactly(new HostState.Flush(2, "timer", 9));
    script.at(12).invalidated(2, 4).freed(2, 0x10, 1);
    assertThat(domain().flushQueues()).extracting(HostState.Ring::cpu).containsExactly(1);
    script.freed(2, 0x11, 1).flushFinished(2, 2);
    assertThat(domain().flushQueues()).isEmpty();
    assertThat(domain().flushes()).isEmpty();
    assertThat(fold.state().violations()).isEmpty();
  }

  @Test
  void shouldFollowARequestThroughItsStages() {
    script.at(10).requested(2, 4, MapApi.PAGE, 4096, 4096);
    assertThat(fold.state().requests())
        .containsExactly(
            new HostState.Request(
                2, 4, -1, "page", "FROM_DEVICE", 8192, RequestStage.MAPPING, 10, 10, 0));
    script.at(11).allocated(2, 0x10, 1).mapped(2, 4, 0, 0x10, 4096, 1);
    script.at(12).allocated(2, 0x11, 1).mapped(2, 4, 1, 0x11, 4096, 1);
    script.at(13).submitted(2, 4);
    HostState.Request request = fold.state().requests().get(0);
    assertThat(request.stage()).isEqualTo(RequestStage.SUBMITTED);
    assertThat(request.device()).isZero();
    assertThat(request.mappings()).isEqualTo(2);
    script.at(14).translated(2, 4, 2, 0, 2, 9).at(15).completed(2, 4).at(16).unmapped(2, 4, 0, 1);
    assertThat(fold.state().requests().get(0).stage()).isEqualTo(RequestStage.UNMAPPED);
    script.at(17).unmapped(2, 4, 1, 1).done(2, 4, 8192, 7);
    assertThat(fold.state().requests()).isEmpty();
  }

  @Test
  void shouldSumRequestsUpByClientAndDevice() {
    script.at(10).requested(1, 0, MapApi.SG, 4096).submitted(1, 0);
    script.at(20).requested(1, 1, MapApi.SG, 8192).submitted(1, 1);
    script.at(30).requested(1, 2, MapApi.SG, 512).requested(4, 0, MapApi.SG, 1).at(50).stolen(0, 1);
    assertThat(fold.state().load())
        .containsExactly(
            new HostState.Load(1, -1, 1, 512, 20),
            new HostState.Load(1, 0, 2, 12288, 40),
            new HostState.Load(4, -1, 1, 1, 20));
  }

  @Test
  void shouldForgetAFailedRequestWhenNothingOfItIsMapped() {
    script
        .requested(0, 0, MapApi.PAGE, 4096, 4096)
        .allocated(0, 0x10, 1)
        .mapped(0, 0, 0, 0x10, 4096, 1);
    script.mapFailed(0, 0, DmaError.NO_IOVA);
    assertThat(fold.state().requests().get(0).stage()).isEqualTo(RequestStage.FAILED);
    script.unmapped(0, 0, 0, 1);
    assertThat(fold.state().requests()).isEmpty();
    script
        .requested(0, 1, MapApi.COHERENT, 4096)
        .allocated(0, 0x10, 1)
        .mapped(0, 1, 0, 0x10, 4096, 1);
    script.unmapped(0, 1, 0, 1);
    assertThat(fold.state().requests()).isEmpty();
  }

  @Test
  void shouldListMappingsOfADirectMapByTheirRequests() {
    script.requested(0, 8, MapApi.PAGE, 4096, 4096);
    script.at(3).mapped(0, 8, 0, 0x555, 4096, 1).mapped(0, 8, 1, 0x777, 4096, 1);
    assertThat(domain().ranges())
        .extracting(HostState.Range::pfn, HostState.Range::state)
        .containsExactly(tuple(0x555L, RangeState.DIRECT), tuple(0x777L, RangeState.DIRECT));
    script.unmapped(0, 8, 0, 1);
    assertThat(domain().ranges()).extracting(HostState.Range::pfn).containsExactly(0x777L);
    assertThat(fold.state().violations()).isEmpty();
  }

  @Test
  void shouldCountCachedRangesByCpuAndDepot() {
    HostFold small = new HostFold(List.of(new IovaParameters(2, 5, 8, 0)));
    Script events = new Script(small);
    for (int i = 0; i < 5; i++) {
      events.allocated(0, 0x10 + i, 1);
    }
    for (int i = 0; i < 4; i++) {
      events.freed(1, 0x10 + i, 1);
    }
    assertThat(small.state().domains().get(0).cached())
        .containsExactly(new HostState.Cached(1, 0, 4));
    events.freed(1, 0x14, 1, IovaDestination.DEPOT);
    assertThat(small.state().domains().get(0).cached())
        .containsExactly(new HostState.Cached(1, 0, 3));
    assertThat(small.state().domains().get(0).depots())
        .containsExactly(new HostState.Depot(0, 1, 2));
    events.allocated(0, 0x10, 1, IovaSource.DEPOT, 0);
    assertThat(small.state().domains().get(0).cached())
        .containsExactly(new HostState.Cached(0, 0, 1), new HostState.Cached(1, 0, 3));
    assertThat(small.state().domains().get(0).depots()).isEmpty();
    events.cachesFlushed(0, 4);
    assertThat(small.state().domains().get(0).cached()).isEmpty();
    assertThat(small.state().violations()).isEmpty();
  }

  /** A depot with as many magazines as its limit was taken to have room for one more. */
  @Test
  void shouldFreeTheMagazineThatOverflowsAFullDepot() {
    HostFold small = new HostFold(List.of(new IovaParameters(2, 5, 1, 0)));
    Script events = new Script(small);
    for (int i = 0; i < 7; i++) {
      events.allocated(0, 0x10 + i, 1);
    }
    for (int i = 0; i < 7; i++) {
      boolean bothFull = i == 4 || i == 6;
      events.freed(1, 0x10 + i, 1, bothFull ? IovaDestination.DEPOT : IovaDestination.MAGAZINE);
    }
    HostState.Domain domain = small.state().domains().get(0);
    assertThat(domain.cached()).containsExactly(new HostState.Cached(1, 0, 3));
    assertThat(domain.depots()).containsExactly(new HostState.Depot(0, 1, 2));
  }

  /** Its stage was taken to begin again with each of them. */
  @Test
  void shouldCountTheStageOfARequestFromItsFirstMappingAndUnmapping() {
    script.at(10).requested(0, 0, MapApi.PAGE, 4096, 4096).allocated(0, 0x10, 2);
    script.at(11).mapped(0, 0, 0, 0x10, 4096, 1).at(15).mapped(0, 0, 1, 0x11, 4096, 1);
    assertThat(fold.state().requests().get(0).since()).isEqualTo(11);
    script.at(16).submitted(0, 0).at(20).completed(0, 0).at(21).unmapped(0, 0, 0, 1);
    script.at(25).requested(0, 1, MapApi.SG, 1, 2);
    assertThat(fold.state().requests().get(0).since()).isEqualTo(21);
    assertThat(fold.state().requests().get(0).mappings()).isEqualTo(1);
  }

  /** The first of them was taken for all. */
  @Test
  void shouldTakeARangeForStaleUntilTheLastOfItsInvalidations() {
    script.at(1).allocated(0, 0x200, 617).ptes(0, 0x200, 0x900, 617);
    script.at(2).mapped(0, 0, 0, 0x200, 4096, 1).cleared(0, 0x200, 617);
    script.at(3).posted(0, 0x200, 512, 512).at(4).invalidated(0, 0);
    assertThat(only().state()).isEqualTo(RangeState.CLEARED);
    script.posted(0, 0x400, 105, 128).at(5).invalidated(0, 0);
    assertThat(only().state()).isEqualTo(RangeState.INVALIDATED);
    assertThat(only().since()).isEqualTo(5);
  }

  /** The older one was taken for it, whichever it was. */
  @Test
  void shouldTellTheFlushOfAFullRingFromThatOfTheTimerOnTheSameCpu() {
    HostState.Flush timer = new HostState.Flush(1, "timer", 5);
    script.at(5).allocated(1, 0x10, 1).flushStarted(1, FlushReason.TIMER);
    script.at(6).flushStarted(1, FlushReason.FULL).at(9).flushFinished(1, 2);
    assertThat(domain().flushes()).containsExactly(timer);
    script.queued(1, 0x10, 1).at(10).flushStarted(1, FlushReason.FULL);
    script.at(12).timerFinished(1, 3).stolen(1, 7);
    assertThat(domain().flushes()).containsExactly(new HostState.Flush(1, "ring full", 10));
    script.at(13).flushFinished(1, 0);
    assertThat(domain().flushes()).isEmpty();
  }

  /** It had none until its first entry was written, which a batch does after its allocation. */
  @Test
  void shouldGiveADomainATableFromItsFirstRangeOn() {
    script.allocated(0, 0x10, 1);
    assertThat(domain().tables()).isEqualTo(1);
    script.tables(4);
    assertThat(domain().tables()).isEqualTo(4);
  }

  @Test
  void shouldSeeARangeAllocatedWhileInUse() {
    script.allocated(0, 0x10, 4).allocated(1, 0x13, 1);
    assertThat(fold.state().violations())
        .extracting(HostState.Violation::text, HostState.Violation::event)
        .containsExactly(tuple("domain 0: 1 granules at pfn 0x13 were allocated while in use", 3L));
  }

  @Test
  void shouldSeeARangeFreedThatWasNeverAllocated() {
    script.freed(0, 0x10, 1, IovaDestination.TREE);
    assertThat(fold.state().violations().get(0).text()).contains("freed without being allocated");
  }

  @Test
  void shouldSeeARangeFreedBeforeItsInvalidation() {
    script.allocated(0, 0x10, 1).ptes(0, 0x10, 1, 1).cleared(0, 0x10, 1).freed(0, 0x10, 1);
    assertThat(fold.state().violations().get(0).text()).contains("freed before they were invalid");
  }

  @Test
  void shouldSeeAQueuedRangeFreedByAFlushThatBeganBeforeIt() {
    script.allocated(0, 0x10, 1).ptes(0, 0x10, 1, 1).cleared(0, 0x10, 1);
    script.flushStarted(1, FlushReason.TIMER).postedAll(1);
    script.queued(0, 0x10, 1).invalidated(1, 0).freed(1, 0x10, 1);
    assertThat(fold.state().violations().get(0).text()).contains("freed before they were invalid");
  }

  @Test
  void shouldSeeEntriesWrittenTwiceAndClearedTwice() {
    script.allocated(0, 0x10, 2).ptes(0, 0x10, 1, 2).ptes(0, 0x11, 9, 1);
    script.cleared(0, 0x10, 2).cleared(0, 0x10, 1);
    assertThat(fold.state().violations())
        .extracting(HostState.Violation::text)
        .anyMatch(text -> text.contains("written over present ones"))
        .anyMatch(text -> text.contains("to clear 0 were present"));
  }

  @Test
  void shouldSeeARangeTakenFromEmptyCaches() {
    script.allocated(0, 0x10, 1, IovaSource.MAGAZINE, 0);
    assertThat(fold.state().violations().get(0).text()).contains("a cache that is empty");
  }
}
