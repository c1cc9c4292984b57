package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.mapstorm.actors.model.blk.Bio;
import dev.mapstorm.actors.model.blk.BlkMapping;
import dev.mapstorm.actors.model.blk.BlkRequest;
import dev.mapstorm.actors.model.blk.BlkRule;
import dev.mapstorm.actors.model.blk.QueueLimits;
import dev.mapstorm.actors.model.twostep.TwoStepCalls;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Direction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the block layer's mapping of requests over recorded ones: the gap of the request, its
 * segments, and for each form of {@code blk_rq_dma_map_iter_start} what it chose and did.
 *
 * <p>The first line of a file, plain or gzip, is the setting; then one request a line. The three
 * forms share the IOVA space and follow each other, each undoing its mapping.
 */
public final class BlkConformance {
  private static final int MAX_ROWS = 1 << 20;
  private static final long MAX_BYTES = (1L << 32) - 1;

  private final TextLines lines;
  private final Mismatches mismatches = new Mismatches();
  private final BlkMapping mapping = new BlkMapping();
  private RecordedDomain domain;
  private TwoStepCalls calls;
  private long mergeBoundary;
  private long operations;

  private BlkConformance(TextLines lines) {
    this.lines = lines;
  }

  /**
   * Checks a file. After a mismatch the run continues with the model's own state.
   *
   * @throws TextFormatException if it cannot be read, holds no request, or holds a line that is not
   *     one
   */
  public static ConformanceResult check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /** As {@link #check(Path)}, from lines that stay the caller's to close. */
  public static ConformanceResult check(TextLines lines) {
    return new BlkConformance(lines).run();
  }

  private ConformanceResult run() {
    if (lines.advance()) {
      JsonLine line = JsonLine.read(lines);
      TwoStepSetting setting = TwoStepSetting.read(line);
      mergeBoundary = line.number("mergeBoundary", 0, Long.MAX_VALUE);
      domain = new RecordedDomain(setting);
      calls = new TwoStepCalls(setting.rules(), domain);
    }
    while (lines.advance()) {
      operations++;
      JsonLine line = JsonLine.read(lines);
      try {
        request(line);
      } catch (IllegalArgumentException e) {
        throw lines.error(e.getMessage());
      }
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no request");
    }
    return mismatches.result(operations);
  }

  private void request(JsonLine line) {
    line.only(
        "virtBoundary",
        "maxSegmentSize",
        "segBoundary",
        "iommu",
        "bios",
        "bytes",
        "failMap",
        "gapBit",
        "segments",
        "6.17",
        "6.19",
        "7.1");
    QueueLimits limits =
        new QueueLimits(
            line.number("virtBoundary", 0, Long.MAX_VALUE - 1),
            line.number("maxSegmentSize", 1, MAX_BYTES),
            line.number("segBoundary", 1, Long.MAX_VALUE));
    BlkRequest request = new BlkRequest(limits, bios(line));
    if (request.bytes() != line.number("bytes", 1, Long.MAX_VALUE)) {
      throw line.error("bytes", "not the sum of the bios, " + request.bytes(), line.value("bytes"));
    }
    boolean same =
        same("gapBit", line.value("gapBit"), request.gapBit()) && sameSegments(line, request);
    for (BlkRule rule : BlkRule.values()) {
      // All three run, whatever differs: they share the IOVA space.
      same = rule(line, request, rule, same) && same;
    }
  }

  private static List<Bio> bios(JsonLine line) {
    JsonNode list = line.list("bios", MAX_ROWS);
    List<Bio> bios = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      String name = "bios[" + i + "]";
      JsonNode row = line.row(list.get(i), name, 3);
      JsonNode vectors = line.list(row.get(2), name + "[2]", MAX_ROWS);
      long[][] columns = new long[3][vectors.size()];
      for (int j = 0; j < vectors.size(); j++) {
        String vectorName = name + "[2][" + j + "]";
        JsonNode vector = line.row(vectors.get(j), vectorName, 3);
        for (int k = 0; k < 3; k++) {
          columns[k][j] = line.number(vector.get(k), vectorName, 0, 1L << 56);
        }
      }
      bios.add(
          new Bio(
              line.number(row.get(0), name + "[0]", 0, MAX_BYTES),
              line.number(row.get(1), name + "[1]", 1, MAX_BYTES),
              columns[0],
              columns[1],
              columns[2]));
    }
    return bios;
  }

  private boolean sameSegments(JsonLine line, BlkRequest request) {
    List<String> got = new ArrayList<>(request.segments());
    for (int i = 0; i < request.segments(); i++) {
      got.add("[" + request.phys(i) + "," + request.length(i) + "]");
    }
    Mismatch mismatch =
        StepList.mismatch(lines.number(), "segments", line.list("segments", MAX_ROWS), got);
    return mismatch == null || mismatches.add(mismatch);
  }

  /** Runs one form; says whether it did as recorded, and why not unless a difference is known. */
  private boolean rule(JsonLine line, BlkRequest request, BlkRule rule, boolean report) {
    JsonLine answer = line.object(rule.label());
    answer.only("path", "status", "addr", "len", "linked", "did", "undo", "undoWarn");
    domain.begin(0);
    domain.fail(line.has("failMap") ? line.integer("failMap", 1, MAX_ROWS) : 0, 0, false);
    boolean range =
        line.bool("iommu")
            && mapping.start(rule, request, calls, mergeBoundary, Direction.TO_DEVICE);
    List<String> did = domain.steps();
    List<String> undo = List.of();
    if (range && mapping.status() == BlkMapping.Status.OK) {
      domain.begin(0);
      mapping.unmap(calls, Direction.TO_DEVICE);
      undo = domain.steps();
    }
    return !report || same(answer, rule.label() + ".", range, did, undo);
  }

  private boolean same(
      JsonLine answer, String path, boolean range, List<String> did, List<String> undo) {
    String got = range ? "iova" : "direct";
    if (!answer.text("path").equals(got)) {
      return mismatches.add(new Mismatch(lines.number(), path + "path", answer.text("path"), got));
    }
    if (!range) {
      return true;
    }
    String status = mapping.status().name();
    if (!answer.text("status").equals(status)) {
      return mismatches.add(
          new Mismatch(lines.number(), path + "status", answer.text("status"), status));
    }
    return same(path + "addr", answer.value("addr"), mapping.addr())
        && same(path + "len", answer.value("len"), mapping.length())
        && same(path + "linked", answer.value("linked"), mapping.linked())
        && sameSteps(answer, path, "did", did)
        && sameSteps(answer, path, "undo", undo)
        && (undo.isEmpty() || same(path + "undoWarn", undoWarn(answer), domain.warnings()));
  }

  private static JsonNode undoWarn(JsonLine answer) {
    return answer.has("undoWarn")
        ? answer.value("undoWarn")
        : JsonNodeFactory.instance.numberNode(0);
  }

  private boolean sameSteps(JsonLine answer, String path, String key, List<String> got) {
    JsonNode none = JsonNodeFactory.instance.arrayNode();
    JsonNode steps = answer.has(key) ? answer.list(key, MAX_ROWS) : none;
    Mismatch mismatch = StepList.mismatch(lines.number(), path + key, steps, got);
    return mismatch == null || mismatches.add(mismatch);
  }

  private boolean same(String field, JsonNode expected, long got) {
    String text = Long.toUnsignedString(got);
    return expected.toString().equals(text)
        || mismatches.add(new Mismatch(lines.number(), field, expected.toString(), text));
  }
}
