package dev.mapstorm.actors.model.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class InvalidationQueueTest {
  private static final Map<DescriptorKind, Long> SERVICE =
      Map.of(
          DescriptorKind.IOTLB_PAGES, 300L,
          DescriptorKind.IOTLB_DOMAIN, 700L,
          DescriptorKind.WAIT, 50L);

  private final InvalidationQueue queue =
      new InvalidationQueue(InvalidationQueue.DEFAULT_LENGTH, SERVICE);

  @Test
  void idleQueueServesASubmissionAtOnce() {
    assertThat(queue.submit(1000, DescriptorKind.IOTLB_PAGES, 1)).isEqualTo(1350);
    assertThat(queue.pending(1349)).isEqualTo(1);
    assertThat(queue.pending(1350)).isZero();
    assertThat(queue.submit(5000, DescriptorKind.IOTLB_DOMAIN, 1)).isEqualTo(5750);
    assertThat(queue.busyNs()).isEqualTo(1100);
    assertThat(queue.descriptors()).isEqualTo(4);
  }

  @Test
  void laterSubmissionWaitsForTheEarlier() {
    queue.submit(0, DescriptorKind.IOTLB_PAGES, 2);

    assertThat(queue.submit(10, DescriptorKind.IOTLB_PAGES, 1)).isEqualTo(650 + 350);
    assertThat(queue.hardwareFreeNs()).isEqualTo(1000);
  }

  @Test
  void batchTakesTheTimeOfItsDescriptors() {
    DescriptorKind[] batch = {
      DescriptorKind.IOTLB_PAGES, DescriptorKind.IOTLB_DOMAIN, DescriptorKind.IOTLB_DOMAIN
    };

    assertThat(queue.submit(0, batch, 2)).isEqualTo(1050);
  }

  @Test
  void submissionNeedsTwoSlotsMoreThanItsDescriptors() {
    InvalidationQueue small = new InvalidationQueue(8, SERVICE);
    small.submit(0, DescriptorKind.IOTLB_PAGES, 4);

    assertThat(small.free(0)).isEqualTo(3);
    assertThat(small.roomAt(0, 1)).isZero();
    assertThat(small.roomAt(0, 2)).isEqualTo(1250);
    assertThatThrownBy(() -> small.submit(0, DescriptorKind.IOTLB_PAGES, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("3 slots are free, 2 descriptors need 4");
    small.submit(0, DescriptorKind.IOTLB_PAGES, 1);
    assertThat(small.roomAt(0, 2)).isEqualTo(1250);
    assertThat(small.roomAt(0, 6)).isEqualTo(1600);
    assertThat(small.submit(1250, DescriptorKind.IOTLB_PAGES, 2)).isEqualTo(1600 + 650);
  }

  @Test
  void ringOf256TakesOneHundredAndTwentySevenSingleInvalidations() {
    for (int i = 0; i < 127; i++) {
      assertThat(queue.roomAt(0, 1)).isZero();
      queue.submit(0, DescriptorKind.IOTLB_PAGES, 1);
    }
    assertThat(queue.roomAt(0, 1)).isEqualTo(350);
  }

  @Test
  void wrongUseIsRefused() {
    assertThatThrownBy(() -> new InvalidationQueue(2, SERVICE))
        .hasMessageContaining("3 are needed");
    assertThatThrownBy(() -> new InvalidationQueue(8, Map.of()))
        .hasMessage("no service time is given for WAIT");
    assertThatThrownBy(() -> queue.submit(0, DescriptorKind.DEVICE_TLB, 1))
        .hasMessage("no service time is given for DEVICE_TLB");
    assertThatThrownBy(() -> queue.submit(0, DescriptorKind.IOTLB_PAGES, 255))
        .hasMessageContaining("takes 1 to 254 at once");
    queue.submit(10, DescriptorKind.IOTLB_PAGES, 1);
    assertThatThrownBy(() -> queue.submit(9, DescriptorKind.IOTLB_PAGES, 1))
        .hasMessage("time went back from 10 to 9 ns");
  }

  /** Descriptors to submit, and how long after the one before. */
  record Submission(int count, long afterNs, DescriptorKind kind) {}

  @Property
  void ringNeverOverflowsAndCompletesInOrder(@ForAll("submissions") List<Submission> submissions) {
    int length = 16;
    InvalidationQueue ring = new InvalidationQueue(length, SERVICE);
    ArrayDeque<long[]> inFlight = new ArrayDeque<>();
    long now = 0;
    long lastDone = 0;
    for (Submission s : submissions) {
      now += s.afterNs;
      long at = ring.roomAt(now, s.count);
      if (at > now) {
        int free = ring.free(at - 1);
        assertThat(free).isLessThan(s.count + 2);
        now = at;
      }
      long done = ring.submit(now, s.kind, s.count);
      long work = SERVICE.get(s.kind) * s.count + 50;
      assertThat(done).isEqualTo(Math.max(now, lastDone) + work);
      lastDone = done;
      inFlight.add(new long[] {done, s.count + 1});
      while (inFlight.peek()[0] <= now) {
        inFlight.remove();
      }
      long used = inFlight.stream().mapToLong(e -> e[1]).sum();
      assertThat(ring.free(now)).isEqualTo((int) (length - used)).isPositive();
    }
  }

  @Provide
  Arbitrary<List<Submission>> submissions() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 14),
            Arbitraries.longs().between(0, 3000),
            Arbitraries.of(DescriptorKind.IOTLB_PAGES, DescriptorKind.IOTLB_DOMAIN))
        .as(Submission::new)
        .list()
        .ofMaxSize(80);
  }
}
