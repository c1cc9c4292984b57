package dev.mapstorm.persistence.primitive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.persistence.inflight.RequestKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LongIntMapProperties {

  /** Few keys, so that many are replaced and removed, and gaps are closed over wrapped clusters. */
  @Property(tries = 300)
  void shouldAnswerAsAMapOfObjectsDoes(
      @ForAll @Size(max = 400) List<@IntRange(min = -60, max = 60) Integer> steps) {
    LongIntMap map = new LongIntMap();
    Map<Long, Integer> oracle = new HashMap<>();
    int value = 0;
    for (int step : steps) {
      long key = Math.abs(step) * 0x1_0000_0001L;
      if (step < 0) {
        Integer before = oracle.remove(key);
        assertThat(map.remove(key)).isEqualTo(before == null ? LongIntMap.ABSENT : before);
      } else {
        map.put(key, value);
        oracle.put(key, value++);
      }
      assertThat(map.size()).isEqualTo(oracle.size());
    }
    for (long i = 0; i <= 60; i++) {
      long key = i * 0x1_0000_0001L;
      assertThat(map.get(key)).isEqualTo(oracle.getOrDefault(key, LongIntMap.ABSENT));
    }
    assertThat(map.sortedKeys())
        .containsExactly(new TreeSet<>(oracle.keySet()).toArray(Long[]::new));
  }

  @Example
  void shouldKeepManyNeighbouringKeysApart() {
    LongIntMap map = new LongIntMap();
    for (int i = 0; i < 100_000; i++) {
      map.put(RequestKey.of(i % 7, i), i);
    }
    for (int i = 0; i < 100_000; i += 2) {
      assertThat(map.remove(RequestKey.of(i % 7, i))).isEqualTo(i);
    }
    for (int i = 0; i < 100_000; i++) {
      assertThat(map.get(RequestKey.of(i % 7, i))).isEqualTo(i % 2 == 0 ? LongIntMap.ABSENT : i);
    }
  }

  @Example
  void shouldRefuseWhatItCannotTellFromAbsent() {
    assertThatThrownBy(() -> new LongIntMap().put(3, -1)).hasMessageContaining("negative");
    assertThatThrownBy(() -> RequestKey.of(1, 1L << 40)).hasMessageContaining("below 2^40");
    assertThatThrownBy(() -> RequestKey.of(-1, 0)).hasMessageContaining("below 2^23");
  }
}
