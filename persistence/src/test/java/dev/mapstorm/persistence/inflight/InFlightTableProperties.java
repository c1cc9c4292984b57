package dev.mapstorm.persistence.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The table answers as a map would, whatever is long in flight while others come and go. */
class InFlightTableProperties {
  private record Id(int owner, long number) {}

  private static Id id(Call call) {
    return new Id(call.owner, call.number);
  }

  private static List<Id> sorted(Iterable<Id> ids) {
    List<Id> all = new ArrayList<>();
    ids.forEach(all::add);
    all.sort(Comparator.comparingInt(Id::owner).thenComparingLong(Id::number));
    return all;
  }

  @Property(tries = 300)
  void isAMap(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int owners,
      @ForAll @IntRange(min = 0, max = 60) int most,
      @ForAll @IntRange(min = 0, max = 100) int keepPermille) {
    Random random = new Random(seed);
    InFlightTable<Call> table = new InFlightTable<>(Call::new);
    Map<Id, Call> expected = new HashMap<>();
    List<Id> ending = new ArrayList<>();
    long[] next = new long[owners];
    for (int i = 0; i < 2_000; i++) {
      if (ending.size() <= most || random.nextInt(10) < 4) {
        int owner = random.nextInt(owners);
        next[owner] += 1 + (random.nextInt(20) == 0 ? random.nextInt(100) : 0);
        Id id = new Id(owner, next[owner]);
        expected.put(id, table.begin(owner, id.number()));
        if (random.nextInt(1000) >= keepPermille) {
          ending.add(id);
        }
      } else {
        Id id = ending.remove(random.nextInt(ending.size()));
        table.end(expected.remove(id));
        assertThat(table.get(id.owner(), id.number())).isNull();
      }
      int owner = random.nextInt(owners);
      long asked = random.nextLong(next[owner] + 10);
      assertThat(table.get(owner, asked)).isSameAs(expected.get(new Id(owner, asked)));
    }
    expected.forEach((id, call) -> assertThat(table.get(id.owner(), id.number())).isSameAs(call));
    assertThat(sorted(table.all().stream().map(InFlightTableProperties::id).toList()))
        .isEqualTo(sorted(expected.keySet()));

    InFlightTable<Call> read = new InFlightTable<>(Call::new);
    table.all().forEach(read::adopt);
    expected.forEach((id, call) -> assertThat(read.get(id.owner(), id.number())).isSameAs(call));
    table.clear();
    assertThat(table.all()).isEmpty();
  }

  @Example
  void whatComesAndGoesTakesNoMemory() {
    InFlightTable<Call> table = new InFlightTable<>(Call::new);
    Map<Call, Boolean> made = new IdentityHashMap<>();
    for (long number = 1; number < 10_000; number++) {
      Call call = table.begin(0, number);
      made.put(call, true);
      table.end(call);
    }
    assertThat(made.size()).isLessThan(10);
  }

  @Example
  void aCallThatAnInvalidationRefersToIsNotUsedAgain() {
    InFlightTable<Call> table = new InFlightTable<>(Call::new);
    Call held = table.begin(0, 1);
    held.holders++;
    table.end(held);
    for (long number = 2; number < 40; number++) {
      assertThat(table.begin(0, number)).isNotSameAs(held);
    }
    assertThat(held.number).isEqualTo(1);
    assertThat(table.get(0, 1)).isNull();
  }

  @Example
  void numbersThatDoNotFitAreRefused() {
    InFlightTable<Call> table = new InFlightTable<>(Call::new);
    assertThatThrownBy(() -> table.begin(1, 1L << 40)).hasMessageContaining("below 2^40");
    assertThatThrownBy(() -> table.begin(-1, 0)).hasMessageContaining("below 2^23");
    assertThat(table.get(-1, -1)).isNull();
  }
}
