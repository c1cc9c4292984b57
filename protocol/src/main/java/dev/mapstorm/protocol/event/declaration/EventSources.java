package dev.mapstorm.protocol.event.declaration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The sources that are made from declared events. */
final class EventSources {
  private static final String SINK = "EventSink";

  private final String packageName;
  private final List<DeclaredEvent> events;

  EventSources(String packageName, List<DeclaredEvent> events) {
    this.packageName = packageName;
    this.events = events;
  }

  /** Each source by the simple name of its class. */
  Map<String, String> all() {
    Map<String, String> sources = new LinkedHashMap<>();
    sources.put("EventKind", kinds());
    sources.put("Event", values());
    sources.put("EventRecorder", recorder());
    sources.put("FlatEvents", flat());
    sources.put("PartialSink", partial());
    sources.put("HeadSink", heads());
    sources.put("EventFanout", fanout());
    sources.put("ArgumentLabels", labels());
    sources.replaceAll(
        (name, body) ->
            "// Made from EventSink by EventProcessor: change the declaration.\npackage %s;\n\n%s"
                .formatted(packageName, body));
    return sources;
  }

  private String each(String separator, Function<DeclaredEvent, String> text) {
    return events.stream().map(text).collect(Collectors.joining(separator));
  }

  private static String calls(DeclaredEvent event, String list) {
    return event.arguments().stream()
        .map(DeclaredArgument::name)
        .map(name -> event.list() && name.equals("n") ? list : ", " + name)
        .collect(Collectors.joining("", "t", ""));
  }

  private String kinds() {
    int codes = events.get(events.size() - 1).code() + 1;
    return """
        import dev.mapstorm.protocol.event.Column.Mode;
        import dev.mapstorm.protocol.event.declaration.Unit;
        import java.util.List;

        /** The kinds of event, one for each method of {@link %s}. */
        public enum EventKind {
        %s;

          /** One more than the largest code. */
          public static final int CODES = %d;

          private static final EventKind[] BY_CODE = new EventKind[CODES];
          private static final int[] WORDS = new int[CODES];

          static {
            for (EventKind kind : values()) {
              BY_CODE[kind.code] = kind;
              WORDS[kind.code] = 1 + kind.columns.size();
            }
          }

          private final int code;
          private final String label;
          private final boolean request;
          private final List<Column> columns;

          EventKind(int code, String label, boolean request, Column... columns) {
            this.code = code;
            this.label = label;
            this.request = request;
            this.columns = List.of(columns);
          }

          /** Its number in the journal, below {@link #CODES}. */
          public int code() {
            return code;
          }

          /** What reports and filters call it. */
          public String label() {
            return label;
          }

          /** Whether it says what was asked for (independent of policy) rather than what came of it. */
          public boolean isRequest() {
            return request;
          }

          /** The arguments after the instant, in order; {@link #DMA_REQUESTED} has a list after them. */
          public List<Column> columns() {
            return columns;
          }

          /** Words of an event with this code in the flat form, without its list. */
          static int words(int code) {
            return WORDS[code];
          }

          /** The kind with this code, or null. */
          public static EventKind of(int code) {
            return code >= 0 && code < CODES ? BY_CODE[code] : null;
          }
        }
        """
        .formatted(SINK, each(",\n", this::constant), codes);
  }

  private String constant(DeclaredEvent event) {
    StringBuilder text =
        new StringBuilder(
            "  /** {@link %s#%s}: %s. */\n".formatted(SINK, event.method(), plain(event)));
    text.append(
        "  %s(%d, \"%s\", %s"
            .formatted(event.constant(), event.code(), event.label(), event.request()));
    for (DeclaredArgument argument : event.arguments()) {
      text.append(
          ",\n      new Column(\"%s\", Mode.%s, %d, Unit.%s)"
              .formatted(
                  argument.name(),
                  argument.mode(),
                  argument.key().isEmpty() ? 0 : event.indexOf(argument.key()),
                  argument.unit()));
    }
    return text.append(")").toString();
  }

  private static String plain(DeclaredEvent event) {
    return event.when().replace("`", "");
  }

  private String values() {
    return """
        import dev.mapstorm.protocol.Phyr;
        import java.util.List;

        /**
         * An event as a value, for tools that show, compare or select events one by one. Whoever reads
         * millions uses an {@link %1$s}. Each record has the arguments of the sink method of its name.
         */
        public sealed interface Event {
          /** The virtual instant in nanoseconds. */
          long t();

          /** What kind it is. */
          EventKind eventKind();

          /** Calls the method of {@code sink} that this event is. */
          void to(%1$s sink);

          /** What a client asked for, independent of policy: it can be run again under another one. */
          sealed interface Request extends Event {}

          /** What came of a request under the policy, platform and timing of this run. */
          sealed interface Outcome extends Event {}

        %2$s}
        """
        .formatted(SINK, each("\n", EventSources::value));
  }

