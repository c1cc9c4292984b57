package dev.mapstorm.load.step;

import dev.mapstorm.load.diff.EventJson;
import dev.mapstorm.load.diff.EventWording;
import dev.mapstorm.load.diff.NumberedEvent;
import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.load.scenario.Quantity;
import dev.mapstorm.persistence.index.HostIndex;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.replay.StateText;
import dev.mapstorm.persistence.replay.Units;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final HostIndex index;
  private final List<String> devices;
  private final int mostShown;
  private final HostIndex.Progress progress;
  private final TreeSet<Long> watched = new TreeSet<>();

  /**
   * Begins.
   *
   * @param devices names of the run's devices, by number
   * @param mostShown events that a search shows at most
   * @param progress hears how far a search is; what it throws ends the search and nothing else
   */
  public StepSession(
      HostIndex index, List<String> devices, int mostShown, HostIndex.Progress progress) {
    this.index = index;
    this.devices = devices;
    this.mostShown = mostShown;
    this.progress = progress;
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
    List<String> words = Arrays.asList(line.strip().split("\\s+"));
    StepCommand command = StepCommand.of(words.get(0));
    List<String> arguments = words.subList(1, words.size());
    return switch (command) {
      case NEXT, PREV -> move(line, command, arguments);
      case CONTINUE, REVERSE_CONTINUE -> {
        none(command, arguments);
        yield run(line, command);
      }
      case GOTO -> jump(line, arguments);
      case WHERE -> {
        none(command, arguments);
        yield place(line);
      }
      case INFO -> info(line, arguments);
      case LIST -> list(line, arguments);
      case WATCH -> watch(line, arguments);
      case UNWATCH -> unwatch(line, arguments);
      case HELP -> help(line, arguments);
      case QUIT -> {
        none(command, arguments);
        yield new StepAnswer(line, "", new StepAnswer.Usage(List.of()), true);
      }
    };
  }

  private StepAnswer move(String line, StepCommand command, List<String> arguments) {
    boolean counted = !arguments.isEmpty() && arguments.get(0).matches("\\d+");
    long count = counted ? number(arguments.get(0), Long.MAX_VALUE) : 1;
    EventFilter filter =
        EventFilter.parse(
            arguments.subList(counted ? 1 : 0, arguments.size()),
            devices,
            device -> index.clients(device, Moment.END, progress));
    return moved(line, command == StepCommand.NEXT, filter, count);
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

  private StepAnswer jump(String line, List<String> arguments) {
    String first = arguments.isEmpty() ? "" : arguments.get(0);
    if (first.equals("event") && arguments.size() == 2) {
      long event = number(arguments.get(1), Long.MAX_VALUE);
      if (event >= stepper.events()) {
        throw new StepException(
            "goto event %d: the journal has the events 0 to %d"
                .formatted(event, stepper.events() - 1));
      }
      stepper.goTo(event);
    } else if (arguments.size() != 1) {
      throw usage(StepCommand.GOTO);
    } else if (first.equals("start")) {
      stepper.goTo(-1);
    } else if (first.equals("end")) {
      stepper.goTo(stepper.events() - 1);
    } else {
      stepper.goTo(stepper.lastUpTo(instant(first)));
    }
    return place(line);
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

  private StepAnswer info(String line, List<String> arguments) {
    if (arguments.size() > 1) {
      throw usage(StepCommand.INFO);
    }
    int rows = arguments.isEmpty() ? ROWS_OF_INFO : (int) number(arguments.get(0), MOST_ROWS);
    HostState state = stepper.state();
    return new StepAnswer(line, StateText.of(state, rows), state, false);
  }

  private StepAnswer list(String line, List<String> arguments) {
    boolean addressed = arguments.size() == 2 || arguments.size() == 1 && !isRows(arguments.get(0));
    int rest = arguments.size() - (addressed ? 1 : 0);
    if (arguments.size() > 2) {
      throw usage(StepCommand.LIST);
    }
    int most =
        rest == 0
            ? ROWS_OF_LIST
            : (int) Math.max(1, number(arguments.get(addressed ? 1 : 0), MOST_ROWS));
    long pfn =
        addressed
            ? pfn(arguments.get(0))
            : stepper
                .pfn()
                .orElseThrow(
                    () ->
                        new StepException(
                            "list around what? The event at hand names no address; give one, such as"
                                + " list 0xffff3000"));
    HostState state = stepper.state();
    MappingsAround around = MappingsAround.of(state, pfn, most);
    return new StepAnswer(line, around.text(pfn, state.t()), around, false);
  }

  /** Whether a lone argument of list says how many rather than where. */
  private static boolean isRows(String argument) {
    return argument.matches("\\d{1,6}") && Integer.parseInt(argument) <= MOST_ROWS;
  }

  private StepAnswer watch(String line, List<String> arguments) {
    if (arguments.size() > 1) {
      throw usage(StepCommand.WATCH);
    }
    arguments.forEach(address -> watched.add(pfn(address)));
    return watches(line);
  }

  private StepAnswer unwatch(String line, List<String> arguments) {
    if (arguments.size() > 1) {
      throw usage(StepCommand.UNWATCH);
    }
    if (arguments.isEmpty()) {
      watched.clear();
    } else if (!watched.remove(pfn(arguments.get(0)))) {
      throw new StepException("unwatch %s: it is not watched".formatted(arguments.get(0)));
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

  private static StepAnswer help(String line, List<String> arguments) {
    if (arguments.size() > 1) {
      throw usage(StepCommand.HELP);
    }
    List<StepCommand> commands =
        arguments.isEmpty()
            ? List.of(StepCommand.values())
            : List.of(StepCommand.of(arguments.get(0)));
    StringBuilder text = new StringBuilder();
    List<String> usages = new ArrayList<>();
    for (StepCommand command : commands) {
      usages.add(command.usage());
      String names = String.join(", ", command.names().subList(1, command.names().size()));
      text.append(
          "%-40s %s%s\n"
              .formatted(
                  command.usage(),
                  command.description(),
                  names.isEmpty() ? "" : " (also " + names + ")"));
    }
    if (arguments.isEmpty()) {
      text.append("keys: %s\n".formatted(String.join(", ", EventFilter.KEYS)));
    }
    return new StepAnswer(line, text.toString(), new StepAnswer.Usage(usages), false);
  }

  private static void none(StepCommand command, List<String> arguments) {
    if (!arguments.isEmpty()) {
      throw usage(command);
    }
  }

  private static StepException usage(StepCommand command) {
    return new StepException("usage: " + command.usage());
  }

  private static long number(String text, long most) {
    if (!text.matches("\\d{1,18}") || Long.parseLong(text) > most) {
      throw new StepException("%s: must be a number from 0 to %d".formatted(text, most));
    }
    return Long.parseLong(text);
  }

  private static long pfn(String address) {
    try {
      return Granule.pfn(RunNames.address(address));
    } catch (IllegalArgumentException e) {
      throw new StepException(e.getMessage());
    }
  }

  private static long instant(String text) {
    try {
      return Quantity.TIME.parse(text);
    } catch (IllegalArgumentException e) {
      throw new StepException(
          "goto: %s; an event is reached by goto event N".formatted(e.getMessage()));
    }
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
    if (words.isEmpty()) {
      return StepCommand.allNames().toList();
    }
    try {
      return switch (StepCommand.of(words.get(0))) {
        case NEXT, PREV -> conditions();
        case GOTO -> words.size() == 1 ? List.of("event", "start", "end") : List.of();
        case LIST, UNWATCH -> watched.stream().map(Units::address).toList();
        case HELP -> StepCommand.allNames().toList();
        default -> List.of();
      };
    } catch (StepException e) {
      // No command, so nothing can follow.
      return List.of();
    }
  }

  private List<String> conditions() {
    List<String> conditions = new ArrayList<>();
    RunNames.kinds().forEach(kind -> conditions.add("kind=" + kind));
    devices.forEach(device -> conditions.add("device=" + device));
    RunNames.locks().forEach(lock -> conditions.add("lock=" + lock));
    EventFilter.KEYS.stream()
        .map(key -> key + "=")
        .filter(key -> conditions.stream().noneMatch(each -> each.startsWith(key)))
        .forEach(conditions::add);
    return conditions;
  }

  /** Gives back what it holds of the journal. */
  @Override
  public void close() {
    stepper.close();
  }
}
