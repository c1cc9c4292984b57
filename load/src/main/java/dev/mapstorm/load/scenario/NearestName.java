package dev.mapstorm.load.scenario;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a misspelt name was probably meant to be. */
public final class NearestName {
  /** No name that is known is nearly as long, and looking takes the product of both lengths. */
  private static final int LONGEST = 200;

  private NearestName() {}

  /** The known name that few enough typing slips lead to; of several, the nearest. */
  public static Optional<String> of(String name, Collection<String> known) {
    if (name.length() > LONGEST) {
      return Optional.empty();
    }
    int allowed = Math.max(2, name.length() / 3);
    return known.stream()
        .filter(candidate -> slips(name, candidate) <= allowed)
        .min(
            Comparator.<String>comparingInt(candidate -> slips(name, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** {@code "; did you mean x?"}, or nothing when no known name is near. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known).map(near -> "; did you mean " + near + "?").orElse("");
  }

  /** Insertions, deletions, replacements and swaps of neighbours between two names. */
  static int slips(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 ? j : j == 0 ? i : cheapest(d, a, b, i, j);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int cheapest(int[][] d, String a, String b, int i, int j) {
    int replaced = d[i - 1][j - 1] + (same(a, i - 1, b, j - 1) ? 0 : 1);
    int best = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
    boolean swapped = i > 1 && j > 1 && same(a, i - 1, b, j - 2) && same(a, i - 2, b, j - 1);
    return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
  }

  private static boolean same(String a, int i, String b, int j) {
    return Character.toLowerCase(a.charAt(i)) == Character.toLowerCase(b.charAt(j));
  }
}