  private static String value(DeclaredEvent event) {
    String parameters =
        event.parameters().replace(", int n, long[] phys, int[] length", ", List<Phyr> phyrs");
    String body =
        event.list()
            ? """
                    long[] phys = phyrs.stream().mapToLong(Phyr::start).toArray();
                    int[] length = phyrs.stream().mapToInt(Phyr::length).toArray();
                    sink.%s(%s, phys, length);
              """
                .formatted(event.method(), calls(event, ", phyrs.size()"))
            : "      sink.%s(%s);\n".formatted(event.method(), calls(event, ""));
    String copy =
        event.list()
            ? """
                  /** Keeps an unmodifiable copy of the list. */
                  public %s {
                    phyrs = List.copyOf(phyrs);
                  }

              """
                .formatted(event.record())
            : "";
    return """
          /** {@link %1$s#%2$s}. */
          record %3$s(%4$s) implements %5$s {
        %6$s    @Override
            public EventKind eventKind() {
              return EventKind.%7$s;
            }

            @Override
            public void to(%1$s sink) {
        %8$s    }
          }
        """
        .formatted(
            SINK,
            event.method(),
            event.record(),
            parameters,
            event.request() ? "Request" : "Outcome",
            copy,
            event.constant(),
            body);
  }

  private String recorder() {
    return """
        import dev.mapstorm.protocol.Phyr;
        import java.util.ArrayList;
        import java.util.List;
        import java.util.function.Consumer;

        /** Turns the calls of a sink into {@link Event} values. */
        public final class EventRecorder implements %s {
          private final Consumer<Event> target;

          /** Hands every event to {@code target}, in order. */
          public EventRecorder(Consumer<Event> target) {
            this.target = target;
          }

          private static List<Phyr> phyrs(int n, long[] phys, int[] length) {
            List<Phyr> phyrs = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
              phyrs.add(new Phyr(phys[i], length[i]));
            }
            return phyrs;
          }
        %s}
        """
        .formatted(
            SINK,
            each(
                "",
                event ->
                    """

                      @Override
                      public void %s(%s) {
                        target.accept(new Event.%s(%s));
                      }
                    """
                        .formatted(
                            event.method(),
                            event.parameters(),
                            event.record(),
                            calls(event, ", phyrs(n, phys, length)"))));
  }

  private String partial() {
    return """
        /**
         * A sink that hears some kinds of event: those whose methods it overrides, and which it names in
         * {@link Hears}.
         */
        public abstract class PartialSink implements %s {
          /** For those that hear some. */
          protected PartialSink() {}
        %s}
        """
        .formatted(
            SINK,
            each(
                "",
                event ->
                    "\n  @Override\n  public void %s(%s) {}\n"
                        .formatted(event.method(), event.parameters())));
  }

  private String heads() {
    return """
        /** A sink that hears of every event no more than its kind and instant. */
        public abstract class HeadSink implements %s {
          /** For those that count. */
          protected HeadSink() {}

          /** An event. */
          protected abstract void head(EventKind kind, long t);
        %s}
        """
        .formatted(
            SINK,
            each(
                "",
                event ->
                    """

                      @Override
                      public final void %s(%s) {
                        head(EventKind.%s, t);
                      }
                    """
                        .formatted(event.method(), event.parameters(), event.constant())));
  }

  private String fanout() {
    return """
        import java.util.Arrays;
        import java.util.List;

        /**
         * Hands each event to those of several sinks that hear its kind, in their order: a {@link
         * PartialSink} hears the kinds that its {@link Hears} names, any other sink all.
         */
        public class EventFanout implements %1$s {
        %2$s
          /** To these sinks. */
          public EventFanout(List<? extends %1$s> sinks) {
        %3$s  }

          private static %1$s[] hearing(List<? extends %1$s> sinks, EventKind kind) {
            return sinks.stream().filter(sink -> hears(sink, kind)).toArray(%1$s[]::new);
          }

          private static boolean hears(%1$s sink, EventKind kind) {
            Hears named = sink.getClass().getAnnotation(Hears.class);
            return !(sink instanceof PartialSink)
                || named != null && Arrays.asList(named.value()).contains(kind);
          }
        %4$s}
        """
        .formatted(
            SINK,
            each("", event -> "  private final %s[] %s;\n".formatted(SINK, event.method())),
            each(
                "",
                event ->
                    "    %s = hearing(sinks, EventKind.%s);\n"
                        .formatted(event.method(), event.constant())),
            each(
                "",
                event ->
                    """

                      @Override
                      public final void %1$s(%2$s) {
                        for (%3$s sink : this.%1$s) {
                          sink.%1$s(%4$s);
                        }
                      }
                    """
                        .formatted(
                            event.method(),
                            event.parameters(),
                            SINK,
                            calls(event, ", n, phys, length"))));
  }

