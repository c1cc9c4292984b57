package dev.mapstorm.load.calibrate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What files say of the machine that they are of, as the scripts of {@code calibrate --print} and
 * of {@code capture} write it: {@code # machine: kernel = 6.12.0}. So the trace of {@code capture}
 * can be among them, and tells the unit's kind and its registers.
 */
final class MachineLines {
  private static final Pattern FACT =
      Pattern.compile("# machine: (kernel|arch|cpu|clock|unit) = (.{1,400}?)\\s*");
  private static final Pattern CAP = Pattern.compile("dmar\\d+ cap ([0-9a-f]{1,16}) .*");
  private static final int MAMV_SHIFT = 48;
  private static final int MAMV_MASK = 0x3f;

  private final Map<String, String> values = new HashMap<>();
  private final Map<String, String> places = new HashMap<>();

  /**
   * What they say.
   *
   * @throws CalibrationException if two of them are of different machines, or of one with different
   *     kernels
   */
  MachineLines(List<MeasuredFile> files) {
    for (MeasuredFile file : files) {
      for (int i = 0; i < file.lines().size(); i++) {
        Matcher fact = FACT.matcher(file.lines().get(i));
        if (fact.matches()) {
          take(fact.group(1), fact.group(2), file.at(i));
        }
      }
    }
  }

  private void take(String key, String value, String at) {
    String before = values.putIfAbsent(key, value);
    if (before == null) {
      places.put(key, at);
    } else if (!before.equals(value) && !key.equals("unit")) {
      throw new CalibrationException(
          "%s says %s %s, and %s says %s: give measurements of one machine with one kernel"
              .formatted(places.get(key), key, before, at, value));
    }
  }

  /** The machine in words; empty if nothing is said. */
  Optional<String> words() {
    List<String> said =
        List.of("cpu", "kernel").stream().filter(values::containsKey).map(values::get).toList();
    return said.isEmpty() ? Optional.empty() : Optional.of(String.join(", Linux ", said));
  }

  /** MAMV of the capability register of a unit of VT-d, as a finding. */
  Optional<Finding> maxAddressMask() {
    Matcher cap = CAP.matcher(values.getOrDefault("unit", ""));
    if (!cap.matches()) {
      return Optional.empty();
    }
    long mamv = Long.parseUnsignedLong(cap.group(1), 16) >>> MAMV_SHIFT & MAMV_MASK;
    return Optional.of(
        new Finding(
            "max-address-mask",
            mamv,
            0,
            "MAMV of the capability register " + cap.group(1),
            places.get("unit")));
  }
}
