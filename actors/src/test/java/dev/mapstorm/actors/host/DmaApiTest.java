package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import org.junit.jupiter.api.Test;

/** What each DMA call answers, in which order things happen, and what it costs. */
class DmaApiTest {
  private static final Costs COSTS = TestHosts.COSTS;
  private static final int READ = Direction.FROM_DEVICE.ordinal();
  private static final long TOP = 0xfffff000L;

  private final DomainFixture strict = new DomainFixture(TestHosts.nvme().build());

  private static DomainFixture lazy(int ring) {
    return new DomainFixture(
        TestHosts.nvme()
            .mode(IommuMode.LAZY)
            .flush(new FlushSpec(false, ring, 10_000_000))
            .build());
  }

  private static DomainMessage.MapPage page(int client, long op) {
    return new DomainMessage.MapPage(client, client, op, READ, 0x1234_5000L + (op << 16), 4096);
  }

  @Test
  void shouldChargeAFirstMapForTheTreeAndTheTables() {
    strict.call(0, page(0, 0)).run(1_000_000);
    // Both magazines and the depot are empty (L2, L3), the tree is searched under L1 (one node),
    // then three new tables
    // and one entry.
    long cached =
        COSTS.mapCall() + TestHosts.IOMMU_COSTS.rcacheGet() + TestHosts.IOMMU_COSTS.depotExchange();
    long tree = TestHosts.IOMMU_COSTS.treeAlloc() + TestHosts.IOMMU_COSTS.treeStep();
    long entries = COSTS.ptePrepare() + 3 * COSTS.tableAlloc() + COSTS.pteWrite().ps(1) / 1_000;
    assertThat(strict.answers.get(0).at()).isEqualTo(cached + tree + entries);
    assertThat(strict.last(DriverMessage.Mapped.class).vectors()).containsExactly(TOP, 4096);
  }

  @Test
  void shouldClearThenInvalidateThenFreeInStrictMode() {
    strict.call(0, page(0, 0)).call(10_000, new DomainMessage.Unmap(0, 0, 0, 0, 0)).run(1_000_000);
    long cleared =
        10_000 + COSTS.unmapCall() + COSTS.unmapPrepare() + COSTS.pteClear().ps(1) / 1_000;
    long invalidated =
        cleared
            + TestHosts.VTD_COSTS.queuePost()
            + TestHosts.VTD_COSTS.invalidatePages()
            + TestHosts.VTD_COSTS.invalidateWait()
            + TestHosts.VTD_COSTS.waitLatency();
    assertThat(strict.events(Event.PtesCleared.class).get(0).t()).isEqualTo(10_000);
    assertThat(strict.events(Event.InvalidationPosted.class).get(0).t()).isEqualTo(cleared);
    assertThat(strict.events(Event.InvalidationCompleted.class).get(0).t()).isEqualTo(invalidated);
    assertThat(strict.events(Event.IovaFreed.class).get(0).t()).isEqualTo(invalidated);
    assertThat(strict.answers.get(1).at())
        .isEqualTo(invalidated + TestHosts.IOMMU_COSTS.rcachePut());
    assertThat(strict.last(DriverMessage.Unmapped.class).mapping()).isZero();
  }

  @Test
  void shouldMakeTheSecondUnmapperWaitForTheWholeInvalidationOfTheFirst() {
    strict.call(0, page(0, 0)).call(0, page(1, 0));
    strict
        .call(10_000, new DomainMessage.Unmap(0, 0, 0, 0, 0))
        .call(10_100, new DomainMessage.Unmap(1, 1, 0, 1, 0));
    strict.run(1_000_000);
    long section =
        TestHosts.VTD_COSTS.queuePost()
            + TestHosts.VTD_COSTS.invalidatePages()
            + TestHosts.VTD_COSTS.invalidateWait()
            + TestHosts.VTD_COSTS.waitLatency();
    assertThat(strict.events(Event.LockWaited.class))
        .filteredOn(wait -> wait.lock() == 4)
        .singleElement()
        .satisfies(
            wait -> {
              assertThat(strict.callOf(wait.call()).cpu()).isEqualTo(1);
              assertThat(wait.holder()).isZero();
              assertThat(wait.waitNs()).isEqualTo(section - 100);
            });
  }

