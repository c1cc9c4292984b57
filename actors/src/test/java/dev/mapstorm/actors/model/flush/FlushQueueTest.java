package dev.mapstorm.actors.model.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FlushQueueTest {
  private final List<String> freed = new ArrayList<>();
  private final FlushQueue queue =
      FlushQueue.perCpu(
          4,
          (cpu, pfn, pages, tables) ->
              freed.add("cpu" + cpu + " pfn " + pfn + " x" + pages + " t" + tables));

  @Test
  void entryIsFreedOnlyByAFlushThatStartedAfterIt() {
    queue.flushStarted();
    queue.add(1, 100, 2, 0);
    queue.flushFinished();
    assertThat(queue.reclaim(1, 1)).isZero();

    queue.flushStarted();
    assertThat(queue.reclaim(1, 1)).isZero();
    queue.flushFinished();
    assertThat(queue.reclaim(1, 3)).isEqualTo(1);
    assertThat(freed).containsExactly("cpu3 pfn 100 x2 t0");
  }

  @Test
  void timerFreesAllRingsInAscendingOrderOnItsCpu() {
    assertThat(queue.add(2, 20, 1, 1)).isTrue();
    assertThat(queue.add(0, 1, 1, 0)).isFalse();
    assertThat(queue.add(2, 21, 1, 0)).isFalse();

    queue.timerFired();
    queue.flushStarted();
    assertThat(queue.add(1, 10, 1, 0)).isTrue();
    queue.flushFinished();
    for (int ring = 0; ring < queue.rings(); ring++) {
      queue.reclaim(ring, 3);
    }

    assertThat(freed).containsExactly("cpu3 pfn 1 x1 t0", "cpu3 pfn 20 x1 t1", "cpu3 pfn 21 x1 t0");
    assertThat(queue.size(1)).isEqualTo(1);
    assertThat(queue.timerOn()).isTrue();
  }

  @Test
  void ringIsFullOneEntryShortOfItsSize() {
    for (int i = 0; i < 255; i++) {
      assertThat(queue.full(0)).isFalse();
      queue.add(0, i, 1, 0);
    }
    assertThat(queue.full(0)).isTrue();
    assertThat(queue.full(1)).isFalse();

    queue.flushStarted();
    queue.flushFinished();
    assertThat(queue.reclaim(0, 0)).isEqualTo(255);
    assertThat(queue.add(0, 255, 1, 0)).isFalse();
    assertThat(queue.size(0)).isEqualTo(1);
  }

  @Test
  void fullRingForgetsItsEntriesIfAnOlderFlushIsStillUnderWay() {
    queue.flushStarted();
    for (int i = 0; i < 255; i++) {
      queue.add(0, i, 1, 0);
    }
    queue.flushStarted();
    queue.flushFinished();
    assertThat(queue.reclaim(0, 0)).isZero();
    assertThat(queue.full(0)).isTrue();

    queue.add(0, 255, 1, 0);

    assertThat(queue.lost()).isEqualTo(256);
    assertThat(queue.size(0)).isZero();
    queue.flushFinished();
    assertThat(queue.reclaim(0, 0)).isZero();
  }

  @Test
  void singleQueueIsSharedByAllCpus() {
    FlushQueue single =
        FlushQueue.single(4, (cpu, pfn, pages, tables) -> freed.add(cpu + ":" + pfn));
    single.add(3, 1, 1, 0);
    single.add(0, 2, 1, 0);
    single.flushStarted();
    single.flushFinished();

    assertThat(single.rings()).isEqualTo(1);
    assertThat(single.ringOf(3)).isZero();
    assertThat(single.reclaim(0, 1)).isEqualTo(2);
    assertThat(freed).containsExactly("1:1", "1:2");
    assertThat(single.timeoutNs()).isEqualTo(1_000_000_000L);
  }

  @Test
  void wrongUseIsRefused() {
    assertThatThrownBy(queue::flushFinished).hasMessage("no flush is under way");
    assertThatThrownBy(queue::timerFired).hasMessageContaining("timer is not on");
    assertThatThrownBy(() -> queue.add(4, 1, 1, 0)).hasMessage("CPU 4 is not one of 4");
    assertThatThrownBy(() -> new FlushQueue(1, false, 100, 1, (c, p, n, t) -> {}))
        .hasMessageContaining("power of two");
  }

  /** Steps on CPUs 0 to 2: queue, begin a flush, finish the oldest or newest flush, reclaim. */
  @Property
  void nothingIsFreedBeforeAFlushThatStartedLaterHasFinishedAndNothingTwice(
      @ForAll boolean single, @ForAll("steps") List<Integer> steps) {
    Map<Long, Integer> queuedAt = new HashMap<>();
    Map<Integer, ArrayDeque<Long>> order = new HashMap<>();
    ArrayDeque<Integer> started = new ArrayDeque<>();
    int[] lastFinishedStart = {-1};
    FlushQueue fq =
        new FlushQueue(
            3,
            single,
            8,
            1000,
            (cpu, pfn, pages, tables) -> {
              assertThat(queuedAt.remove(pfn)).isNotNull().isLessThan(lastFinishedStart[0]);
              assertThat(order.get((int) pages).remove()).isEqualTo(pfn);
            });
    for (int now = 0; now < steps.size(); now++) {
      int step = steps.get(now);
      int cpu = step % 3;
      int ring = fq.ringOf(cpu);
      if (step < 12 && !fq.full(ring)) {
        queuedAt.put((long) now, now);
        order.computeIfAbsent(ring + 1, r -> new ArrayDeque<>()).add((long) now);
        fq.add(cpu, now, ring + 1, 0);
      } else if (step < 16) {
        fq.flushStarted();
        started.add(now);
      } else if (step < 22 && !started.isEmpty()) {
        int flush = step < 19 ? started.removeFirst() : started.removeLast();
        lastFinishedStart[0] = Math.max(lastFinishedStart[0], flush);
        fq.flushFinished();
      } else {
        fq.reclaim(ring, cpu);
      }
    }
    while (fq.flushesFinished() < fq.flushesStarted()) {
      fq.flushFinished();
    }
    lastFinishedStart[0] = steps.size();
    fq.flushStarted();
    fq.flushFinished();
    for (int ring = 0; ring < fq.rings(); ring++) {
      fq.reclaim(ring, 0);
    }
    assertThat(queuedAt).isEmpty();
    assertThat(fq.lost()).isZero();
  }

  @Provide
  Arbitrary<List<Integer>> steps() {
    return Arbitraries.integers().between(0, 27).list().ofMaxSize(200);
  }
}
