package dev.mapstorm.persistence.text;

/**
 * Text of whatever origin as a terminal may be given it. Names come from traces, journals, file
 * names and other nodes, and may hold what moves the cursor, changes the order in which letters are
 * shown, or fills the screen. Such a character is shown as JSON writes it: {@code \}{@code u} and
 * four hexadecimal digits.
 */
public final class PrintableText {
  /** Characters of a cell of a table that are shown. */
  public static final int CELL = 80;

  /** Characters of a word that are shown; no component of a path is longer. */
  static final int WORD = 256;

  /** Characters of a line that are shown. */
  static final int LINE = 4000;

  private static final char CUT = '\u2026';

  private PrintableText() {}

  /** Whether a character stands for something else than a letter, a sign or a blank. */
  private static boolean isHidden(int codePoint) {
    if (codePoint < 0x7f) {
      return codePoint < ' ';
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  /**
   * Several lines in which nothing is hidden, of any length: for JSON, where such characters only
   * stand in strings and mean the same written like this. Line breaks and tabs stay.
   */
  public static String escaped(CharSequence text) {
    return escaped(text, true);
  }

  private static String escaped(CharSequence text, boolean lines) {
    StringBuilder shown = null;
    int length = text.length();
    for (int at = 0; at < length; ) {
      int codePoint = Character.codePointAt(text, at);
      int next = at + Character.charCount(codePoint);
      if (isHidden(codePoint) && !(lines && (codePoint == '\n' || codePoint == '\t'))) {
        if (shown == null) {
          shown = new StringBuilder(length + 16).append(text, 0, at);
        }
        for (int i = at; i < next; i++) {
          shown.append("\\u%04x".formatted((int) text.charAt(i)));
        }
      } else if (shown != null) {
        shown.append(text, at, next);
      }
      at = next;
    }
    return shown == null ? text.toString() : shown.toString();
  }

  /** One cell of a table: nothing hidden, no line break, at most {@link #CELL} characters. */
  public static String cell(String text) {
    // What is cut off need not be escaped first.
    String first = text.length() > CELL ? text.substring(0, CELL + 1) : text;
    return cut(escaped(first, false), CELL);
  }

  /** Several lines in which nothing is hidden and no word, and no line, is endless. */
  public static String lines(String text) {
    String shown = escaped(text, true);
    if (shown.length() <= WORD) {
      return shown;
    }
    StringBuilder cut = new StringBuilder(shown.length());
    int lineFrom = 0;
    while (lineFrom <= shown.length()) {
      int lineEnd = shown.indexOf('\n', lineFrom);
      int end = lineEnd < 0 ? shown.length() : lineEnd;
      cut.append(line(shown.substring(lineFrom, end)));
      if (lineEnd >= 0) {
        cut.append('\n');
      }
      lineFrom = end + 1;
    }
    return cut.toString();
  }

  private static String line(String line) {
    if (line.length() <= WORD) {
      return line;
    }
    StringBuilder words = new StringBuilder();
    int wordFrom = 0;
    for (int at = 0; at <= line.length(); at++) {
      if (at == line.length() || isBetweenWords(line.charAt(at))) {
        words.append(cut(line.substring(wordFrom, at), WORD));
        if (at < line.length()) {
          words.append(line.charAt(at));
        }
        wordFrom = at + 1;
      }
    }
    return cut(words.toString(), LINE);
  }

  private static boolean isBetweenWords(char c) {
    return c == '/' || Character.isWhitespace(c);
  }

  private static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    int end = longest - 1;
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + CUT;
  }
}
