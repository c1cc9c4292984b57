package dev.mapstorm.load.scenario;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How people name figures of reports: by all words of a name, or by some of them in their order.
 * Case, dots, commas and dashes do not count; {@code exposure} is what reports call exposed.
 */
public final class FigureName {
  private static final Pattern NO_WORD =
      Pattern.compile("(?:[^a-z0-9.]|(?<![0-9])\\.|\\.(?![0-9]))+");
  private static final Pattern EXPOSURE = Pattern.compile("\\bexposure\\b");

  private FigureName() {}

  /** The words of a name, with a blank between them; p99.9 is one. */
  private static String words(String name) {
    String words = NO_WORD.matcher(name.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
    return EXPOSURE.matcher(words).replaceAll("exposed");
  }

  /** Whether what was given are all words of a figure's name. */
  public static boolean isWhole(String given, String name) {
    return words(given).equals(words(name));
  }

  /** Whether what was given are words of a figure's name, in their order. */
  public static boolean fits(String given, String name) {
    String[] of = words(name).split(" ");
    int at = 0;
    for (String word : words(given).split(" ")) {
      while (at < of.length && !of[at].equals(word)) {
        at++;
      }
      if (at++ >= of.length) {
        return false;
      }
    }
    return true;
  }

  /**
   * The one figure that is meant: that of the whole name, or that with the fewest other words.
   *
   * @return empty if none fits
   * @throws IllegalArgumentException if several fit alike
   */
  public static Optional<String> one(String given, Collection<String> names) {
    Optional<String> whole = names.stream().filter(name -> isWhole(given, name)).findFirst();
    if (whole.isPresent()) {
      return whole;
    }
    List<String> fit =
        names.stream()
            .filter(name -> fits(given, name))
            .sorted(Comparator.comparingInt(FigureName::count))
            .toList();
    if (fit.size() > 1 && count(fit.get(0)) == count(fit.get(1))) {
      throw new IllegalArgumentException(
          "\"%s\" may be %s or %s".formatted(given, fit.get(0), fit.get(1)));
    }
    return fit.stream().findFirst();
  }

  private static int count(String name) {
    return words(name).split(" ").length;
  }
}
