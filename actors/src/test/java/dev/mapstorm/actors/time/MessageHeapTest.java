package dev.mapstorm.actors.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.message.DriverMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class MessageHeapTest {
  private record Sent(long due, int order) {}

  @Property
  void shouldGiveMessagesInOrderOfInstantAndThenOfSending(
      @ForAll @Size(max = 300) List<@IntRange(min = -1, max = 20) Integer> script) {
    MessageHeap heap = new MessageHeap();
    List<Sent> expected = new ArrayList<>();
    int order = 0;
    for (int step : script) {
      if (step >= 0) {
        heap.add(step, order, new DriverMessage.Stolen(order, step));
        expected.add(new Sent(step, order++));
      } else if (!expected.isEmpty()) {
        expected.sort(Comparator.comparingLong(Sent::due).thenComparingInt(Sent::order));
        assertEarliest(heap, expected.remove(0));
      }
    }
    expected.sort(Comparator.comparingLong(Sent::due).thenComparingInt(Sent::order));
    expected.forEach(sent -> assertEarliest(heap, sent));
    assertThat(heap.size()).isZero();
  }

  private static void assertEarliest(MessageHeap heap, Sent sent) {
    assertThat(heap.earliest()).isEqualTo(sent.due());
    assertThat(heap.target()).isEqualTo(sent.order());
    assertThat(heap.remove()).isEqualTo(new DriverMessage.Stolen(sent.order(), sent.due()));
  }
}
