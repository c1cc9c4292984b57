package dev.mapstorm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Sinks that hear some kinds of events name those that they override, and no others. */
class HeardEventsTest {
  private static final Map<EventKind, Method> METHODS = methods();

  /** {@code iova-freed} is told by {@code iovaFreed}. */
  private static Map<EventKind, Method> methods() {
    Map<String, Method> byName =
        Arrays.stream(EventSink.class.getDeclaredMethods())
            .collect(
                Collectors.toMap(each -> each.getName().toLowerCase(Locale.ROOT), each -> each));
    Map<EventKind, Method> methods = new EnumMap<>(EventKind.class);
    for (EventKind kind : EventKind.values()) {
      methods.put(kind, byName.get(kind.label().replace("-", "")));
    }
    return methods;
  }

  private static List<? extends Class<?>> partialSinks() {
    return new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.mapstorm")
            .stream()
            .filter(each -> each.isAssignableTo(PartialSink.class))
            .filter(each -> !each.isEquivalentTo(PartialSink.class))
            .map(JavaClass::reflect)
            .toList();
  }

  private static Set<EventKind> named(Class<?> sink) {
    Hears hears = sink.getAnnotation(Hears.class);
    Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
    if (hears != null) {
      kinds.addAll(List.of(hears.value()));
    }
    return kinds;
  }

  private static Set<EventKind> overridden(Class<?> sink) {
    Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
    METHODS.forEach(
        (kind, method) -> {
          try {
            Method found = sink.getMethod(method.getName(), method.getParameterTypes());
            if (found.getDeclaringClass() != PartialSink.class) {
              kinds.add(kind);
            }
          } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
          }
        });
    return kinds;
  }

  @Test
  void aSinkNamesTheKindsThatItOverrides() {
    Map<String, Set<EventKind>> named = new TreeMap<>();
    Map<String, Set<EventKind>> overridden = new TreeMap<>();
    for (Class<?> sink : partialSinks()) {
      named.put(sink.getName(), named(sink));
      overridden.put(sink.getName(), overridden(sink));
    }

    assertThat(METHODS.values()).doesNotContainNull().doesNotHaveDuplicates();
    assertThat(named).hasSizeGreaterThan(15).isEqualTo(overridden);
  }
}