  @Test
  void shouldMergeAListThatMeetsAtGranulesIntoOneVector() {
    long[] phys = {0x1000_0000L, 0x2000_0000L, 0x3000_0000L};
    strict
        .call(0, new DomainMessage.MapSg(0, 0, 0, READ, phys, new int[] {4096, 4096, 100}))
        .run(1_000_000);
    // 12 KiB are rounded up to a cacheable 16 KiB, aligned to it.
    assertThat(strict.last(DriverMessage.Mapped.class).vectors())
        .containsExactly(0xffffc000L, 8292);
    assertThat(strict.events(Event.PtesMapped.class)).hasSize(3);
  }

  @Test
  void shouldAddToABatchUntilItIsFullAndMergeWhatMeets() {
    strict.call(0, new DomainMessage.BatchStart(0, 0, 7, 16384)).run(100_000);
    int mapping = strict.last(DriverMessage.BatchStarted.class).mapping();
    long[] phys = {0x1000_0000L, 0x2000_0000L, 0x3000_0200L, 0x4000_0000L, 0x5000_0000L};
    int[] length = {4096, 4096, 512, 4096, 4096};
    strict
        .call(200_000, new DomainMessage.BatchAdd(0, 0, 7, READ, mapping, phys, length, 0))
        .run(300_000);
    assertThat(strict.last(DriverMessage.BatchAdded.class).accepted()).isEqualTo(4);
    strict.call(400_000, new DomainMessage.BatchFinalise(0, 0, 7, mapping)).run(500_000);
    long base = 0xffffc000L;
    assertThat(strict.last(DriverMessage.Mapped.class).vectors())
        .containsExactly(base, 8192, base + 8192 + 0x200, 512, base + 12288, 4096);
    strict.call(600_000, new DomainMessage.Unmap(0, 0, 7, mapping, 0)).run();
    assertThat(strict.events(Event.InvalidationPosted.class)).hasSize(1);
  }

  @Test
  void shouldLinkIntoOneVectorAndRefuseAPieceThatStartsInsideAGranule() {
    strict
        .call(0, new DomainMessage.IovaTryAlloc(0, 0, 1, 0x1000_0200L, 8192 - 0x200))
        .run(100_000);
    int mapping = strict.last(DriverMessage.IovaReady.class).mapping();
    long[] phys = {0x1000_0200L, 0x2000_0000L};
    int[] length = {4096 - 0x200, 4096};
    strict
        .call(200_000, new DomainMessage.IovaLink(0, 0, 1, READ, mapping, 0, phys, length))
        .run(300_000);
    assertThat(strict.last(DriverMessage.Linked.class).bytes()).isEqualTo(8192 - 0x200);
    strict
        .call(400_000, new DomainMessage.IovaSync(0, 0, 1, mapping, 0, 8192 - 0x200))
        .run(500_000);
    assertThat(strict.last(DriverMessage.Mapped.class).vectors())
        .containsExactly(0xffffe200L, 8192 - 0x200);

    long[] inside = {0x3000_0100L};
    strict.call(
        600_000, new DomainMessage.IovaLink(0, 0, 1, READ, mapping, 4096, inside, new int[] {64}));
    strict.run(700_000);
    assertThat(strict.last(DriverMessage.LinkFailed.class).error())
        .isEqualTo(DmaError.MISALIGNED_LINK);
  }

  @Test
  void shouldRefuseALinkBehindAPieceThatEndedInsideAGranule() {
    strict.call(0, new DomainMessage.IovaTryAlloc(0, 0, 1, 0, 8192)).run(100_000);
    long[] phys = {0x1000_0000L, 0x2000_0000L};
    int[] length = {1024, 4096};
    strict
        .call(200_000, new DomainMessage.IovaLink(0, 0, 1, READ, 0, 0, phys, length))
        .run(300_000);
    DriverMessage.LinkFailed failed = strict.last(DriverMessage.LinkFailed.class);
    assertThat(failed.error()).isEqualTo(DmaError.IOVA_INSIDE_GRANULE);
    assertThat(failed.bytes()).isEqualTo(1024);
  }

