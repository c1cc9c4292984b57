package dev.mapstorm.load.advise;

import dev.mapstorm.load.scenario.Threshold;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is to be had: as little or as much of a figure as possible, under conditions.
 *
 * @param text as it was written
 * @param most whether more of the figure is better
 * @param figure as it was named
 * @param conditions that the figures have to keep
 * @param settings keys of the scenario that are fixed, with their values
 */
public record Goal(
    String text,
    boolean most,
    String figure,
    List<Threshold> conditions,
    Map<String, String> settings) {
  /** What one looks like, for messages. */
  public static final String FORM =
      "least or most, a figure, and conditions if any, such as \"least CPU per request with"
          + " exposure < 1ms\" or \"most throughput with strict and latency p99 < 3ms\"";

  private static final Pattern PARTS =
      Pattern.compile(
          "(least|lowest|most|highest)\\s+(.+?)(?:\\s+with\\s+(.+))?", Pattern.CASE_INSENSITIVE);
  private static final Pattern AND = Pattern.compile("\\s*(?:,|\\band\\b)\\s*");
  private static final Pattern MODE = Pattern.compile("strict|lazy|passthrough");
  private static final Pattern SETTING =
      Pattern.compile("([a-z][a-z.-]*\\.[a-z-]+)\\s*=\\s*(\\S+)");

  /** Keeps unmodifiable copies. */
  public Goal {
    conditions = List.copyOf(conditions);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with a message that begins with the text, if it is none
   */
  public static Goal parse(String text) {
    Matcher parts = PARTS.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException("%s: must be %s".formatted(text, FORM));
    }
    String first = parts.group(1).toLowerCase(Locale.ROOT);
    List<Threshold> conditions = new ArrayList<>();
    Map<String, String> settings = new LinkedHashMap<>();
    if (parts.group(3) != null) {
      for (String each : AND.split(parts.group(3).strip())) {
        condition(text, each.strip(), conditions, settings);
      }
    }
    return new Goal(
        text,
        first.equals("most") || first.equals("highest"),
        parts.group(2),
        conditions,
        settings);
  }

  private static void condition(
      String text, String condition, List<Threshold> conditions, Map<String, String> settings) {
    Matcher setting = SETTING.matcher(condition);
    if (MODE.matcher(condition).matches()) {
      settings.put("iommu.mode", condition);
    } else if (setting.matches()) {
      settings.put(setting.group(1), setting.group(2));
    } else {
      String signs =
          condition
              .replaceAll("\\s+(?:under|below)\\s+", " < ")
              .replaceAll("\\s+(?:over|above)\\s+", " > ")
              .replaceAll("\\s+at most\\s+", " <= ")
              .replaceAll("\\s+at least\\s+", " >= ");
      Threshold threshold;
      try {
        threshold = Threshold.parse(signs);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s: the condition %s, or be strict, lazy, passthrough or KEY=VALUE"
                .formatted(text, e.getMessage()),
            e);
      }
      if (threshold.relative()) {
        throw new IllegalArgumentException(
            "%s: the condition %s is a change, and there is nothing to compare with"
                .formatted(text, condition));
      }
      conditions.add(threshold);
    }
  }

  /** Whether the first of two values is better. */
  boolean isBetter(double a, double b) {
    return most ? a > b : a < b;
  }
}
