package dev.mapstorm.persistence.hocon;

import dev.mapstorm.persistence.hocon.HoconFrame.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * HOCON text, read over once before a parser sees it. A parser takes a stack as deep and a time as
 * long as the text makes it; so the depth of values, their number and what has to be merged are
 * bounded here, in time proportional to the text. Brackets in quotes and comments do not count.
 * What the text is worth is the parser's to say: this only has to see at least what a parser sees.
 */
public final class HoconScan {
  /** Characters of a text. */
  public static final int CHARS_MAX = 4 << 20;

  /** Values inside each other; each part of a dotted key counts. */
  public static final int DEPTH_MAX = 32;

  /** Characters of a key as it is written. */
  static final int KEY_MAX = 200;

  /** Words, signs, quoted texts, comments and lines: what a parser makes an object of. */
  private static final int PIECES_MAX = 500_000;

  /** Characters of a value outside quotes: a parser joins them piece by piece. */
  private static final int UNQUOTED_MAX = 4096;

  /** Merging copies what is there: how many values may be copied in all. */
  private static final long COPIES_MAX = 5_000_000;

  private final String text;
  private final String origin;
  private final Deque<HoconFrame> frames = new ArrayDeque<>();
  private int at;
  private int line = 1;
  private int pieces;
  private boolean inWord;
  private long copies;
  private int substitutions;
  private double growth = 1;
  private String open = "";

  private HoconScan(String text, String origin) {
    this.text = text;
    this.origin = HoconException.shown(origin, KEY_MAX);
  }

  /**
   * Reads a text over.
   *
   * @param origin what messages call it
   * @throws HoconException if it passes a limit, or quotes or brackets in it have no end
   */
  public static HoconScan of(String text, String origin) {
    HoconScan scan = new HoconScan(text, origin);
    scan.run();
    return scan;
  }

  /** Substitutions in it; {@code +=} is one. */
  public int substitutions() {
    return substitutions;
  }

  /**
   * How many times as long as all text a single value can become by what is substituted in it: the
   * product of the substitutions of all values that have several.
   */
  public double growth() {
    return growth;
  }

  /**
   * What the text leaves open: where its first substitution, {@code +=} or include is, with the
   * key; empty if it says all itself.
   */
  Optional<String> open() {
    return open.isEmpty() ? Optional.empty() : Optional.of(open);
  }

  private void run() {
    if (text.length() > CHARS_MAX) {
      throw new HoconException(
          "%s: must have up to %d characters, has %d".formatted(origin, CHARS_MAX, text.length()));
    }
    frames.push(new HoconFrame(Kind.OBJECT, 0));
    while (at < text.length()) {
      take(text.charAt(at));
    }
    endElement();
    if (frames.size() > 1) {
      throw wrong("has a bracket without its end");
    }
  }

  private void take(char c) {
    HoconFrame frame = frames.element();
    if (c == '\n') {
      newLine(frame);
    } else if (startsComment(c)) {
      piece();
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end;
    } else if (c == '"') {
      quoted(frame);
    } else if (isSpace(c)) {
      frame.space();
      inWord = false;
      at++;
    } else if (Character.isISOControl(c)) {
      throw wrong("has the control character U+%04X".formatted((int) c));
    } else if (!sign(frame, c)) {
      pieceOfWord();
      frame.word(c);
      at++;
    }
    check(frames.element());
  }

  private boolean startsComment(char c) {
    return c == '#' || text.startsWith("//", at);
  }

  /** The white space of HOCON that is no new line. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) && !Character.isISOControl(c)
        || c == '\t'
        || c == '\r'
        || c == '\f'
        || c == '\u00A0'
        || c == '\u2007'
        || c == '\u202F'
        || c == '\uFEFF';
  }

  private void newLine(HoconFrame frame) {
    piece();
    at++;
    line++;
    if (frame.endsWithLine()) {
      endElement();
    } else {
      frame.space();
    }
  }

  /** Takes a sign that is not part of a word; says whether there was one. */
  private boolean sign(HoconFrame frame, char c) {
    if (frame.isSubstitution()) {
      return inSubstitution(frame, c);
    }
    switch (c) {
      case '{' -> opens(frame, Kind.OBJECT, 1);
      case '[' -> opens(frame, Kind.LIST, 1);
      case '}', ']' -> closes(frame, c);
      case ',' -> {
        endElement();
        at++;
      }
      case '$' -> {
        if (!text.startsWith("${", at)) {
          return false;
        }
        leavesOpen(place(true) + "has a substitution, ${…}");
        substitutions++;
        opens(frame, Kind.SUBSTITUTION, 2);
      }
      case ':', '=', '+' -> {
        boolean appends = text.startsWith("+=", at);
        if (!frame.inKey() || (c == '+' && !appends)) {
          return false;
        }
        separator(frame);
        if (appends) {
          leavesOpen(place(true) + "is added to by +=");
          substitutions++;
          frame.appends();
        }
        at += appends ? 2 : 1;
      }
      default -> {
        return false;
      }
    }
    piece();
    return true;
  }

