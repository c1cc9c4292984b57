package dev.mapstorm.load.step;

import dev.mapstorm.load.diff.EventJson;
import dev.mapstorm.load.diff.EventWording;
import dev.mapstorm.load.diff.NumberedEvent;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.index.HostIndex;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.replay.StateText;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.TreeSet;

/**
 * Executes commands against one host of a recorded run, one after the other; begins before the
 * first event. Not thread-safe.
 */
public final class StepSession implements AutoCloseable {
  private static final int ROWS_OF_INFO = 5;
  private static final int ROWS_OF_LIST = 10;
  private static final int MOST_ROWS = 100_000;

  private final Stepper stepper;
  private final RunOutline run;
  private final int mostShown;
  private final StepCompletion completion;
  private final TreeSet<Long> watched = new TreeSet<>();

  /**
   * Begins.
   *
   * @param run that the index is of
   * @param mostShown events that a search shows at most
   * @param progress hears how far a search is; what it throws ends the search and nothing else
   */
  public StepSession(HostIndex index, RunOutline run, int mostShown, ReadProgress progress) {
    this.run = run;
    this.mostShown = mostShown;
    completion = new StepCompletion(run.devices());
    stepper = new Stepper(index, progress);
  }

  /** Goes to the last event before a moment. */
  public void goTo(Moment moment) {
    long events = Math.min(moment.events(), stepper.events());
    stepper.goTo(Math.min(events - 1, stepper.lastUpTo(moment.lastInstant())));
  }

  /**
   * Executes a command.
   *
   * @param line one command, not blank
   * @throws StepException if it cannot be understood; nothing has changed then
   */
  public StepAnswer execute(String line) {
    List<String> words = List.of(line.strip().split("\\s+"));
    StepCommand command = StepCommand.of(words.get(0));
    StepArguments arguments = new StepArguments(command, words.subList(1, words.size()));
    arguments.atMost(command.mostArguments());
    return switch (command) {
      case NEXT, PREV -> move(line, arguments);
      case CONTINUE, REVERSE_CONTINUE -> run(line, command);
      case GOTO -> jump(line, arguments);
      case WHERE -> place(line);
      case INFO -> info(line, arguments);
      case LIST -> list(line, arguments);
      case WATCH -> watch(line, arguments);
      case UNWATCH -> unwatch(line, arguments);
      case HELP -> help(line, arguments);
      case QUIT -> new StepAnswer(line, "", new StepAnswer.Usage(List.of()), true);
    };
  }

  private StepAnswer move(String line, StepArguments arguments) {
    boolean counted = arguments.word(0).matches("\\d+");
    long count = counted ? arguments.number(0, 1, Long.MAX_VALUE) : 1;
    EventFilter filter =
        EventFilter.parse(arguments.words().subList(counted ? 1 : 0, arguments.size()), run);
    return moved(line, arguments.command() == StepCommand.NEXT, filter, count);
  }

  private StepAnswer run(String line, StepCommand command) {
    boolean ahead = command == StepCommand.CONTINUE;
    if (!watched.isEmpty()) {
      return moved(line, ahead, EventFilter.touching(watched), 1);
    }
    stepper.goTo(ahead ? stepper.events() - 1 : -1);
    return place(line);
  }

  private StepAnswer moved(String line, boolean ahead, EventFilter filter, long count) {
    Stepper.Passed passed =
        ahead ? stepper.next(filter, count, mostShown) : stepper.previous(filter, count, mostShown);
    StringBuilder text = new StringBuilder();
    long hidden = passed.found() - passed.shown().size();
    if (hidden > 0) {
      text.append("  ... %d events before these\n".formatted(hidden));
    }
    passed.shown().forEach(event -> text.append(worded(event)));
    if (passed.found() < count) {
      text.append(
          "no %s%s%s; at %s\n"
              .formatted(
                  passed.found() == 0 ? "" : "more ",
                  filter.text().isEmpty() ? "event" : "event with " + filter.text(),
                  ahead ? " up to the end of the journal" : " back to the beginning of the journal",
                  spot()));
    }
    List<EventJson> events = passed.shown().stream().map(EventJson::of).toList();
    return new StepAnswer(
        line, text.toString(), new StepAnswer.Moved(passed.found(), events), false);
  }

  private static String worded(NumberedEvent event) {
    return "%10d  %s  %-22s  %s\n"
        .formatted(
            event.number(),
            Units.instant(event.event().t()),
            EventWording.kind(event.event()),
            EventWording.line(event.event()));
  }

  private StepAnswer jump(String line, StepArguments arguments) {
    String first = arguments.word(0);
    if (arguments.size() != (first.equals("event") ? 2 : 1)) {
      throw arguments.usage();
    }
    stepper.goTo(
        switch (first) {
          case "event" -> event(arguments);
          case "start" -> -1;
          case "end" -> stepper.events() - 1;
          default -> stepper.lastUpTo(instant(arguments));
        });
    return place(line);
  }

