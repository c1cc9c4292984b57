package dev.mapstorm.load.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.StreamOpened;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StreamDiffTest {
  private static final int EVENTS = 200;
  private static final byte[] ONE = {1};
  private static final byte[] OTHER = {2};

  @Property(tries = 200)
  void findsTheFirstDifferenceWhereverBatchesAreCut(
      @ForAll @IntRange(max = EVENTS - 1) int place,
      @ForAll @IntRange(min = 1, max = 20) int context,
      @ForAll long cuts) {
    List<Event> left = events();
    List<Event> right = new ArrayList<>(left);
    right.set(place, new Event.CpuStolen(place, 0, 9, 9));
    Random random = new Random(cuts);

    Divergence found =
        diff(batches(1, left, random), batches(1, right, random), context).orElseThrow();

    assertThat(found.left().events().get(0)).isEqualTo(new NumberedEvent(place, left.get(place)));
    assertThat(found.right().events().get(0)).isEqualTo(new NumberedEvent(place, right.get(place)));
    assertThat(found.past()).hasSize(Math.min(context, place));
    for (int i = 0; i < found.past().size(); i++) {
      int number = place - found.past().size() + i;
      assertThat(found.past().get(i)).isEqualTo(new NumberedEvent(number, left.get(number)));
    }
    assertThat(found.left().events()).hasSize(Math.min(context, EVENTS - place));
  }

  @Property(tries = 50)
  void findsNothingBetweenEqualEventsWhereverBatchesAreCut(@ForAll long cuts) {
    Random random = new Random(cuts);

    assertThat(diff(batches(1, events(), random), batches(2, events(), random), 3)).isEmpty();
  }

  @Property(tries = 50)
  void aStreamThatEndsEarlierIsADifference(
      @ForAll @IntRange(max = EVENTS - 1) int length, @ForAll long cuts) {
    Random random = new Random(cuts);
    List<Event> all = events();

    Divergence found =
        diff(batches(1, all, random), batches(1, all.subList(0, length), random), 3).orElseThrow();

    assertThat(found.right().events()).isEmpty();
    assertThat(found.left().events().get(0).number()).isEqualTo(length);
  }

  @Test
  void sumsOfLocksAreLeftOutWhereTheyDoNotCount() {
    Event sum = new Event.LockUsed(2, 0, 0, 1, 2, 3);
    List<Event> left =
        List.of(new Event.CpuStolen(1, 0, 1, 1), sum, new Event.CpuStolen(3, 0, 1, 1));
    List<Event> right = List.of(new Event.CpuStolen(1, 0, 1, 1), new Event.CpuStolen(3, 0, 1, 1));
    Random random = new Random(1);

    Optional<Divergence> strict =
        new StreamDiff(0, batches(1, left, random), batches(1, right, random), 3, 0, true)
            .find(events -> {});
    Optional<Divergence> lenient =
        new StreamDiff(0, batches(1, left, random), batches(1, right, random), 3, 0, false)
            .find(events -> {});

    assertThat(strict).isPresent();
    assertThat(lenient).isEmpty();
  }

  @Test
  void aBatchThatCannotBeTakenApartIsNamed() {
    EventBatch bad = new EventBatch(7, 1, 0, 0, new int[EventKind.CODES], new byte[] {-1}, ONE);
    EventBatch other = new EventBatch(7, 1, 0, 0, new int[EventKind.CODES], new byte[0], OTHER);
    StreamDiff diff = new StreamDiff(3, source(bad), source(other), 3, 0, true);

    assertThatThrownBy(() -> diff.find(events -> {}))
        .isInstanceOf(DamagedJournalException.class)
        .hasMessageStartingWith("host 3, batch 7: ");
  }

  private static Optional<Divergence> diff(BatchSource left, BatchSource right, int context) {
    return new StreamDiff(0, left, right, context, 0, true).find(events -> {});
  }

  private static List<Event> events() {
    List<Event> events = new ArrayList<>();
    for (int t = 0; t < EVENTS; t++) {
      events.add(
          t % 3 == 0
              ? new Event.CpuStolen(t, 0, t % 4, t)
              : new Event.IovaAllocated(t, 0, 1, 0xfff00 - t, 1, 0, 0));
    }
    return events;
  }

  private static BatchSource batches(long seed, List<Event> events, Random random) {
    HashChain chain = new HashChain();
    byte[] hash = chain.origin(new StreamOpened(0, seed, "", ""));
    ArrayDeque<EventBatch> batches = new ArrayDeque<>();
    for (int from = 0; from < events.size(); ) {
      int to = Math.min(events.size(), from + 1 + random.nextInt(30));
      EventWords words = new EventWords(0);
      events.subList(from, to).forEach(event -> event.to(words));
      EventBatch batch = chain.seal(hash, batches.size(), words, new ColumnEncoder().encode(words));
      hash = batch.hash();
      batches.add(batch);
      from = to;
    }
    return source(batches);
  }

  private static BatchSource source(EventBatch batch) {
    return source(new ArrayDeque<>(List.of(batch)));
  }

  private static BatchSource source(ArrayDeque<EventBatch> batches) {
    return new BatchSource() {
      @Override
      public EventBatch next() {
        return batches.poll();
      }

      @Override
      public void close() {
        batches.clear();
      }
    };
  }
}
