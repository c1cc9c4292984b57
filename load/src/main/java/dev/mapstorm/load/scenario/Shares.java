package dev.mapstorm.load.scenario;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Deals hosts out to the elements of a mix by their shares, as evenly as whole hosts allow.
 *
 * <p>Hosts are dealt in rounds of as many as the shares have together. In a round an element with
 * {@code s} shares has {@code s} turns, the {@code k}-th of them (from 0) at {@code (2k + 1) / 2s}
 * of the round; turns at the same place are in the order of the elements. So shares of 2 and 1 give
 * 0, 1, 0, 0, 1, 0, … Which element a host is of depends on its number and the shares alone: more
 * hosts change nothing for those there were.
 */
final class Shares {
  /** Elements of the hosts of a round, in the order of the hosts. */
  private final int[] round;

  private Shares(int[] round) {
    this.round = round;
  }

  /** A turn of an element. */
  private record Turn(int element, long numerator, long denominator) {
    int compareTo(Turn other) {
      return Long.compare(numerator * other.denominator, other.numerator * denominator);
    }
  }

  /**
   * Of elements with these shares.
   *
   * @param shares at least one, each at least 1 and small enough for their sum to be an {@code int}
   */
  static Shares of(List<Integer> shares) {
    List<Turn> turns = new ArrayList<>();
    for (int element = 0; element < shares.size(); element++) {
      long share = shares.get(element);
      for (long k = 0; k < share; k++) {
        turns.add(new Turn(element, 2 * k + 1, 2 * share));
      }
    }
    turns.sort(((Comparator<Turn>) Turn::compareTo).thenComparingInt(Turn::element));
    return new Shares(turns.stream().mapToInt(Turn::element).toArray());
  }

  /** The element of a host. */
  int elementOf(int host) {
    return round[host % round.length];
  }
}
