package dev.mapstorm.actors.pekko;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HostQueueTest {
  private static final List<HostSpec> HOSTS =
      IntStream.range(0, 5).mapToObj(host -> TestHosts.nvme().host(host).build()).toList();

  private static HostQueue queue(int lanes, long room) {
    return new HostQueue(HOSTS, lanes, new HostRoom(room, host -> 10 + host.host()));
  }

  private static List<Integer> begun(HostQueue queue) {
    List<Integer> begun = new ArrayList<>();
    for (OptionalInt next = queue.begin(); next.isPresent(); next = queue.begin()) {
      begun.add(next.getAsInt());
    }
    return begun;
  }

  @Test
  void shouldBeginAsManyAsThereIsRoomForInOrder() {
    HostQueue queue = queue(1, 33);

    assertThat(begun(queue)).containsExactly(0, 1, 2);
    queue.gone(1);
    assertThat(begun(queue)).isEmpty();
    queue.gone(0);
    assertThat(begun(queue)).containsExactly(3);
    queue.gone(2);
    queue.gone(3);
    assertThat(begun(queue)).containsExactly(4);
  }

  @Test
  void shouldRunOneAtATimeWhereNoneFits() {
    HostQueue queue = queue(1, -1);

    for (int host = 0; host < HOSTS.size(); host++) {
      assertThat(begun(queue)).containsExactly(host);
      queue.gone(host);
    }
    assertThat(begun(queue)).isEmpty();
  }

  @Test
  void shouldDealHostsOutToTheLaneThatHasFewest() {
    HostQueue queue = queue(2, 46);
    assertThat(begun(queue)).containsExactly(0, 1, 2, 3);
    assertThat(IntStream.range(0, 4).map(queue::laneOf)).containsExactly(0, 1, 0, 1);

    queue.gone(1);
    queue.gone(3);

    assertThat(begun(queue)).containsExactly(4);
    assertThat(queue.laneOf(4)).isEqualTo(1);
  }

  @Test
  void shouldLetNoneBeginOnceItIsClosed() {
    HostQueue queue = queue(1, 33);
    begun(queue);

    assertThat(queue.close()).isEqualTo(3);
    queue.gone(0);
    assertThat(begun(queue)).isEmpty();
  }
}
