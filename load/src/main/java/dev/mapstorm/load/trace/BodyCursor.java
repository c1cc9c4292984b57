package dev.mapstorm.load.trace;

import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Direction;
import java.util.Arrays;

/** Walks through the text of one line, from left to right. Reusable; not thread safe. */
final class BodyCursor {

  /** The text is not what the event's format promises. */
  static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    Mismatch(String message) {
      super(message, null, false, false);
    }
  }

  private static final int LONGEST_LIST = 1 << 16;

  private String text = "";
  private int at;
  private long[] list = new long[16];

  /** Begins with a text at a position. */
  void begin(String line, int from) {
    text = line;
    at = from;
  }

  /** Where it stands. */
  int position() {
    return at;
  }

  /** Goes back to where it stood. */
  void back(int position) {
    at = position;
  }

  /** Takes a literal. */
  void expect(String literal) throws Mismatch {
    if (!accept(literal)) {
      throw new Mismatch("expected '" + literal + "' at " + rest());
    }
  }

  /** Takes a literal if it is next. */
  boolean accept(String literal) {
    boolean found = text.startsWith(literal, at);
    if (found) {
      at += literal.length();
    }
    return found;
  }

  /** Takes a literal and all that is before it. */
  void seek(String literal) throws Mismatch {
    int found = text.indexOf(literal, at);
    if (found < 0) {
      throw new Mismatch("expected '" + literal + "' after " + rest());
    }
    at = found + literal.length();
  }

  /** Takes spaces. */
  void spaces() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  /** Takes what is before the next space, or all that is left; at least one character. */
  String word() throws Mismatch {
    return until(' ', true);
  }

  /** Takes what is before a character, not the character itself; at least one character. */
  String until(char stop) throws Mismatch {
    return until(stop, false);
  }

  private String until(char stop, boolean orEnd) throws Mismatch {
    int found = text.indexOf(stop, at);
    int to = found < 0 && orEnd ? text.length() : found;
    if (to <= at) {
      throw new Mismatch(
          to < 0 ? "expected '" + stop + "' after " + rest() : "expected a name at " + rest());
    }
    String word = text.substring(at, to);
    at = to;
    return word;
  }

  /** Takes a hexadecimal number with or without {@code 0x}. */
  long hex() throws Mismatch {
    accept("0x");
    int first = at;
    long value = 0;
    while (at < text.length()) {
      int digit = Character.digit(text.charAt(at), 16);
      if (digit < 0) {
        break;
      }
      value = value << 4 | digit;
      at++;
    }
    if (at == first || at - first > 16) {
      at = first;
      throw new Mismatch("expected a hexadecimal number at " + rest());
    }
    return value;
  }

  /** Takes a decimal number that is not negative and fits in 18 digits. */
  long decimal() throws Mismatch {
    int first = at;
    long value = 0;
    while (at < text.length() && isDigit(text.charAt(at))) {
      value = value * 10 + text.charAt(at) - '0';
      at++;
    }
    if (at == first || at - first > 18) {
      at = first;
      throw new Mismatch("expected a number at " + rest());
    }
    return value;
  }

  /** Takes a decimal number that fits in an int, with or without a sign. */
  int integer() throws Mismatch {
    int first = at;
    boolean negative = accept("-");
    long value = decimal();
    if (value > Integer.MAX_VALUE) {
      at = first;
      throw new Mismatch("number out of range at " + rest());
    }
    return (int) (negative ? -value : value);
  }

  /** Takes a direction as the {@code dma} events name it. */
  Direction direction() throws Mismatch {
    for (Direction direction : Direction.values()) {
      if (accept(direction.name())) {
        return direction;
      }
    }
    throw new Mismatch("unknown direction at " + rest());
  }

  /** Takes a list of hexadecimal numbers, such as {@code {0x1000,0x2000}}. */
  long[] list() throws Mismatch {
    expect("{");
    int count = 0;
    while (!accept("}")) {
      if (count > 0) {
        expect(",");
      }
      if (count == list.length) {
        if (count == LONGEST_LIST) {
          throw new Mismatch("a list of more than " + LONGEST_LIST + " entries");
        }
        list = Arrays.copyOf(list, count * 2);
      }
      list[count++] = hex();
    }
    return Arrays.copyOf(list, count);
  }

  /** All that is left. */
  String remaining() {
    return text.substring(Math.min(at, text.length()));
  }

  /** Whether the next word is a number of zeros. */
  boolean isZeros() {
    int i = text.startsWith("0x", at) ? at + 2 : at;
    int first = i;
    while (i < text.length() && text.charAt(i) == '0') {
      i++;
    }
    return i > first && (i == text.length() || text.charAt(i) == ' ');
  }

  /** Whether a digit is next. */
  boolean atDigit() {
    return at < text.length() && isDigit(text.charAt(at));
  }

  /** Whether a character is one of 0 to 9. */
  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private String rest() {
    return at >= text.length() ? "the end of the line" : TextLines.excerpt(text.substring(at));
  }
}
