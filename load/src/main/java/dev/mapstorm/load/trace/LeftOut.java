package dev.mapstorm.load.trace;

/** Why a line of a trace file was passed over. Comments and empty lines are none of these. */
public enum LeftOut {
  /** A frame of a stack trace ({@code perf record -g}, the {@code stacktrace} option). */
  STACK_FRAME("stack frame", "stack frames"),
  /** An event whose body the tool that printed it could not make out. */
  UNPRINTED("event that the tool could not print", "events that the tool could not print"),
  /** A known event with another body than the kernel prints. */
  MALFORMED("damaged event", "damaged events"),
  /** The last line, which ends before its event does. */
  CUT("line that is cut off", "lines that are cut off"),
  /** Text that is no line of a trace: a prompt, a fence, words around a pasted trace. */
  NOT_AN_EVENT("not an event", "not events");

  private final String one;
  private final String many;

  LeftOut(String one, String many) {
    this.one = one;
    this.many = many;
  }

  /** Such as {@code 9 stack frames}. */
  String counted(long count) {
    return count + " " + (count == 1 ? one : many);
  }
}
