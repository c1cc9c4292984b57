package dev.mapstorm.persistence.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.StrayCause;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Wrong use planted into hand-made events: each is found once, with its story. */
class HostCheckTest {
  private static final long PFN = 0xffff0;
  private static final long PHYS = 0x1000_0000L;

  private final List<WrongUse> found = new ArrayList<>();
  private final HostCheck check = new HostCheck(found::add);
  private final EventSink events = check.sink();
  private long t;
  private long call;

  /** A request of client 0, on CPU 3, of one granule, mapped at {@code pfn}. */
  private long map(long op, long pfn, Direction direction, long phys, int bytes) {
    events.dmaRequested(
        ++t,
        0,
        op,
        direction.ordinal(),
        MapApi.PAGE.ordinal(),
        1,
        new long[] {phys},
        new int[] {bytes});
    events.callEntered(++t, 0, ++call, 3, 0, op, CallKind.MAP_PAGE.ordinal(), call);
    events.iovaAllocated(t, 0, call, pfn, 1, IovaSource.TREE.ordinal(), 1);
    events.ptesMapped(t, 0, call, pfn, phys >> 12, 1, 12);
    events.mapped(++t, 0, call, pfn, 1, 0, bytes, 1);
    return call;
  }

  private void use(long op) {
    events.submitted(++t, 2, 0, op);
    events.completed(++t, 2, 0, op);
  }

  private void unmap(long op, long mapping, long pfn, long pages) {
    events.callEntered(++t, 0, ++call, 3, 0, op, CallKind.UNMAP.ordinal(), mapping);
    events.ptesCleared(t, 0, call, pfn, pages);
    events.invalidationPosted(t, 0, call, 0, call, 0, pfn, pages, pages);
    events.invalidationCompleted(++t, 0, call, 0);
    events.iovaFreed(t, 0, call, pfn, 1, IovaDestination.TREE.ordinal());
    events.unmapped(++t, 0, call);
  }

  private List<Rule> rules() {
    check.end();
    return found.stream().map(WrongUse::rule).toList();
  }

