package dev.mapstorm.load.trace;

import java.util.regex.Pattern;

/**
 * What mail, chat and terminals put around a trace line, and what else a trace file holds beside
 * lines of events. No state.
 */
final class PastedText {
  private static final char ESCAPE = '\u001b';
  private static final char BYTE_ORDER_MARK = '\ufeff';

  /** Dashes and minus signs that word processors and chats make of a hyphen. */
  private static final String TYPOGRAPHIC = "\u2010\u2011\u2012\u2013\u2014\u2212";

  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]");

  /** {@code ffffffffb1c0a2d1 iommu_map+0x54 ([kernel.kallsyms])}, and frames without a symbol. */
  private static final Pattern PERF_FRAME =
      Pattern.compile(
          "\\s*[0-9a-f]{4,16} (?:\\S.* )?\\(.*\\)|\\s*[0-9a-f]{8,16}(?: \\[unknown\\])?");

  private static final Pattern FTRACE_FRAME =
      Pattern.compile("\\s*(?:=> |<-)\\s*\\S+.*|\\s+\\[?<?[0-9a-f]{8,16}>?\\]? \\S+\\+0x\\S+");

  private static final Pattern FURNITURE =
      Pattern.compile(
          "cpus=\\d+|version = \\d+|CPU \\d+ is empty|CPU:\\d+ \\[SUBBUFFER START\\].*"
              + "|Dumping ftrace buffer:|-{5,}|#{5} CPU \\d+ buffer started #{4}|\\[\\.\\.\\.\\]"
              + "|trace-cmd version .*|<(?:stack trace|user stack trace)>");

  /** Task and CPU of a line whose rest is in the next one. */
  private static final Pattern TASK_AND_CPU =
      Pattern.compile("\\s*\\S.*-\\d{1,9}\\s+(?:\\(.*\\)\\s+)?\\[\\d{1,6}\\][^:]*");

  /** The header of a further line, where line ends were lost. */
  private static final Pattern FURTHER =
      Pattern.compile(
          "(?<=\\S)\\s+(?=\\S[^=\\]]{0,15}-\\d{1,9}\\s+(?:\\(["
              + " \\d-]+\\)\\s+)?\\[\\d{3,6}\\]\\s+(?:\\S{4,8}\\s+)?\\d+\\.\\d{3,9}: \\w)");

  private static final int LONG_LINE = 180;

  private PastedText() {}

  /**
   * The lines that were put into one when its line ends were lost; the line itself if none were.
   */
  static String[] lines(String line) {
    return line.length() < LONG_LINE || line.indexOf("] ", LONG_LINE / 2) < 0
        ? new String[] {line}
        : FURTHER.split(line);
  }

  /** A line without quote marks, colours, typographic dashes, and a mark of the byte order. */
  static String clean(String line) {
    if (line.isEmpty()) {
      return line;
    }
    String text = line;
    if (text.charAt(0) == BYTE_ORDER_MARK) {
      text = text.substring(1);
    }
    for (int i = 0; i < TYPOGRAPHIC.length(); i++) {
      if (text.indexOf(TYPOGRAPHIC.charAt(i)) >= 0) {
        text = text.replace(TYPOGRAPHIC.charAt(i), '-');
      }
    }
    if (text.indexOf(ESCAPE) >= 0) {
      text = COLOUR.matcher(text).replaceAll("");
    }
    int from = 0;
    while (from < text.length() && (text.charAt(from) == '>' || isBlankBeforeQuote(text, from))) {
      from++;
    }
    return from == 0 ? text : text.substring(from);
  }

  /** Whether only blanks lie between here and a quote mark; {@code => symbol} is no quote. */
  private static boolean isBlankBeforeQuote(String text, int at) {
    int i = at;
    while (i < text.length() && text.charAt(i) == ' ') {
      i++;
    }
    return i > at && i < text.length() && text.charAt(i) == '>';
  }

  /** Whether a line is a frame of a stack trace. */
  static boolean isStackFrame(String line) {
    return FTRACE_FRAME.matcher(line).matches() || PERF_FRAME.matcher(line).matches();
  }

  /** Whether a line may be the beginning of one that was wrapped before its event. */
  static boolean isBeginning(String line) {
    return TASK_AND_CPU.matcher(line).matches();
  }

  /** Whether a line is of the frame that a tool prints around events. */
  static boolean isFurniture(String line) {
    return FURNITURE.matcher(line.strip()).matches();
  }
}