  private boolean inSubstitution(HoconFrame frame, char c) {
    if (c == '}') {
      closes(frame, c);
    } else if (text.startsWith("[]}", at)) {
      at += 2;
    } else if ("{[]$".indexOf(c) >= 0) {
      throw wrong("has a %s in a substitution, ${…}".formatted(c));
    } else {
      return false;
    }
    piece();
    return true;
  }

  private void opens(HoconFrame frame, Kind kind, int characters) {
    if (frame.inKey() && !frame.isEmpty()) {
      separator(frame);
    }
    if (frame.hasContent() && kind != Kind.SUBSTITUTION) {
      copy();
    }
    frame.opens(kind == Kind.SUBSTITUTION);
    frames.push(new HoconFrame(kind, frame.elementDepth()));
    at += characters;
  }

  private void closes(HoconFrame frame, char c) {
    if (frames.size() == 1 || !frame.endsWith(c)) {
      throw wrong("has a %s that ends nothing".formatted(c));
    }
    endElement();
    frames.pop();
    at++;
  }

  private void separator(HoconFrame frame) {
    if (frame.isKeyTooLong()) {
      throw wrong("a key must have up to %d characters".formatted(KEY_MAX));
    }
    frame.separator();
    if (frame.repeatsKey()) {
      copy();
    }
  }

  private void endElement() {
    HoconFrame frame = frames.element();
    if (!frame.isEmpty()) {
      growth *= Math.max(1, frame.substitutions());
    }
    frame.next();
  }

  private void quoted(HoconFrame frame) {
    piece();
    int begin = at;
    boolean triple = text.startsWith("\"\"\"", at);
    int end = triple ? endOfTriple(at + 3) : endOfQuoted(at + 1);
    if (end < 0) {
      throw wrong(
          triple
              ? "has three quotes without their end"
              : "has a quote without its end on the line");
    }
    at = end;
    int quotes = triple ? 3 : 1;
    frame.quoted(text.substring(begin + quotes, end - quotes));
    if (frame.isInclude() && frame.inKey()) {
      leavesOpen(place(false) + "has an include");
    }
    for (int i = begin; triple && i < end; i++) {
      line += text.charAt(i) == '\n' ? 1 : 0;
    }
  }

  /** Behind the quote that ends a text; -1 if none does on the line. */
  private int endOfQuoted(int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        return i + 1;
      } else if (c == '\\') {
        i++;
      } else if (c == '\n') {
        return -1;
      }
    }
    return -1;
  }

  /** The last three of three or more quotes end the text. */
  private int endOfTriple(int from) {
    int end = text.indexOf("\"\"\"", from);
    if (end < 0) {
      return -1;
    }
    end += 3;
    while (end < text.length() && text.charAt(end) == '"') {
      end++;
    }
    return end;
  }

  private void pieceOfWord() {
    if (!inWord) {
      piece();
      inWord = true;
    }
  }

  private void piece() {
    inWord = false;
    if (++pieces > PIECES_MAX) {
      throw wrong("has more than %d words and signs".formatted(PIECES_MAX));
    }
  }

  private void copy() {
    copies += pieces;
    if (copies > COPIES_MAX) {
      throw wrong("has too many values to merge for a text of this length");
    }
  }

  private void check(HoconFrame frame) {
    if (frame.elementDepth() > DEPTH_MAX) {
      throw wrong("has more than %d values inside each other".formatted(DEPTH_MAX));
    }
    if (frame.unquoted() > UNQUOTED_MAX) {
      throw wrong("must have up to %d characters outside quotes".formatted(UNQUOTED_MAX));
    }
  }

  private void leavesOpen(String what) {
    if (open.isEmpty()) {
      open = what;
    }
  }

  private HoconException wrong(String problem) {
    return new HoconException(place(true) + problem);
  }

  /**
   * Text, line and key.
   *
   * @param ofElement whether the key is that of the element, or that of what it is in
   */
  private String place(boolean ofElement) {
    StringBuilder key = new StringBuilder();
    Iterator<HoconFrame> outermost = frames.descendingIterator();
    while (outermost.hasNext() && key.length() <= KEY_MAX) {
      HoconFrame frame = outermost.next();
      boolean counts = ofElement || outermost.hasNext();
      String name = counts ? frame.name() : "";
      if (!name.isEmpty()) {
        key.append(key.isEmpty() || name.startsWith("[") ? "" : ".").append(name);
      }
    }
    String lines = text.indexOf('\n') < 0 ? "" : ":" + line;
    return "%s%s: %s%s"
        .formatted(
            origin,
            lines,
            HoconException.shown(key.toString(), KEY_MAX),
            key.isEmpty() ? "" : ": ");
  }
}
