package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.twostep.IovaState;
import dev.mapstorm.actors.model.twostep.TwoStepCalls;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Direction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs {@link TwoStepCalls} over recorded calls on one domain and compares what each answered and
 * did, step by step.
 *
 * <p>The first line of a file, plain or gzip, is the setting; then one call a line.
 */
public final class TwoStepConformance {
  private static final int MAX_STEPS = 1 << 20;
  private static final String[] ANSWERS = {"op", "cpu", "did", "warn"};

  private final TextLines lines;
  private final Mismatches mismatches = new Mismatches();
  private final Map<Long, IovaState> batches = new HashMap<>();
  private TwoStepSetting setting;
  private RecordedDomain domain;
  private TwoStepCalls calls;
  private long operations;

  private TwoStepConformance(TextLines lines) {
    this.lines = lines;
  }

  /**
   * Checks a file. After a mismatch the run continues with the model's own state.
   *
   * @throws TextFormatException if it cannot be read, holds no call, or holds a line that is not
   *     one
   */
  public static ConformanceResult check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /** As {@link #check(Path)}, from lines that stay the caller's to close. */
  public static ConformanceResult check(TextLines lines) {
    return new TwoStepConformance(lines).run();
  }

  private ConformanceResult run() {
    if (lines.advance()) {
      setting = TwoStepSetting.read(JsonLine.read(lines));
      domain = new RecordedDomain(setting);
      calls = new TwoStepCalls(setting.rules(), domain);
    }
    while (lines.advance()) {
      operations++;
      JsonLine line = JsonLine.read(lines);
      try {
        compare(line, call(line));
      } catch (IllegalArgumentException e) {
        throw lines.error(e.getMessage());
      }
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no call");
    }
    return mismatches.result(operations);
  }

  /** Makes the call of a line; answers what the line must say of its results. */
  private Map<String, String> call(JsonLine line) {
    domain.begin(line.integer("cpu", 0, setting.cpus() - 1));
    return switch (line.text("op")) {
      case "try_alloc" -> tryAlloc(only(line, "id", "phys", "size", "ok", "addr"));
      case "link" ->
          link(only(line, "id", "phys", "offset", "len", "dir", "failMap", "failBounce", "error"));
      case "sync" -> sync(only(line, "id", "offset", "len", "failSync", "error"));
      case "unlink" -> unlink(only(line, "id", "offset", "len", "dir"));
      case "destroy" -> destroy(only(line, "id", "mappedLen", "dir"));
      case "free" -> free(only(line, "id"));
      case "timer" -> timer(only(line));
      default ->
          throw line.error(
              "op",
              "none of try_alloc, link, sync, unlink, destroy, free and timer",
              line.value("op"));
    };
  }

  private static JsonLine only(JsonLine line, String... keys) {
    List<String> known = new ArrayList<>(List.of(ANSWERS));
    known.addAll(List.of(keys));
    return line.only(known.toArray(String[]::new));
  }

  private Map<String, String> tryAlloc(JsonLine line) {
    IovaState state = new IovaState();
    boolean ok = calls.tryAlloc(state, line.unsigned("phys"), line.unsigned("size"));
    batches.put(line.number("id", 0, Long.MAX_VALUE), state);
    return Map.of("ok", Boolean.toString(ok), "addr", Long.toUnsignedString(state.addr()));
  }

  private Map<String, String> link(JsonLine line) {
    int failMap = line.has("failMap") ? line.integer("failMap", 1, Integer.MAX_VALUE) : 0;
    int failBounce = line.has("failBounce") ? line.integer("failBounce", 1, Integer.MAX_VALUE) : 0;
    domain.fail(failMap, failBounce, false);
    return error(
        calls.link(
            batch(line),
            line.unsigned("phys"),
            length(line, "offset"),
            length(line, "len"),
            direction(line)));
  }

  private Map<String, String> sync(JsonLine line) {
    domain.fail(0, 0, line.has("failSync") && line.bool("failSync"));
    return error(calls.sync(batch(line), length(line, "offset"), length(line, "len")));
  }

  private Map<String, String> unlink(JsonLine line) {
    calls.unlink(batch(line), length(line, "offset"), length(line, "len"), direction(line));
    return Map.of();
  }

  private Map<String, String> destroy(JsonLine line) {
    calls.destroy(end(line), length(line, "mappedLen"), direction(line));
    return Map.of();
  }

  private Map<String, String> free(JsonLine line) {
    calls.free(end(line));
    return Map.of();
  }

  private Map<String, String> timer(JsonLine line) {
    if (!setting.rules().lazy()) {
      throw line.error(
          "op", "the timer of a flush queue, which a strict domain has not", line.value("op"));
    }
    domain.timer();
    return Map.of();
  }

  private static Map<String, String> error(int error) {
    return Map.of("error", Integer.toString(error));
  }

  /** A length inside a batch: no batch that has IOVA is longer. */
  private static long length(JsonLine line, String key) {
    return line.number(key, 0, 1L << 52);
  }

  private IovaState batch(JsonLine line) {
    return live(line, batches.get(line.number("id", 0, Long.MAX_VALUE)));
  }

  /** The batch of a line, which ends with it. */
  private IovaState end(JsonLine line) {
    return live(line, batches.remove(line.number("id", 0, Long.MAX_VALUE)));
  }

  private static IovaState live(JsonLine line, IovaState state) {
    if (state == null || state.size() == 0) {
      throw line.error("id", "no batch that has IOVA", line.value("id"));
    }
    return state;
  }

  private static Direction direction(JsonLine line) {
    String name = line.text("dir");
    for (Direction direction : Direction.values()) {
      if (direction.name().equals(name)) {
        return direction;
      }
    }
    throw line.error("dir", "none of BIDIRECTIONAL, TO_DEVICE and FROM_DEVICE", line.value("dir"));
  }

  /** Whether it answered and did as recorded; if not, what differs first is noted. */
  private boolean compare(JsonLine line, Map<String, String> answers) {
    for (String key : List.of("ok", "addr", "error")) {
      String got = answers.get(key);
      if (got != null && !line.value(key).toString().equals(got)) {
        return differs(key, line.value(key).toString(), got);
      }
    }
    JsonNode warn = line.has("warn") ? line.value("warn") : null;
    String warnings = warn == null ? "0" : warn.toString();
    if (!warnings.equals(Integer.toString(domain.warnings()))) {
      return differs("warn", warnings, Integer.toString(domain.warnings()));
    }
    return sameSteps(line, "did", domain.steps());
  }

  private boolean sameSteps(JsonLine line, String key, List<String> got) {
    Mismatch mismatch = StepList.mismatch(lines.number(), key, line.list(key, MAX_STEPS), got);
    return mismatch == null || mismatches.add(mismatch);
  }

  private boolean differs(String field, String expected, String got) {
    return mismatches.add(new Mismatch(lines.number(), field, expected, got));
  }
}