  @Test
  void nothingIsWrongInAnOrderlyLife() {
    for (long op = 0; op < 3; op++) {
      long mapping = map(op, PFN, Direction.FROM_DEVICE, PHYS, 4096);
      use(op);
      unmap(op, mapping, PFN, 1);
      events.requestDone(++t, 0, op, 4096, 10);
    }
    map(3, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    assertThat(rules()).isEmpty();
  }

  @Test
  void anUnmapBeforeTheCompletionIsOneOfMemoryInUse() {
    long mapping = map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    events.submitted(++t, 2, 0, 0);
    unmap(0, mapping, PFN, 1);
    assertThat(rules()).containsExactly(Rule.UNMAP_IN_USE);
    assertThat(found.get(0).device()).isEqualTo(2);
    assertThat(found.get(0).story().orElseThrow().mapped().cpu()).isEqualTo(3);
  }

  @Test
  void aSecondUnmapIsOneOfWhatIsNotMapped() {
    long mapping = map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    use(0);
    unmap(0, mapping, PFN, 1);
    events.callEntered(++t, 0, ++call, 3, 0, 0, CallKind.UNMAP.ordinal(), mapping);
    events.unmapped(++t, 0, call);
    assertThat(rules()).containsExactly(Rule.UNMAP_UNKNOWN);
    assertThat(found.get(0).story().orElseThrow().unmapped()).isPresent();
  }

  @Test
  void anUnmapOfHalfIsOneOfAnotherSize() {
    events.dmaRequested(1, 0, 0, 2, 0, 1, new long[] {PHYS}, new int[] {8192});
    events.callEntered(2, 0, 1, 3, 0, 0, CallKind.MAP_PAGE.ordinal(), 1);
    events.iovaAllocated(2, 0, 1, PFN, 2, IovaSource.TREE.ordinal(), 1);
    events.ptesMapped(2, 0, 1, PFN, PHYS >> 12, 2, 12);
    events.mapped(3, 0, 1, PFN, 2, 0, 8192, 1);
    events.callEntered(4, 0, 2, 3, 0, 0, CallKind.UNMAP.ordinal(), 1);
    events.ptesCleared(4, 0, 2, PFN, 1);
    events.unmapped(5, 0, 2);
    check.end();
    assertThat(found).extracting(WrongUse::rule).contains(Rule.UNMAP_SIZE);
    assertThat(found).extracting(WrongUse::what).contains("1 of 2 granules are unmapped");
  }

  @Test
  void aRequestThatIsDoneAndStaysMappedIsALeak() {
    map(7, PFN, Direction.TO_DEVICE, PHYS, 4096);
    use(7);
    events.requestDone(++t, 0, 7, 4096, 10);
    assertThat(found).isEmpty();
    assertThat(rules()).containsExactly(Rule.LEAK);
    assertThat(found.get(0).op()).isEqualTo(7);
  }

  @Test
  void twoMappingsOfACacheLineThatADeviceWritesOverlap() {
    map(0, PFN, Direction.TO_DEVICE, PHYS, 100);
    map(1, PFN + 1, Direction.FROM_DEVICE, PHYS + 100, 100);
    assertThat(rules()).containsExactly(Rule.OVERLAP);
    assertThat(found.get(0).other().orElseThrow().op()).isZero();
  }

  @Test
  void twoMappingsInOneGranuleShareIt() {
    map(0, PFN, Direction.TO_DEVICE, PHYS, 1024);
    map(1, PFN + 1, Direction.FROM_DEVICE, PHYS + 2048, 1024);
    assertThat(rules()).containsExactly(Rule.SHARED_GRANULE);
  }

  @Test
  void whatIsOnlyReadMayBeMappedTwice() {
    map(0, PFN, Direction.TO_DEVICE, PHYS, 4096);
    map(1, PFN + 1, Direction.TO_DEVICE, PHYS, 4096);
    assertThat(rules()).isEmpty();
  }

  @Test
  void memoryThatWasUnmappedIsSharedWithNobody() {
    long mapping = map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    use(0);
    unmap(0, mapping, PFN, 1);
    map(1, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    assertThat(rules()).isEmpty();
  }

  @Test
  void aLinkAgainstTheRulesIsToldWithItsError() {
    events.dmaRequested(
        1, 0, 0, 2, MapApi.IOVA.ordinal(), 2, new long[] {PHYS, PHYS * 2}, new int[] {512, 512});
    events.callEntered(2, 0, 1, 3, 0, 0, CallKind.MAP_IOVA.ordinal(), 1);
    events.iovaAllocated(2, 0, 1, PFN, 2, IovaSource.TREE.ordinal(), 1);
    events.mapFailed(3, 0, 1, DmaError.MISALIGNED_LINK.ordinal());
    assertThat(rules()).containsExactly(Rule.TWO_STEP);
    assertThat(found.get(0).what()).contains("map iova").contains("misaligned link");
  }

  @Test
  void aFailedRequestThatIsSubmittedWasNotChecked() {
    map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    events.callEntered(++t, 0, ++call, 3, 0, 0, CallKind.MAP_PAGE.ordinal(), call);
    events.mapFailed(++t, 0, call, DmaError.NO_IOVA.ordinal());
    events.submitted(++t, 2, 0, 0);
    assertThat(rules()).containsExactly(Rule.ERROR_UNCHECKED);
  }

  @Test
  void aFaultIsToldOnceWithTheMappingOfItsRequest() {
    map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    events.submitted(++t, 2, 0, 0);
    events.faulted(++t, 2, 0, 0, PFN + 9, DmaError.NOT_PRESENT.ordinal());
    events.strayed(
        ++t,
        2,
        0,
        0,
        PFN,
        StrayCause.WRONG_DIRECTION.ordinal(),
        Direction.TO_DEVICE.ordinal(),
        AccessOutcome.WRONG_RIGHTS.ordinal());
    events.faulted(t, 2, 0, 0, PFN, DmaError.ACCESS_DENIED.ordinal());
    assertThat(rules()).containsExactly(Rule.FAULT, Rule.WRONG_DIRECTION);
    assertThat(found.get(0).story().orElseThrow().pfn()).isEqualTo(PFN);
  }

  @Test
  void anAccessAfterUnmapNamesWhoseMemoryItReached() {
    long mapping = map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    use(0);
    unmap(0, mapping, PFN, 1);
    events.requestDone(++t, 0, 0, 4096, 10);
    map(1, PFN, Direction.FROM_DEVICE, PHYS * 2, 4096);
    events.strayed(
        ++t,
        2,
        0,
        0,
        PFN,
        StrayCause.AFTER_UNMAP.ordinal(),
        Direction.FROM_DEVICE.ordinal(),
        AccessOutcome.MAPPED.ordinal());
    assertThat(rules()).containsExactly(Rule.ACCESS_AFTER_UNMAP);
    assertThat(found.get(0).story().orElseThrow().op()).isZero();
    assertThat(found.get(0).other().orElseThrow().op()).isEqualTo(1);
  }

  @Test
  void aDeviceMayUseAnAddressThatIsStillMapped() {
    map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    use(0);
    events.strayed(
        ++t,
        2,
        0,
        0,
        PFN,
        StrayCause.AFTER_UNMAP.ordinal(),
        Direction.FROM_DEVICE.ordinal(),
        AccessOutcome.MAPPED.ordinal());
    assertThat(rules()).isEmpty();
  }

  /** Of two invalidations one times out, and one has not ended 10 ms later. */
  @Test
  void anInvalidationThatADeviceDoesNotAnswerIsTold() {
    long mapping = map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    use(0);
    events.callEntered(++t, 0, ++call, 3, 0, 0, CallKind.UNMAP.ordinal(), mapping);
    events.ptesCleared(++t, 0, call, PFN, 1);
    events.invalidationPosted(++t, 0, 1, 0, call, 0, PFN, 1, 1);
    events.deviceInvalidated(++t, 0, 1, 1, 0);
    events.invalidationTimedOut(++t, 0, 1, 2, InvalidationTimeout.CPU.ordinal());
    events.invalidationCompleted(t, 0, 1, 0);
    events.invalidationPosted(++t, 0, 2, 0, call, 0, PFN, 1, 1);
    events.deviceTlbUsed(t + 11_000_000, 1, 0, 0, 1, 1);
    assertThat(rules()).containsExactly(Rule.NO_ANSWER, Rule.NO_ANSWER);
    assertThat(found.get(0).device()).isEqualTo(2);
    assertThat(found.get(0).op()).isZero();
    assertThat(found.get(0).pfn()).isEqualTo(PFN);
    assertThat(found.get(1).what()).isEqualTo("unit 0 waits for 11.0 ms: it has not ended");
  }

  @Test
  void aRangeThatIsFreedBeforeItsInvalidationBreaksTheOrder() {
    long mapping = map(0, PFN, Direction.FROM_DEVICE, PHYS, 4096);
    use(0);
    events.callEntered(++t, 0, ++call, 3, 0, 0, CallKind.UNMAP.ordinal(), mapping);
    events.ptesCleared(t, 0, call, PFN, 1);
    events.iovaFreed(++t, 0, call, PFN, 1, IovaDestination.TREE.ordinal());
    events.unmapped(++t, 0, call);
    assertThat(rules()).containsExactly(Rule.ORDER);
  }
}