  private String flat() {
    return """
        /**
         * What {@link EventWords} does for each kind of event: append it to the words, and call the method
         * of a sink that it is. An event is a word with its code in the lower 8 bits and its instant above,
         * then a word for each argument, then two for each physical range of its list.
         */
        public abstract sealed class FlatEvents extends WordBuffer implements %1$s permits EventWords {
          FlatEvents(int capacity) {
            super(capacity);
          }
        %2$s
          /** Calls {@code sink} for the event whose head is word {@code p}. */
          final void dispatch(int p, %1$s sink) {
            long[] w = words;
            switch ((int) w[p] & 0xff) {
        %3$s      default -> throw new IllegalStateException("no event has code " + (w[p] & 0xff));
            }
          }
        }
        """
        .formatted(SINK, each("", EventSources::append), each("", EventSources::dispatch));
  }

  private static String append(DeclaredEvent event) {
    StringBuilder body = new StringBuilder();
    int word = 1;
    for (DeclaredArgument argument : event.arguments()) {
      body.append("    words[p + %d] = %s;\n".formatted(word++, argument.name()));
    }
    if (event.list()) {
      body.append("    putList(p + %d, n, phys, length);\n".formatted(word));
    }
    return """

          @Override
          public final void %s(%s) {
            int p = open(t << 8 | %d, %d%s);
        %s  }
        """
        .formatted(
            event.method(),
            event.parameters(),
            event.code(),
            event.words(),
            event.list() ? " + 2 * n" : "",
            body);
  }

  private static String dispatch(DeclaredEvent event) {
    StringBuilder arguments = new StringBuilder("w[p] >>> 8");
    int word = 1;
    for (DeclaredArgument argument : event.arguments()) {
      arguments.append(argument.isLong() ? ", w[p + %d]" : ", (int) w[p + %d]");
      arguments.replace(0, arguments.length(), arguments.toString().formatted(word++));
    }
    if (event.list()) {
      String list = "takeList(p + %d, (int) w[p + %d])".formatted(word, word - 1);
      return """
                case %d -> {
                  %s;
                  sink.%s(%s, phys, length);
                }
          """
          .formatted(event.code(), list, event.method(), arguments);
    }
    return "      case %d -> sink.%s(%s);\n".formatted(event.code(), event.method(), arguments);
  }

  private String labels() {
    Map<String, String> codes = new TreeMap<>();
    for (DeclaredEvent event : events) {
      for (DeclaredArgument argument : event.arguments()) {
        if (!argument.codes().isEmpty()) {
          codes.put(argument.name(), argument.codes().replaceFirst("\\\\.class$", ""));
        }
      }
    }
    String names = codes.keySet().stream().collect(Collectors.joining("\", \"", "\"", "\""));
    StringBuilder cases = new StringBuilder();
    codes.forEach(
        (name, type) ->
            cases.append("      case \"%s\" -> %s.of(code).label();\n".formatted(name, type)));
    return """
        import dev.mapstorm.protocol.LockClass;

        /** What the codes in the arguments of events stand for, by the name of the argument. */
        public final class ArgumentLabels {
          private ArgumentLabels() {}

          /** Whether the argument of this name is a code and not a number. */
          public static boolean isCode(String argument) {
            return switch (argument) {
              case %s, "instance" -> true;
              default -> false;
            };
          }

          /**
           * The label of a code.
           *
           * @param argument one that {@link #isCode} knows
           * @param lock code of the event's {@code lock} where the argument is its {@code instance}, else
           *     of no meaning
           * @throws IllegalArgumentException if there is no such argument or code
           */
          public static String label(String argument, int code, int lock) {
            return switch (argument) {
        %s      case "instance" -> LockClass.of(lock).describe(code);
              default -> throw new IllegalArgumentException(argument + " is no code");
            };
          }
        }
        """
        .formatted(names, cases);
  }
}