  @Test
  void shouldEndADestroyAtAHoleAndFreeAllTheIova() {
    strict.call(0, new DomainMessage.IovaTryAlloc(0, 0, 1, 0, 3 * 4096)).run(100_000);
    long[] phys = {0x1000_0000L, 0x2000_0000L, 0x3000_0000L};
    int[] length = {4096, 4096, 4096};
    strict
        .call(200_000, new DomainMessage.IovaLink(0, 0, 1, READ, 0, 0, phys, length))
        .run(300_000);
    strict.call(400_000, new DomainMessage.IovaUnlink(0, 0, 1, 0, 4096, 4096)).run(500_000);
    strict.call(600_000, new DomainMessage.IovaDestroy(0, 0, 1, 0, 3 * 4096)).run(700_000);
    assertThat(strict.events(Event.PtesCleared.class))
        .extracting(Event.PtesCleared::pages)
        .containsExactly(1L, 1L);
    assertThat(strict.events(Event.IovaFreed.class))
        .singleElement()
        .satisfies(f -> assertThat(f.pages()).isEqualTo(3));
  }

  @Test
  void shouldKeepTheIovaOnUnlinkAndGiveBackOnlyWhatWasMappedOnDestroy() {
    strict.call(0, new DomainMessage.IovaTryAlloc(0, 0, 1, 0, 4 * 4096)).run(100_000);
    long[] phys = {0x1000_0000L, 0x2000_0000L};
    int[] length = {4096, 4096};
    strict
        .call(200_000, new DomainMessage.IovaLink(0, 0, 1, READ, 0, 0, phys, length))
        .run(300_000);
    strict.call(400_000, new DomainMessage.IovaUnlink(0, 0, 1, 0, 4096, 4096)).run(500_000);
    assertThat(strict.last(DriverMessage.Unlinked.class).mapping()).isZero();
    assertThat(strict.events(Event.IovaFreed.class)).isEmpty();
    strict.call(600_000, new DomainMessage.IovaDestroy(0, 0, 1, 0, 4096)).run(700_000);
    // Four granules were allocated, one goes back, to the magazines of a smaller order: as
    // dma_iova_destroy() does.
    assertThat(strict.events(Event.IovaFreed.class))
        .singleElement()
        .satisfies(f -> assertThat(f.pages()).isEqualTo(1));
  }

  @Test
  void shouldNeverQueueTheFreeingOfAnIovaThatWasNotLinked() {
    DomainFixture domain = lazy(256);
    domain.call(0, new DomainMessage.IovaTryAlloc(0, 0, 1, 0, 8192)).run(100_000);
    domain.call(200_000, new DomainMessage.IovaFree(0, 0, 1, 0)).run(300_000);
    assertThat(domain.events(Event.FlushQueued.class)).isEmpty();
    assertThat(domain.events(Event.IovaFreed.class)).hasSize(1);
  }

  @Test
  void shouldFreeALazilyUnmappedIovaOnlyAfterTheTimersFlush() {
    DomainFixture domain = lazy(256);
    domain.call(0, page(0, 0)).call(50_000, new DomainMessage.Unmap(0, 0, 0, 0, 0)).run(9_000_000);
    assertThat(domain.last(DriverMessage.Unmapped.class).mapping()).isZero();
    assertThat(domain.events(Event.IovaFreed.class)).isEmpty();
    domain.run();
    Event.FlushStarted flush = domain.events(Event.FlushStarted.class).get(0);
    assertThat(flush.reason()).isEqualTo(FlushReason.TIMER.ordinal());
    Event.InvalidationCompleted done = domain.events(Event.InvalidationCompleted.class).get(0);
    Event.IovaFreed freed = domain.events(Event.IovaFreed.class).get(0);
    assertThat(freed.t()).isGreaterThanOrEqualTo(done.t());
    assertThat(domain.events(Event.FlushFinished.class).get(0).freed()).isEqualTo(1);
    // The callback's time is taken from the CPU that runs it.
    assertThat(domain.last(DriverMessage.Stolen.class).ns()).isPositive();
  }

