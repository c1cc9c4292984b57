package dev.mapstorm.protocol.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.Phyr;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link EventSink} declares the events; what is made from it must agree with it. */
class EventListTest {
  private static final List<String> LIST_ARGUMENTS = List.of("phys", "length");

  static Stream<Method> sinkMethods() {
    return Arrays.stream(EventSink.class.getDeclaredMethods())
        .filter(m -> !Modifier.isStatic(m.getModifiers()) && !m.isSynthetic());
  }

  @Test
  void everyKindAndEveryRecordHasASinkMethod() {
    List<String> methods = sinkMethods().map(Method::getName).toList();

    assertThat(Arrays.stream(EventKind.values()).map(k -> camel(k.name())))
        .containsExactlyInAnyOrderElementsOf(methods);
    assertThat(eventRecords().map(c -> decapitalised(c.getSimpleName())))
        .containsExactlyInAnyOrderElementsOf(methods);
  }

  @Test
  void codesAscendAndFitTheHeadOfAnEvent() {
    List<Integer> codes = Arrays.stream(EventKind.values()).map(EventKind::code).toList();

    assertThat(codes).isSorted().doesNotHaveDuplicates();
    assertThat(codes).allMatch(code -> code > 0 && code < EventKind.CODES && code <= 0xff);
    assertThat(Arrays.stream(EventKind.values()).map(k -> EventKind.of(k.code())))
        .containsExactly(EventKind.values());
    assertThat(EventKind.of(0)).isNull();
    assertThat(EventKind.of(EventKind.CODES)).isNull();
  }

