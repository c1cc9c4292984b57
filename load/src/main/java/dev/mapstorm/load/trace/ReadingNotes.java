package dev.mapstorm.load.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What reading a trace file showed beside its events.
 *
 * @param lines lines of the file read so far, comments included
 * @param events lines that are events of a kind that {@link TraceEvent} knows
 * @param skippedEvents events that are not known, by name
 * @param leftOut lines that were passed over, by reason
 * @param firstLeftOut the first of these, by reason, with its line: {@code FILE:3: ...}
 * @param wrapped events that were put together from several lines
 * @param clock what the timestamps are
 * @param withoutCpu events whose line does not tell CPU and task; they count as CPU 0
 * @param overwritten events that the ring buffer dropped before the file begins, as its header
 *     says; 0 where it does not
 * @param cpus CPUs of the machine, as the header says; 0 where it does not
 * @param machine what the file says of the machine
 */
public record ReadingNotes(
    long lines,
    long events,
    SortedMap<String, Long> skippedEvents,
    Map<LeftOut, Long> leftOut,
    Map<LeftOut, String> firstLeftOut,
    long wrapped,
    TraceClock clock,
    long withoutCpu,
    long overwritten,
    int cpus,
    MachineFacts machine) {

  /** What was left out, in one line: {@code 12 lines left out: 9 stack frames, 3 not events}. */
  public Optional<String> leftOutText() {
    long all = leftOut.values().stream().mapToLong(Long::longValue).sum();
    if (all == 0) {
      return Optional.empty();
    }
    List<String> kinds = new ArrayList<>();
    leftOut.forEach((kind, count) -> kinds.add(kind.counted(count)));
    return Optional.of(
        "%d %s left out: %s".formatted(all, all == 1 ? "line" : "lines", String.join(", ", kinds)));
  }

  /** What a reader of results has to know of the file, a line each; empty for a plain whole one. */
  public List<String> text() {
    List<String> text = new ArrayList<>();
    machine.text().ifPresent(text::add);
    leftOutText().ifPresent(text::add);
    Optional.ofNullable(firstLeftOut.get(LeftOut.MALFORMED)).ifPresent(text::add);
    Optional.ofNullable(firstLeftOut.get(LeftOut.CUT)).ifPresent(text::add);
    if (wrapped > 0) {
      text.add("%d %s joined from wrapped lines".formatted(wrapped, events(wrapped)));
    }
    if (overwritten > 0) {
      text.add(
          "the ring buffer was overwritten: %d earlier %s not in the file"
              .formatted(overwritten, overwritten == 1 ? "event is" : "events are"));
    }
    if (clock == TraceClock.TICKS) {
      text.add("the timestamps are ticks of a clock of unknown rate: they tell the order alone");
    } else if (clock == TraceClock.NONE) {
      text.add("there are no timestamps: the order of the lines is used");
    }
    if (withoutCpu > 0) {
      text.add(
          "%d %s without CPU and task: read as one CPU; cat /sys/kernel/tracing/trace has both"
              .formatted(withoutCpu, events(withoutCpu)));
    }
    return text;
  }

  private static String events(long count) {
    return count == 1 ? "event" : "events";
  }
}
