package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.Phyr;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Any events: all kinds, no negative argument, addresses up to 2^52, instants that never go back.
 */
final class EventArbitraries {
  private static final long MOST = 1L << 52;

  private EventArbitraries() {}

  static Arbitrary<List<Event>> sequences(int most) {
    return Arbitraries.oneOf(EventListTest.eventRecords().map(EventArbitraries::event).toList())
        .list()
        .ofMaxSize(most)
        .map(events -> events.stream().sorted(Comparator.comparingLong(Event::t)).toList())
        .withoutEdgeCases();
  }

  static EventWords words(List<Event> events) {
    EventWords words = new EventWords(0);
    events.forEach(event -> event.to(words));
    return words;
  }

  private static Arbitrary<Event> event(Class<?> record) {
    List<Arbitrary<Object>> components =
        Arrays.stream(record.getRecordComponents()).map(EventArbitraries::component).toList();
    return Combinators.combine(components).as(values -> create(record, values));
  }

  private static Arbitrary<Object> component(RecordComponent component) {
    if (component.getType() == int.class) {
      return Arbitraries.oneOf(
              Arbitraries.integers().between(0, 3), Arbitraries.integers().greaterOrEqual(0))
          .asGeneric();
    }
    if (component.getType() == long.class) {
      return Arbitraries.oneOf(
              Arbitraries.longs().between(0, 300), Arbitraries.longs().between(0, MOST))
          .asGeneric();
    }
    return Combinators.combine(
            Arbitraries.longs().between(0, MOST), Arbitraries.integers().greaterOrEqual(1))
        .as(Phyr::new)
        .list()
        .ofMaxSize(5)
        .asGeneric();
  }

  private static Event create(Class<?> record, List<Object> values) {
    try {
      return (Event) record.getDeclaredConstructors()[0].newInstance(values.toArray());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