  @ParameterizedTest
  @MethodSource("sinkMethods")
  void columnsAreTheArgumentsBehindTheInstant(Method method) {
    List<Parameter> parameters = List.of(method.getParameters());
    EventKind kind = kind(method);

    assertThat(parameters.get(0).getType()).isEqualTo(long.class);
    assertThat(parameters.get(0).getName()).isEqualTo("t");
    assertThat(kind.columns().stream().map(Column::name))
        .containsExactlyElementsOf(
            parameters.stream()
                .skip(1)
                .map(Parameter::getName)
                .filter(name -> !LIST_ARGUMENTS.contains(name))
                .toList());
    assertThat(kind.label()).isEqualTo(kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  @ParameterizedTest
  @MethodSource("sinkMethods")
  void aKeyIsAColumnBeforeTheOneThatUsesIt(Method method) {
    List<Column> columns = kind(method).columns();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      if (column.mode() != Column.Mode.PLAIN) {
        assertThat(column.key()).isLessThan(i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sinkMethods")
  void theRecordHasTheArgumentsAndTheSideOfItsMethod(Method method) {
    Class<?> record = record(method);
    List<String> expected =
        Arrays.stream(method.getParameters())
            .filter(p -> !LIST_ARGUMENTS.contains(p.getName()))
            .map(
                p ->
                    p.getName().equals("n")
                        ? List.class + " phyrs"
                        : p.getType() + " " + p.getName())
            .toList();

    assertThat(
            Arrays.stream(record.getRecordComponents()).map(c -> c.getType() + " " + c.getName()))
        .containsExactlyElementsOf(expected);
    assertThat(Event.Request.class.isAssignableFrom(record)).isEqualTo(kind(method).isRequest());
  }

  @ParameterizedTest
  @MethodSource("sinkMethods")
  void wordsCallTheMethodThatFilledThem(Method method) throws Exception {
    List<Object> arguments = arguments(method);
    EventWords words = new EventWords(0);

    method.invoke(words, arguments.toArray());

    assertThat(words.count()).isEqualTo(1);
    assertThat(words.count(kind(method))).isEqualTo(1);
    assertThat(words.kindCounts()[kind(method).code()]).isEqualTo(1);
    assertThat(words.firstInstant()).isEqualTo(arguments.get(0));
    assertThat(words.lastInstant()).isEqualTo(arguments.get(0));
    List<Call> calls = new ArrayList<>();
    words.forEach(recordingSink(calls));
    assertThat(calls).containsExactly(new Call(method.getName(), trimmed(arguments)));
  }

  @ParameterizedTest
  @MethodSource("sinkMethods")
  void theRecorderMakesTheRecordAndTheRecordCallsTheMethod(Method method) throws Exception {
    List<Object> arguments = arguments(method);
    List<Event> events = new ArrayList<>();

    method.invoke(new EventRecorder(events::add), arguments.toArray());

    assertThat(events).hasSize(1);
    assertThat(events.get(0)).isInstanceOf(record(method));
    assertThat(events.get(0).eventKind()).isEqualTo(kind(method));
    assertThat(components(events.get(0))).containsExactlyElementsOf(asComponents(arguments));
    List<Call> calls = new ArrayList<>();
    events.get(0).to(recordingSink(calls));
    assertThat(calls).containsExactly(new Call(method.getName(), trimmed(arguments)));
  }

  @Test
  void appendedEventsAreCountedAndStayWhereTheyWere() {
    EventWords one = new EventWords(0);
    EventWords other = new EventWords(0);
    one.cpuStolen(4, 1, 2, 3);
    assertThat(one.count(EventKind.CPU_STOLEN)).isEqualTo(1);
    other.cpuStolen(7, 1, 2, 3);
    other.completed(9, 1, 2, 3);

    one.append(other);

    assertThat(one.count()).isEqualTo(3);
    assertThat(one.count(EventKind.CPU_STOLEN)).isEqualTo(2);
    assertThat(one.count(EventKind.COMPLETED)).isEqualTo(1);
    assertThat(one.firstInstant()).isEqualTo(4);
    assertThat(one.lastInstant()).isEqualTo(9);
    assertThat(other.count()).isEqualTo(2);
    assertThat(other.firstInstant()).isEqualTo(7);
    assertThat(other.lastInstant()).isEqualTo(9);
  }

  private record Call(String method, List<Object> arguments) {}

  static Stream<Class<?>> eventRecords() {
    return Stream.of(Event.Request.class, Event.Outcome.class)
        .flatMap(side -> Arrays.stream(side.getPermittedSubclasses()));
  }

  /** Distinct values for all arguments; an {@code int} differs from a {@code long} in its sign. */
  private static List<Object> arguments(Method method) {
    List<Object> arguments = new ArrayList<>();
    for (Parameter parameter : method.getParameters()) {
      int i = arguments.size() + 1;
      if (parameter.getType() == long[].class) {
        arguments.add(new long[] {0x1000L * i, 0x7_0000_0123L});
      } else if (parameter.getType() == int[].class) {
        arguments.add(new int[] {4096, i});
      } else if (parameter.getName().equals("n")) {
        arguments.add(2);
      } else if (parameter.getType() == long.class) {
        arguments.add((1L << 40) + i);
      } else {
        arguments.add(Integer.MAX_VALUE - i);
      }
    }
    return arguments;
  }

  private static EventSink recordingSink(List<Call> calls) {
    return (EventSink)
        Proxy.newProxyInstance(
            EventSink.class.getClassLoader(),
            new Class<?>[] {EventSink.class},
            (proxy, method, arguments) -> {
              calls.add(new Call(method.getName(), trimmed(List.of(arguments))));
              return null;
            });
  }

  /** Arrays as lists of the valid elements, so that they compare. */
  private static List<Object> trimmed(List<Object> arguments) {
    List<Object> trimmed = new ArrayList<>();
    for (Object argument : arguments) {
      if (argument instanceof long[] longs) {
        trimmed.add(Arrays.stream(longs).limit(2).boxed().toList());
      } else if (argument instanceof int[] ints) {
        trimmed.add(Arrays.stream(ints).limit(2).boxed().toList());
      } else {
        trimmed.add(argument);
      }
    }
    return trimmed;
  }

  /** What the record of these arguments has: one list of ranges for the last three. */
  private static List<Object> asComponents(List<Object> arguments) {
    int last = arguments.size() - 1;
    if (!(arguments.get(last) instanceof int[] lengths)) {
      return arguments;
    }
    long[] phys = (long[]) arguments.get(last - 1);
    List<Object> components = new ArrayList<>(arguments.subList(0, last - 2));
    components.add(List.of(new Phyr(phys[0], lengths[0]), new Phyr(phys[1], lengths[1])));
    return components;
  }

  private static List<Object> components(Event event)
      throws IllegalAccessException, InvocationTargetException {
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : event.getClass().getRecordComponents()) {
      values.add(component.getAccessor().invoke(event));
    }
    return values;
  }

  private static EventKind kind(Method method) {
    return Arrays.stream(EventKind.values())
        .filter(k -> camel(k.name()).equals(method.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static Class<?> record(Method method) {
    return eventRecords()
        .filter(c -> decapitalised(c.getSimpleName()).equals(method.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static String camel(String constant) {
    StringBuilder name = new StringBuilder();
    for (String word : constant.toLowerCase(Locale.ROOT).split("_")) {
      name.append(
          name.isEmpty()
              ? word
              : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return name.toString();
  }

  private static String decapitalised(String name) {
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }
}
