package dev.mapstorm.load.conform.driver;

import java.util.ArrayList;
import java.util.List;

/**
 * The commands of one operation as the vector files write them: a JSON list of lists. A command
 * that holds a list of others ({@code submit}, {@code cmds}) is begun after them.
 */
final class CommandText {
  private static final int ALL_LISTED = 200;
  private static final int LIST_LISTED = 8;
  private static final int EACH_END = 2;

  private final boolean cut;
  private final List<String> commands = new ArrayList<>();
  private final List<List<String>> parts = new ArrayList<>();
  private final List<String> tails = new ArrayList<>();
  private List<String> part = new ArrayList<>();
  private long inside;

  /**
   * @param cut whether long lists are cut in their middle where an operation has many commands
   */
  CommandText(boolean cut) {
    this.cut = cut;
  }

  void clear() {
    commands.clear();
    parts.clear();
    tails.clear();
    part = new ArrayList<>();
    inside = 0;
  }

  /** Adds a command. */
  void add(String name, Object... operands) {
    add(row(name, operands), null, "");
  }

  /** Adds a command to the list of the next {@link #list}. */
  void inside(String name, Object... operands) {
    part.add(row(name, operands));
    inside++;
  }

  /** Adds a command that holds the list of those inside since the last. */
  void list(String head, String tail) {
    add("[" + head, part, tail + "]");
    part = new ArrayList<>();
  }

  private void add(String head, List<String> list, String tail) {
    commands.add(head);
    parts.add(list);
    tails.add(tail);
  }

  /** A hexadecimal word as text. */
  static String hex(long word) {
    return "0x" + Long.toHexString(word);
  }

  private static String row(String name, Object... operands) {
    StringBuilder row = new StringBuilder("[\"").append(name).append('"');
    for (Object operand : operands) {
      row.append(',');
      if (operand instanceof String text) {
        row.append('"').append(text).append('"');
      } else if (operand instanceof Boolean flag) {
        row.append(flag ? 1 : 0);
      } else if (operand instanceof Long number) {
        row.append(Long.toUnsignedString(number));
      } else {
        row.append(operand);
      }
    }
    return row.append(']').toString();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < commands.size(); i++) {
      text.append(i == 0 ? "" : ",").append(commands.get(i));
      if (parts.get(i) != null) {
        text.append('[').append(String.join(",", shown(parts.get(i)))).append(']');
      }
      text.append(tails.get(i));
    }
    return text.append(']').toString();
  }

  private List<String> shown(List<String> list) {
    if (!cut || inside <= ALL_LISTED || list.size() <= LIST_LISTED) {
      return list;
    }
    List<String> ends = new ArrayList<>(list.subList(0, EACH_END));
    ends.add("[\"...\"," + (list.size() - 2 * EACH_END) + "]");
    ends.addAll(list.subList(list.size() - EACH_END, list.size()));
    return ends;
  }
}
