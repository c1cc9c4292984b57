package dev.mapstorm.persistence.hocon;

import java.util.HashSet;
import java.util.Set;

/** An object, a list or a substitution that is open while text is read over. */
final class HoconFrame {
  /** What is open. */
  enum Kind {
    OBJECT('}'),
    LIST(']'),
    SUBSTITUTION('}');

    private final char end;

    Kind(char end) {
      this.end = end;
    }
  }

  private final Kind kind;
  private final int depth;
  private final Set<String> keys = new HashSet<>();

  // The element that is being read.
  private final StringBuilder key = new StringBuilder();
  private final StringBuilder first = new StringBuilder();
  private int index;
  private int dots;
  private int unquoted;
  private int substitutions;
  private boolean escaped;
  private boolean included;
  private boolean hasValue;
  private boolean hasContent;

  /**
   * Just opened.
   *
   * @param depth values that it is in, itself counted
   */
  HoconFrame(Kind kind, int depth) {
    this.kind = kind;
    this.depth = depth;
  }

  boolean isSubstitution() {
    return kind == Kind.SUBSTITUTION;
  }

  boolean endsWith(char c) {
    return kind.end == c;
  }

  /** Whether what comes belongs to a key, or begins one. */
  boolean inKey() {
    return kind == Kind.OBJECT && !hasValue;
  }

  /** Whether a value that comes is put together with one that is there. */
  boolean hasContent() {
    return hasContent;
  }

  /** Values that the element's value is in, itself counted: each part of a key makes one. */
  int elementDepth() {
    return depth + 1 + dots;
  }

  /** Characters of the value outside quotes, or of the path of a substitution. */
  int unquoted() {
    return unquoted;
  }

  int substitutions() {
    return substitutions;
  }

  /** The element's key as it is written, or its place in a list; empty if it has none. */
  String name() {
    return switch (kind) {
      case OBJECT -> key.toString().strip();
      case LIST -> "[" + index + "]";
      case SUBSTITUTION -> "";
    };
  }

  boolean isEmpty() {
    return key.isEmpty() && !hasContent;
  }

  /** Takes a character outside quotes that is neither a sign nor a space. */
  void word(char c) {
    if (inKey()) {
      if (c == '.') {
        dots++;
      }
      keep(key, c);
      if (dots == 0) {
        keep(first, c);
      }
    } else {
      if (isSubstitution() && c == '.') {
        dots++;
      }
      hasContent = true;
      unquoted++;
    }
  }

  void space() {
    if (inKey() && !key.isEmpty()) {
      keep(key, ' ');
      if (dots == 0) {
        keep(first, ' ');
      }
    } else if (hasContent) {
      unquoted++;
    }
  }

  /** Takes what stands in quotes. */
  void quoted(String text) {
    if (!inKey()) {
      hasContent = true;
      unquoted++;
      return;
    }
    included |= key.toString().matches("include(\\s.*)?");
    escaped |= text.indexOf('\\') >= 0;
    keep(key, '"');
    for (int i = 0; i < text.length() && key.length() <= HoconScan.KEY_MAX; i++) {
      keep(key, text.charAt(i));
      if (dots == 0) {
        keep(first, text.charAt(i));
      }
    }
    keep(key, '"');
  }

  private static void keep(StringBuilder kept, char c) {
    if (kept.length() <= HoconScan.KEY_MAX) {
      kept.append(c);
    }
  }

  /** Whether the quotes that were read last name what is to be included. */
  boolean isInclude() {
    return included;
  }

  /** A value that has brackets of its own, or a substitution. */
  void opens(boolean substitution) {
    hasValue = true;
    hasContent = true;
    unquoted++;
    substitutions += substitution ? 1 : 0;
  }

  /** The key is complete. */
  void separator() {
    hasValue = true;
  }

  /** Counts the key itself as a substitution, as {@code +=} means it. */
  void appends() {
    substitutions++;
  }

  boolean isKeyTooLong() {
    return key.length() > HoconScan.KEY_MAX;
  }

  /** Whether the object may have had the key before, so that values are merged. */
  boolean repeatsKey() {
    return !keys.add(first.toString().strip()) || escaped;
  }

  /** Whether a new line ends the element: not before a value, nor inside a key. */
  boolean endsWithLine() {
    return hasContent || included;
  }

  /** Begins the next element. */
  void next() {
    index += isEmpty() ? 0 : 1;
    key.setLength(0);
    first.setLength(0);
    dots = 0;
    unquoted = 0;
    substitutions = 0;
    escaped = false;
    included = false;
    hasValue = false;
    hasContent = false;
  }
}
