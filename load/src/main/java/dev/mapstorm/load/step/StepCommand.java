package dev.mapstorm.load.step;

import dev.mapstorm.load.scenario.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The commands, named as in gdb where gdb has them. */
enum StepCommand {
  NEXT(
      List.of("next", "n"),
      "[N] [KEY=VALUE ...]",
      Integer.MAX_VALUE,
      "to the next event, or the Nth next; with conditions, only events that meet all of them"
          + " count"),
  PREV(
      List.of("prev", "p", "reverse-next", "rn"),
      "[N] [KEY=VALUE ...]",
      Integer.MAX_VALUE,
      "the same backwards"),
  CONTINUE(
      List.of("continue", "c"),
      "",
      0,
      "to the next event that touches a watched address; without any, to the end"),
  REVERSE_CONTINUE(
      List.of("reverse-continue", "rc"), "", 0, "the same backwards; without any, to the start"),
  GOTO(
      List.of("goto", "g"),
      "TIME | event N | start | end",
      2,
      "to the last event up to an instant, such as goto 1.5ms, or to an event by its number"),
  WHERE(List.of("where", "w"), "", 0, "the event at hand and its place in the journal"),
  INFO(
      List.of("info", "i"),
      "[N]",
      1,
      "the state of the host after the current event, N rows of each list"),
  LIST(
      List.of("list", "l"),
      "[ADDR] [N]",
      2,
      "N live mappings around an address; without one, around that of the event at hand; a number"
          + " alone is N up to 100000, else an address"),
  WATCH(List.of("watch"), "[ADDR]", 1, "watches an address; without one, lists what is watched"),
  UNWATCH(List.of("unwatch"), "[ADDR]", 1, "watches it no more; without one, nothing any more"),
  HELP(List.of("help", "h"), "[COMMAND]", 1, "how the commands, or one of them, are used"),
  QUIT(List.of("quit", "q", "exit"), "", 0, "ends");

  private final List<String> names;
  private final String arguments;
  private final int mostArguments;
  private final String description;

  StepCommand(List<String> names, String arguments, int mostArguments, String description) {
    this.names = names;
    this.arguments = arguments;
    this.mostArguments = mostArguments;
    this.description = description;
  }

  /** How it is used, on one line. */
  String usage() {
    return (names.get(0) + " " + arguments).strip();
  }

  /** How many words may stand behind it. */
  int mostArguments() {
    return mostArguments;
  }

  /** How it is used and what it does, on one line. */
  String help() {
    String others = String.join(", ", names.subList(1, names.size()));
    return "%-40s %s%s"
        .formatted(usage(), description, others.isEmpty() ? "" : " (also " + others + ")");
  }

  /**
   * The command of this name, or of which it is the beginning.
   *
   * @throws StepException if there is none, or several
   */
  static StepCommand of(String name) {
    for (StepCommand command : values()) {
      if (command.names.contains(name)) {
        return command;
      }
    }
    List<StepCommand> begun =
        Arrays.stream(values()).filter(each -> each.names.get(0).startsWith(name)).toList();
    if (begun.size() == 1) {
      return begun.get(0);
    }
    List<String> known = allNames().toList();
    throw new StepException(
        begun.isEmpty()
            ? "%s: there is no such command%s; help lists them"
                .formatted(name, NearestName.hint(name, known))
            : "%s: could be %s"
                .formatted(
                    name, String.join(" or ", begun.stream().map(e -> e.names.get(0)).toList())));
  }

  /** The long names of all. */
  static Stream<String> allNames() {
    return Arrays.stream(values()).map(each -> each.names.get(0));
  }
}
