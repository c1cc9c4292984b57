package dev.mapstorm.actors.model.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpinLockTest {
  private final List<Event> events = new ArrayList<>();
  private long now;
  private final LockRegister register = new LockRegister(new StoppedClock(), LineTransfer.NONE);

  /** Shows what the test sets. */
  private final class StoppedClock implements Clock {
    @Override
    public long now() {
      return now;
    }

    @Override
    public void tell(int actor, Message message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void send(long delayNs, int actor, Message message) {
      throw new UnsupportedOperationException();
    }
  }

  /** A call on a CPU; its number is that of the CPU and 70. */
  private record User(int cpu) implements LockUser {
    @Override
    public int domain() {
      return 2;
    }

    @Override
    public long call() {
      return cpu + 70;
    }
  }

  private final int instance = LockClass.instance(2, 0, 0);
  private final SpinLock lock =
      new SpinLock(LockClass.CACHE_TAG, instance, new EventRecorder(events::add), register);

  @Test
  void shouldTellOfLongSectionsOneByOne() {
    lock.hold(0, new User(1), SpinLock.LONG_NS - 1);
    now = 2_000_000;
    lock.hold(2_000_000, new User(2), SpinLock.LONG_NS);
    lock.lock(4_000_000, new User(3));
    lock.lock(4_500_000, new User(4));
    now = 6_000_000;
    assertThat(lock.unlock(6_000_000)).isEqualTo(new User(4));
    lock.unlock(6_000_010);

    int code = LockClass.CACHE_TAG.ordinal();
    assertThat(events)
        .filteredOn(Event.LockHeldLong.class::isInstance)
        .containsExactly(
            new Event.LockHeldLong(2_000_000, code, instance, 2, 72, 1_000_000),
            new Event.LockHeldLong(6_000_000, code, instance, 2, 73, 2_000_000));
  }

  @Test
  void shouldServeSectionsInTheOrderOfArrivalAndNameTheHolder() {
    assertThat(lock.hold(100, new User(1), 50)).isEqualTo(100);
    assertThat(lock.hold(120, new User(2), 50)).isEqualTo(150);
    assertThat(lock.hold(121, new User(3), 10)).isEqualTo(200);
    assertThat(lock.hold(300, new User(4), 10)).isEqualTo(300);
    int code = LockClass.CACHE_TAG.ordinal();
    assertThat(events)
        .containsExactly(
            new Event.LockWaited(0, code, instance, 2, 72, 1, 30),
            new Event.LockWaited(0, code, instance, 2, 73, 2, 79));
  }

  @Test
  void shouldQueueCallsBehindAnOpenSectionAndGrantThemInOrder() {
    assertThat(lock.lock(10, new User(0))).isEqualTo(10);
    for (int i = 0; i < 9; i++) {
      assertThat(lock.lock(11 + i, new User(i + 1))).isEqualTo(SpinLock.QUEUED);
    }
    now = 100;
    for (int i = 0; i < 9; i++) {
      assertThat(lock.unlock(100 + i)).isEqualTo(new User(i + 1));
    }
    assertThat(lock.unlock(200)).isNull();
    assertThat(lock.isOpen()).isFalse();
    assertThat(events).hasSize(9);
    assertThat(events.get(0))
        .isEqualTo(
            new Event.LockWaited(100, LockClass.CACHE_TAG.ordinal(), instance, 2, 71, 0, 89));
  }

  @Test
  void shouldStartAnOpenSectionWhenTheKnownOneEnds() {
    lock.hold(0, new User(1), 40);
    assertThat(lock.lock(10, new User(2))).isEqualTo(40);
  }

  @Test
  void shouldReportTheSumsOnceAndOnlyOfLocksThatWereUsed() {
    lock.hold(0, new User(1), 40);
    lock.hold(10, new User(2), 5);
    lock.lock(100, new User(3));
    lock.unlock(160);
    now = 500;
    register.report();
    assertThat(events)
        .endsWith(new Event.LockUsed(500, LockClass.CACHE_TAG.ordinal(), instance, 3, 105, 30));
    int reported = events.size();
    register.report();
    assertThat(events).hasSize(reported);
  }

  @Test
  void shouldRefuseWhatNoLockCanDo() {
    assertThatThrownBy(() -> lock.unlock(1)).hasMessageContaining("is not held");
    lock.lock(1, new User(0));
    assertThatThrownBy(() -> lock.hold(2, new User(1), 5))
        .hasMessageContaining("is held by cpu 0 until an event");
  }

  private SpinLock far(long contenderPs) {
    LineTransfer transfer = new LineTransfer(4, 48, 135, contenderPs);
    return new SpinLock(
        LockClass.CACHE_TAG,
        instance,
        new EventRecorder(events::add),
        new LockRegister(new StoppedClock(), transfer));
  }

  @Test
  void shouldFetchTheLineFromAnotherCpuAndFromAnotherNode() {
    SpinLock own = far(0);

    assertThat(own.hold(100, new User(1), 50)).as("nobody had it").isEqualTo(100);
    assertThat(own.hold(200, new User(1), 50)).as("had it last").isEqualTo(200);
    assertThat(own.hold(300, new User(2), 50)).as("same node").isEqualTo(348);
    assertThat(own.hold(500, new User(5), 50)).as("other node").isEqualTo(635);
    assertThat(events).as("nobody waited").isEmpty();
    assertThat(own.hold(600, new User(6), 50)).as("waited, then fetched").isEqualTo(685 + 48);
    assertThat(events).singleElement().extracting("waitNs").isEqualTo(133L);
  }

  @Test
  void shouldTakeLongerWithEachCpuThatWaits() {
    SpinLock own = far(6_500);

    assertThat(own.hold(0, new User(0), 100)).isZero();
    assertThat(own.hold(1, new User(1), 100)).isEqualTo(148);
    assertThat(own.hold(2, new User(2), 100)).as("one before it").isEqualTo(248 + 48 + 6);
    assertThat(own.hold(3, new User(3), 100)).as("two before it").isEqualTo(402 + 48 + 13);
  }

  @Test
  void shouldFetchTheLineForASectionThatEndsWithAnEvent() {
    SpinLock own = far(0);

    assertThat(own.lock(100, new User(1))).isEqualTo(100);
    assertThat(own.lock(110, new User(2))).isEqualTo(SpinLock.QUEUED);
    assertThat(own.unlock(400)).isEqualTo(new User(2));
    assertThat(own.since()).isEqualTo(448);
  }
}
