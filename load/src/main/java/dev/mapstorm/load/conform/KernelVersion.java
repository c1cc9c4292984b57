package dev.mapstorm.load.conform;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of Linux, as far as the rules of its allocator depend on it.
 *
 * @param major 5 of 5.10
 * @param minor 10 of 5.10
 */
record KernelVersion(int major, int minor) {
  private static final Pattern FORM = Pattern.compile("v?(\\d{1,3})\\.(\\d{1,3})(?:[^0-9].*)?");

  /**
   * Reads {@code 6.12}, or the longer form of {@code uname -r}.
   *
   * @throws IllegalArgumentException if it is no version
   */
  static KernelVersion parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "a kernel version is two numbers, such as 6.12, not " + text);
    }
    return new KernelVersion(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
  }

  /** The same; empty if it is no version. */
  static Optional<KernelVersion> find(String text) {
    return FORM.matcher(text).matches() ? Optional.of(parse(text)) : Optional.empty();
  }

  boolean atLeast(KernelVersion other) {
    return major > other.major || major == other.major && minor >= other.minor;
  }

  KernelRules rules() {
    return KernelRules.of(major, minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
