package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SharesProperties {
  private static List<Integer> dealt(int hosts, Integer... shares) {
    Shares dealing = Shares.of(List.of(shares));
    return IntStream.range(0, hosts).mapToObj(dealing::elementOf).toList();
  }

  @Example
  void elementsTakeTurnsAsTheRuleSays() {
    assertThat(dealt(6, 2, 1)).containsExactly(0, 1, 0, 0, 1, 0);
    assertThat(dealt(4, 1, 1)).containsExactly(0, 1, 0, 1);
    assertThat(dealt(8, 3, 2, 2, 1)).containsExactly(0, 1, 2, 0, 3, 1, 2, 0);
    assertThat(dealt(3, 7)).containsExactly(0, 0, 0);
  }

  @Property(tries = 200)
  void everyRoundGivesEachElementItsShare(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 40) Integer> shares,
      @ForAll @IntRange(max = 3) int round) {
    Shares dealing = Shares.of(shares);
    int hosts = shares.stream().mapToInt(Integer::intValue).sum();
    int[] found = new int[shares.size()];

    for (int host = round * hosts; host < (round + 1) * hosts; host++) {
      found[dealing.elementOf(host)]++;
    }

    assertThat(found).containsExactly(shares.stream().mapToInt(Integer::intValue).toArray());
  }

  @Property(tries = 200)
  void noElementIsFurtherFromItsShareThanTheOthersHaveTurnsAtOnce(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 40) Integer> shares) {
    Shares dealing = Shares.of(shares);
    int all = shares.stream().mapToInt(Integer::intValue).sum();
    int[] found = new int[shares.size()];

    for (int host = 0; host < all; host++) {
      found[dealing.elementOf(host)]++;
      for (int i = 0; i < found.length; i++) {
        double due = (host + 1.0) * shares.get(i) / all;
        assertThat(found[i] - due).isBetween(-1.0 * shares.size(), 1.0 * shares.size());
      }
    }
  }
}