  @Test
  void shouldFlushWhenACpuFindsItsRingFull() {
    DomainFixture domain = lazy(4);
    for (int i = 0; i < 4; i++) {
      domain
          .call(i * 10_000, page(0, i))
          .call(i * 10_000 + 5_000, new DomainMessage.Unmap(0, 0, i, 0, 0));
    }
    domain.run(1_000_000);
    assertThat(domain.events(Event.FlushQueued.class)).hasSize(4);
    Event.FlushStarted flush = domain.events(Event.FlushStarted.class).get(0);
    assertThat(flush.reason()).isEqualTo(FlushReason.FULL.ordinal());
    assertThat(domain.events(Event.FlushFinished.class).get(0).freed()).isEqualTo(3);
    // The fourth waits in the ring that was emptied for it.
    assertThat(domain.events(Event.IovaFreed.class)).hasSize(3);
  }

  @Test
  void shouldSendLargeRangesToTheTree() {
    strict.call(0, new DomainMessage.MapPage(0, 0, 0, READ, 0x1_0000_0000L, 33 * 4096));
    strict.call(50_000, new DomainMessage.Unmap(0, 0, 0, 0, 0)).run();
    assertThat(strict.events(Event.IovaFreed.class))
        .singleElement()
        .satisfies(f -> assertThat(f.destination()).isEqualTo(IovaDestination.TREE.ordinal()));
  }

  @Test
  void shouldTryThe32BitSpaceFirstAndLeaveItForGood() {
    DomainFixture domain = new DomainFixture(TestHosts.nvme().limitPfn((1L << 36) - 1).build());
    // 2 GiB twice cannot stand below 4 GiB next to the reserved window; the second goes above.
    long half = 2L << 30;
    domain.call(0, new DomainMessage.IovaTryAlloc(0, 0, 0, 0, half)).run(100_000);
    domain.call(200_000, new DomainMessage.IovaTryAlloc(0, 0, 1, 0, half)).run(300_000);
    assertThat(domain.events(Event.IovaAllocated.class))
        .last()
        .satisfies(a -> assertThat(a.pfn()).isGreaterThanOrEqualTo(1L << 20));
    domain.call(400_000, page(0, 2)).run(500_000);
    assertThat(domain.events(Event.IovaAllocated.class))
        .last()
        .satisfies(a -> assertThat(a.pfn()).isGreaterThanOrEqualTo(1L << 20));
  }

  @Test
  void shouldSayNoWhenThereIsNoSpace() {
    DomainFixture domain = new DomainFixture(TestHosts.nvme().limitPfn(0xff).build());
    domain.call(0, new DomainMessage.IovaTryAlloc(0, 0, 0, 0, 1 << 20)).run();
    assertThat(domain.last(DriverMessage.CallFailed.class).error()).isEqualTo(DmaError.NO_IOVA);
    assertThat(domain.events(Event.IovaCachesFlushed.class)).hasSize(1);
  }

  @Test
  void shouldAnswerElementByElementOnADirectMap() {
    DomainFixture direct = new DomainFixture(TestHosts.nvme().mode(IommuMode.PASSTHROUGH).build());
    long[] phys = {0x1000L, 0x2000L};
    direct.call(0, new DomainMessage.MapSg(0, 0, 0, READ, phys, new int[] {4096, 4096})).run();
    assertThat(direct.last(DriverMessage.Mapped.class).vectors())
        .containsExactly(0x1000, 4096, 0x2000, 4096);
    assertThat(direct.answers.get(0).at()).isEqualTo(2 * TestHosts.DIRECT_COSTS.directMap());
    direct.call(10_000, new DomainMessage.IovaTryAlloc(0, 0, 1, 0, 4096)).run();
    assertThat(direct.last(DriverMessage.CallFailed.class).error())
        .isEqualTo(DmaError.NOT_SUPPORTED);
    assertThat(direct.events(Event.CallEntered.class)).hasSize(2).hasSameSizeAs(direct.events);
  }
}
