package dev.mapstorm.protocol.event.declaration;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A declared kind of event.
 *
 * @param method name of its method
 * @param code in the journal
 * @param request whether it says what was asked for
 * @param when it is written, in Markdown
 * @param arguments after the instant, without the arrays of a list
 * @param list whether physical ranges follow its arguments, the last of which is their number
 */
record DeclaredEvent(
    String method,
    int code,
    boolean request,
    String when,
    List<DeclaredArgument> arguments,
    boolean list) {

  /** The constant of its kind. */
  String constant() {
    return method.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }

  /** What people call it. */
  String label() {
    return method.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /** Its record in {@code Event}. */
  String record() {
    return Character.toUpperCase(method.charAt(0)) + method.substring(1);
  }

  /** Words of one in the flat form, without its list. */
  int words() {
    return 1 + arguments.size();
  }

  /** The parameters of its method. */
  String parameters() {
    return "long t"
        + arguments.stream()
            .map(a -> ", " + a.type() + " " + a.name())
            .collect(Collectors.joining())
        + (list ? ", long[] phys, int[] length" : "");
  }

  int indexOf(String argument) {
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).name().equals(argument)) {
        return i;
      }
    }
    return -1;
  }
}
