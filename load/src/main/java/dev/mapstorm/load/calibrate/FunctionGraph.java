package dev.mapstorm.load.calibrate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The function_graph tracer, as trace-cmd report or the kernel prints it. Each function that is
 * traced costs the tracer's own time, which is in its caller's: it is taken for what the cheapest
 * leaf shows, and taken away once for a function and once for each that it calls. What is not twice
 * that is not told.
 */
final class FunctionGraph implements Instrument {
  private static final String BODY = "([-+!#*@$]?\\s*[\\d.]+ us)?\\s*\\|\\s*(.*?)\\s*";
  private static final Pattern REPORT =
      Pattern.compile(".*\\[(\\d+)\\].*funcgraph_(?:entry|exit):\\s*" + BODY);
  private static final Pattern KERNEL = Pattern.compile("\\s*(\\d+)\\)(?:.*\\|)?\\s*?" + BODY);
  private static final Pattern CALL =
      Pattern.compile("(\\w+)(?:\\.\\w+)*(?: \\[\\w+\\])?\\(.*\\)(;| \\{)");
  private static final int LEAST_CALLS = 10;

  /** A value is known to that part of it. */
  private static final double HALF_WIDTH = 0.3;

  /** A function that is running. */
  private static final class Frame {
    final String name;
    int traced;
    boolean searched;

    Frame(String name) {
      this.name = name;
    }
  }

  /** Calls of a function. */
  private static final class Calls {
    final List<Double> leafNs = new ArrayList<>();
    final List<double[]> nsAndTraced = new ArrayList<>();
    String at;
  }

  @Override
  public List<Finding> read(MeasuredFile file) {
    Map<String, Calls> calls = new LinkedHashMap<>();
    Map<String, Deque<Frame>> stacks = new LinkedHashMap<>();
    for (int i = 0; i < file.lines().size(); i++) {
      String line = file.lines().get(i);
      Matcher shape = REPORT.matcher(line);
      if (!shape.matches()) {
        shape = KERNEL.matcher(line);
      }
      if (shape.matches()) {
        take(
            stacks.computeIfAbsent(shape.group(1), cpu -> new ArrayDeque<>()),
            shape.group(2),
            shape.group(3),
            calls,
            file.at(i));
      }
    }
    return calls.isEmpty() ? List.of() : findings(calls, file);
  }

  private static void take(
      Deque<Frame> stack, String duration, String text, Map<String, Calls> calls, String at) {
    Matcher call = CALL.matcher(text);
    if (call.matches()) {
      if (call.group(2).equals(";")) {
        if (duration != null) {
          calls(calls, call.group(1), at).leafNs.add(ns(duration));
          calls(calls, call.group(1), at).nsAndTraced.add(new double[] {ns(duration), 0});
        }
        if (!stack.isEmpty()) {
          called(stack.peek(), call.group(1), 1);
        }
      } else {
        stack.push(new Frame(call.group(1)));
      }
    } else if (text.startsWith("}") && !stack.isEmpty()) {
      Frame frame = stack.pop();
      // A search of the tree is the tree's, not the caches'.
      if (duration != null && !frame.searched) {
        calls(calls, frame.name, at).nsAndTraced.add(new double[] {ns(duration), frame.traced});
      }
      if (!stack.isEmpty()) {
        called(stack.peek(), frame.name, 1 + frame.traced);
      }
    }
  }

  private static void called(Frame frame, String name, int traced) {
    frame.traced += traced;
    frame.searched |= frame.name.equals("alloc_iova_fast") && name.equals("alloc_iova");
  }

  private static Calls calls(Map<String, Calls> calls, String name, String at) {
    Calls of = calls.computeIfAbsent(name, key -> new Calls());
    of.at = of.at == null ? at : of.at;
    return of;
  }

  private static double ns(String duration) {
    return 1e3 * Double.parseDouble(duration.replaceAll("[^\\d.]", ""));
  }

  private static List<Finding> findings(Map<String, Calls> calls, MeasuredFile file) {
    Optional<Double> own =
        calls.values().stream()
            .filter(each -> each.leafNs.size() >= LEAST_CALLS)
            .map(each -> Medians.of(each.leafNs))
            .min(Double::compare);
    if (own.isEmpty()) {
      throw new CalibrationException(
          "%s: no function without traced callees is in it %d times, so that nothing shows what the tracer itself takes"
              .formatted(file.name(), LEAST_CALLS));
    }
    List<Finding> found = new ArrayList<>();
    int outermost = Integer.MAX_VALUE;
    for (Map.Entry<String, Calls> each : calls.entrySet()) {
      Optional<String> key = KernelFunctions.key(each.getKey());
      List<Double> times =
          each.getValue().nsAndTraced.stream()
              .map(call -> call[0] - own.get() * (1 + call[1]))
              .toList();
      if (key.isPresent() && times.size() >= LEAST_CALLS) {
        double ns = Medians.of(times);
        boolean sum = key.get().equals(Finding.INVALIDATION);
        int rank = KernelFunctions.rank(each.getKey());
        if (ns > 2 * own.get() && (!sum || rank < outermost)) {
          if (sum) {
            found.removeIf(before -> before.key().equals(Finding.INVALIDATION));
            outermost = rank;
          }
          found.add(
              new Finding(
                  key.get(),
                  ns,
                  Math.max(HALF_WIDTH * ns, own.get()),
                  "function_graph, %s, %d calls less %.0f ns of the tracer each"
                      .formatted(each.getKey(), times.size(), own.get()),
                  each.getValue().at));
        }
      }
    }
    return found;
  }
}