  private long event(StepArguments arguments) {
    long event = arguments.number(1, 0, Long.MAX_VALUE);
    if (event >= stepper.events()) {
      throw new StepException(
          "goto event %d: the journal has the events 0 to %d"
              .formatted(event, stepper.events() - 1));
    }
    return event;
  }

  private static long instant(StepArguments arguments) {
    try {
      return arguments.instant(0);
    } catch (StepException e) {
      throw new StepException(
          "goto: %s; an event is reached by goto event N".formatted(e.getMessage()));
    }
  }

  private StepAnswer place(String line) {
    long current = stepper.current();
    if (current < 0) {
      return new StepAnswer(
          line,
          "at the start, before %d events in %d batches\n"
              .formatted(stepper.events(), stepper.batches()),
          new StepAnswer.Place(null, -1, stepper.events(), stepper.batches()),
          false);
    }
    NumberedEvent event = stepper.event(current);
    int batch = stepper.batchOf(current);
    return new StepAnswer(
        line,
        worded(event)
            + "event %d of 0 to %d, batch %d of 0 to %d\n"
                .formatted(current, stepper.events() - 1, batch, stepper.batches() - 1),
        new StepAnswer.Place(EventJson.of(event), batch, stepper.events(), stepper.batches()),
        false);
  }

  private StepAnswer info(String line, StepArguments arguments) {
    int rows = rows(arguments, 0, ROWS_OF_INFO);
    HostState state = stepper.state();
    return new StepAnswer(line, StateText.of(state, rows), state, false);
  }

  /** The number of rows that stands at {@code index}, if one does. */
  private static int rows(StepArguments arguments, int index, int otherwise) {
    return index < arguments.size() ? (int) arguments.number(index, 1, MOST_ROWS) : otherwise;
  }

  private StepAnswer list(String line, StepArguments arguments) {
    boolean addressed = arguments.size() == 2 || !isRows(arguments.word(0));
    int most = rows(arguments, addressed ? 1 : 0, ROWS_OF_LIST);
    long pfn = addressed ? arguments.granule(0) : granuleAtHand();
    HostState state = stepper.state();
    MappingsAround around = MappingsAround.of(state, pfn, most);
    return new StepAnswer(line, around.text(pfn, state.t()), around, false);
  }

  /** Whether what stands alone behind list, or does not, says how many rather than where. */
  private static boolean isRows(String word) {
    return word.matches("\\d{0,6}") && (word.isEmpty() || Integer.parseInt(word) <= MOST_ROWS);
  }

  private long granuleAtHand() {
    return stepper
        .pfn()
        .orElseThrow(
            () ->
                new StepException(
                    "list around what? The event at hand names no address; give one, such as list"
                        + " 0xffff3000"));
  }

  private StepAnswer watch(String line, StepArguments arguments) {
    if (arguments.size() > 0) {
      watched.add(arguments.granule(0));
    }
    return watches(line);
  }

  private StepAnswer unwatch(String line, StepArguments arguments) {
    if (arguments.size() == 0) {
      watched.clear();
    } else if (!watched.remove(arguments.granule(0))) {
      throw new StepException("unwatch %s: it is not watched".formatted(arguments.word(0)));
    }
    return watches(line);
  }

  private StepAnswer watches(String line) {
    List<String> addresses = watched.stream().map(Units::address).toList();
    return new StepAnswer(
        line,
        addresses.isEmpty()
            ? "nothing is watched\n"
            : "watching " + String.join(", ", addresses) + "\n",
        new StepAnswer.Watches(addresses),
        false);
  }

  private static StepAnswer help(String line, StepArguments arguments) {
    List<StepCommand> commands =
        arguments.size() == 0
            ? List.of(StepCommand.values())
            : List.of(StepCommand.of(arguments.word(0)));
    StringBuilder text = new StringBuilder();
    commands.forEach(command -> text.append(command.help()).append('\n'));
    if (arguments.size() == 0) {
      text.append("keys: %s\n".formatted(String.join(", ", EventFilter.KEYS)));
    }
    List<String> usages = commands.stream().map(StepCommand::usage).toList();
    return new StepAnswer(line, text.toString(), new StepAnswer.Usage(usages), false);
  }

  /** Where it stands, in a few words. */
  public String spot() {
    return stepper.current() < 0 ? "start" : "event " + stepper.current();
  }

  /**
   * What the next word of a command can be.
   *
   * @param words the complete words before it
   */
  public List<String> candidates(List<String> words) {
    return completion.of(words, watched);
  }

  /** Gives back what it holds of the journal. */
  @Override
  public void close() {
    stepper.close();
  }
}
