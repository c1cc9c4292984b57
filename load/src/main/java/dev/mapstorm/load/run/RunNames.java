package dev.mapstorm.load.run;

import dev.mapstorm.load.scenario.NearestName;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * How users name the parts of a run: addresses, devices, kinds of events, locks. What is wrong is
 * an {@link IllegalArgumentException} that says what would be right.
 */
public final class RunNames {
  private RunNames() {}

  /** A DMA address in hexadecimal, with or without {@code 0x}. */
  private static long address(String text) {
    try {
      return Long.parseUnsignedLong(text.replaceFirst("^0[xX]", ""), 16);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s: must be hexadecimal, such as 0xffff3000".formatted(text), e);
    }
  }

  /** The number of the granule that holds such an address. */
  public static long granule(String text) {
    return Granule.pfn(address(text));
  }

  /**
   * The number of a device, empty if there is none.
   *
   * @param text its name or number
   * @param names of the host's devices, by number
   */
  public static OptionalInt findDevice(String text, List<String> names) {
    int number = names.indexOf(text);
    if (number < 0 && text.matches("\\d{1,9}")) {
      number = Integer.parseInt(text);
    }
    return number < 0 || number >= names.size() ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /** The same where there has to be one. */
  public static int device(String text, List<String> names) {
    OptionalInt number = findDevice(text, names);
    if (number.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: the run has %s%s"
              .formatted(text, String.join(", ", names), NearestName.hint(text, names)));
    }
    return number.getAsInt();
  }

  /** Hosts by their numbers, such as {@code host 0} or {@code hosts 0 to 4, 7}. */
  public static String hosts(List<Integer> ascending) {
    List<String> runs = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= ascending.size(); i++) {
      if (i == ascending.size() || ascending.get(i) != ascending.get(i - 1) + 1) {
        runs.add(range(ascending.get(from), ascending.get(i - 1)));
        from = i;
      }
    }
    return (ascending.size() == 1 ? "host " : "hosts ") + String.join(", ", runs);
  }

  private static String range(int first, int last) {
    return first == last ? String.valueOf(first) : first + " to " + last;
  }

  /** Labels of all kinds of events. */
  public static List<String> kinds() {
    return Arrays.stream(EventKind.values()).map(EventKind::label).toList();
  }

  /** A kind of event by its label. */
  public static EventKind kind(String text) {
    return Arrays.stream(EventKind.values())
        .filter(kind -> kind.label().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: there is no such kind of event%s".formatted(text, kindsNear(text))));
  }

  /** The kind that was probably meant, else all. */
  private static String kindsNear(String text) {
    String near = NearestName.hint(text, kinds());
    return near.isEmpty() ? "; there are " + String.join(", ", kinds()) : near;
  }

  /** Short names of all locks. */
  public static List<String> locks() {
    return Arrays.stream(LockClass.values()).map(lock -> words(lock)[0]).toList();
  }

  /** A lock by a word of its label, such as {@code L5} or {@code cache_lock}. */
  public static LockClass lock(String text) {
    return Arrays.stream(LockClass.values())
        .filter(lock -> Arrays.stream(words(lock)).anyMatch(text::equalsIgnoreCase))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: the locks are %s"
                        .formatted(
                            text,
                            Arrays.stream(LockClass.values())
                                .map(LockClass::label)
                                .reduce((a, b) -> a + ", " + b)
                                .orElseThrow())));
  }

  private static String[] words(LockClass lock) {
    return lock.label().toLowerCase(Locale.ROOT).replaceFirst("^l", "L").split(" ");
  }
}
