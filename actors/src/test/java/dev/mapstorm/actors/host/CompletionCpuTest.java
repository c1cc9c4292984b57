package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.event.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client whose device interrupts another CPU than the one that submits. */
class CompletionCpuTest {
  private static List<Event> run(TestHosts hosts) {
    return HostInvariantsTest.run(hosts.build());
  }

  private static TestHosts twoCpus() {
    return TestHosts.nvme().clients(1).cpus(2).completionCpus();
  }

  private static <T extends Event> List<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void shouldMapOnOneCpuAndUnmapOnTheOther() {
    for (Event.CallEntered call : of(run(twoCpus()), Event.CallEntered.class)) {
      assertThat(call.cpu()).isEqualTo(CallKind.of(call.what()).maps() ? 0 : 1);
    }
  }

  /**
   * Ranges are freed into the magazines of one CPU and taken from those of the other: they can only
   * come back through the depot, a magazine at a time.
   */
  @Test
  void shouldBringRangesBackThroughTheDepot() {
    IovaParameters small = new IovaParameters(16, 5, IovaParameters.UNBOUNDED, 1 << 20);
    List<Event> apart = run(twoCpus().iova(small));
    List<Event> together = run(TestHosts.nvme().clients(1).cpus(2).iova(small));
    assertThat(fromDepot(apart)).isGreaterThan(10);
    assertThat(fromDepot(together)).isZero();
    assertThat(of(apart, Event.IovaFreed.class))
        .anyMatch(each -> each.destination() == IovaDestination.DEPOT.ordinal());
  }

  private static long fromDepot(List<Event> events) {
    return of(events, Event.IovaAllocated.class).stream()
        .filter(each -> each.source() == IovaSource.DEPOT.ordinal())
        .count();
  }

  /** The two work side by side, so a CPU-bound client gets more done. */
  @Test
  void shouldDoMoreThanOneCpu() {
    int apart = of(run(twoCpus()), Event.RequestDone.class).size();
    int together = of(run(TestHosts.nvme().clients(1).cpus(2)), Event.RequestDone.class).size();
    assertThat(apart).isGreaterThan(together);
  }

  /** The flush timer runs where the first range was queued, and takes that CPU's time. */
  @Test
  void shouldLoseTheTimersTimeOnTheCpuThatQueues() {
    List<Event> events =
        run(twoCpus().mode(IommuMode.LAZY).flush(new FlushSpec(false, 256, 100_000)));
    assertThat(of(events, Event.CallEntered.class))
        .filteredOn(call -> call.what() == CallKind.FLUSH_TIMER.ordinal())
        .isNotEmpty()
        .allMatch(call -> call.cpu() == 1);
  }
}
