package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.swiotlb.LinearBatch;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.Swiotlb;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs batches that are linearised into one bounce on {@link LinearBatch} and compares every answer
 * with the specification's. The first line has {@code pool} and {@code devices}; then one JSON
 * object a line: {@code batch}, {@code syncForCpu}, {@code syncForDevice} or {@code unmap}.
 */
final class SwiotlbBatchConformance {
  private static final int CONTEXT_LINES = 3;
  private static final int MAX_VECTORS = 65_536;
  private static final long MAX_ADDRESS = 1L << 52;
  private static final long MAX_BYTES = 1L << 32;

  private final TextLines lines;
  private final List<SwiotlbDevice> devices = new ArrayList<>();
  private final List<Long> limits = new ArrayList<>();
  private final Map<Long, Mapped> mapped = new HashMap<>();
  private final Deque<String> before = new ArrayDeque<>();
  private final Mismatches mismatches = new Mismatches();
  private final Swiotlb swiotlb;
  private final int cpus;

  private record Mapped(LinearBatch batch, Direction direction) {}

  /** Reads the head, which is the current line. */
  SwiotlbBatchConformance(TextLines lines) {
    this.lines = lines;
    JsonLine head = JsonLine.read(lines).only("pool", "devices", "profile", "seed");
    JsonLine pool = head.object("pool").only("start", "slots", "areas", "cpus", "forceBounce");
    cpus = pool.integer("cpus", 1, Limits.CPUS);
    try {
      swiotlb =
          new Swiotlb(
              pool.number("start", 1, MAX_ADDRESS),
              new PoolSize(
                  pool.integer("slots", 1, PoolSize.MAX_SLOTS),
                  pool.integer("areas", 1, PoolSize.MAX_SLOTS)),
              pool.bool("forceBounce"),
              false);
    } catch (IllegalArgumentException e) {
      throw lines.error(e.getMessage());
    }
    JsonNode list = head.list("devices", Limits.DEVICES);
    for (int i = 0; i < list.size(); i++) {
      readDevice(head.element(list.get(i), "devices[" + i + "]"));
    }
    if (devices.isEmpty()) {
      throw lines.error("'devices' is empty");
    }
  }

  private void readDevice(JsonLine device) {
    device.only("minAlignMask", "segBoundaryMask", "dmaMask", "maxSegSize", "batchLimit");
    SwiotlbDevice read =
        SwiotlbSetting.device(
            lines,
            device.unsigned("minAlignMask"),
            device.unsigned("segBoundaryMask"),
            device.unsigned("dmaMask"));
    long limit = read.batchLimit(device.number("maxSegSize", 1, MAX_BYTES));
    devices.add(read);
    limits.add(limit);
    String recorded = Long.toString(device.number("batchLimit", 0, MAX_BYTES));
    if (!recorded.equals(Long.toString(limit))) {
      mismatch("batchLimit of device " + (devices.size() - 1), recorded, Long.toString(limit));
    }
  }

  ConformanceResult run() {
    long operations = 0;
    while (lines.advance()) {
      JsonLine line = JsonLine.read(lines);
      operations++;
      compare(line);
      remember(lines.line());
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no operation");
    }
    return mismatches.result(operations);
  }

  private void remember(String line) {
    if (before.size() == CONTEXT_LINES) {
      before.removeFirst();
    }
    before.addLast(line);
  }

  private void mismatch(String field, String expected, String got) {
    mismatches.add(new Mismatch(lines.number(), field, expected, got, new ArrayList<>(before)));
  }

  private void compare(JsonLine line) {
    String op = line.text("op");
    Map<String, String> got = new LinkedHashMap<>();
    switch (op) {
      case "batch" -> batch(line, got);
      case "syncForCpu", "syncForDevice" -> sync(line, op.equals("syncForCpu"), got);
      case "unmap" -> unmap(line, got);
      default ->
          throw lines.error(
              "op is " + TextLines.excerpt(op) + ", not batch, syncForCpu, syncForDevice or unmap");
    }
    for (Map.Entry<String, String> answer : got.entrySet()) {
      String recorded = line.has(answer.getKey()) ? line.value(answer.getKey()).toString() : "none";
      if (!recorded.equals(answer.getValue())) {
        mismatch(op + " " + answer.getKey(), recorded, answer.getValue());
        return;
      }
    }
  }

  private void batch(JsonLine line, Map<String, String> got) {
    line.only(
        "op",
        "cpu",
        "device",
        "id",
        "direction",
        "vectors",
        "taken",
        "result",
        "length",
        "dmaVectors",
        "copies",
        "slot",
        "slots",
        "used",
        "checked",
        "areas");
    int cpu = line.integer("cpu", 0, cpus - 1);
    int device = line.integer("device", 0, devices.size() - 1);
    long id = line.number("id", 0, Long.MAX_VALUE);
    Direction direction = Direction.of(line.integer("direction", 0, 2));
    if (mapped.containsKey(id)) {
      throw lines.error("id " + id + " is mapped already");
    }
    LinearBatch batch = new LinearBatch();
    batch.begin(limits.get(device));
    JsonNode vectors = line.list("vectors", MAX_VECTORS);
    boolean full = false;
    for (int i = 0; i < vectors.size(); i++) {
      String name = "vectors[" + i + "]";
      JsonNode row = line.row(vectors.get(i), name, 2);
      long phys = line.number(row.get(0), name + "[0]", 0, MAX_ADDRESS);
      long length = line.number(row.get(1), name + "[1]", 1, MAX_BYTES);
      full = full || !batch.add(phys, length);
    }
    swiotlb.search().clear();
    BounceResult result =
        batch.vectors() == 0
            ? BounceResult.OVERSIZE
            : batch.finalise(cpu, swiotlb, devices.get(device), 0);
    boolean linear = result.tookSlots();
    if (linear) {
      mapped.put(id, new Mapped(batch, direction));
    }
    got.put("taken", Integer.toString(batch.vectors()));
    got.put("result", quoted(result));
    got.put("length", Long.toString(batch.bytes()));
    got.put(
        "dmaVectors",
        linear ? "[[%d,%d]]".formatted(batch.bounce().address(), batch.bytes()) : "[]");
    got.put("copies", linear ? copies(batch, 0, batch.bytes(), false) : "[]");
    got.put("slot", linear ? Integer.toString(batch.bounce().slot()) : "none");
    got.put("slots", linear ? Integer.toString(batch.bounce().slots()) : "none");
    got.put("used", Integer.toString(swiotlb.used()));
    got.put("checked", Integer.toString(swiotlb.search().checked()));
    got.put("areas", Integer.toString(swiotlb.search().areas()));
  }

  private static String quoted(BounceResult result) {
    return switch (result) {
      case DIRECT -> "\"elementwise\"";
      case BOUNCED, TRANSIENT -> "\"linear\"";
      default -> "\"" + result.label() + "\"";
    };
  }

  private static String copies(LinearBatch batch, long offset, long length, boolean back) {
    StringBuilder rows = new StringBuilder("[");
    batch.copies(
        offset,
        length,
        (phys, address, bytes) ->
            rows.append(rows.length() > 1 ? "," : "")
                .append(
                    "[%d,%d,%d]".formatted(back ? address : phys, back ? phys : address, bytes)));
    return rows.append(']').toString();
  }

  private Mapped find(JsonLine line) {
    long id = line.number("id", 0, Long.MAX_VALUE);
    Mapped found = mapped.get(id);
    if (found == null) {
      throw lines.error("id " + id + " is not mapped here");
    }
    return found;
  }

  private void sync(JsonLine line, boolean forCpu, Map<String, String> got) {
    line.only("op", "cpu", "id", "offset", "length", "copies");
    line.integer("cpu", 0, cpus - 1);
    Mapped found = find(line);
    long offset = line.number("offset", 0, MAX_BYTES);
    long length = line.number("length", 1, MAX_BYTES);
    boolean copies =
        forCpu
            ? Swiotlb.copiesForCpu(found.direction())
            : Swiotlb.copiesForDevice(found.direction());
    got.put("copies", copies ? copies(found.batch(), offset, length, forCpu) : "[]");
  }

  private void unmap(JsonLine line, Map<String, String> got) {
    line.only("op", "cpu", "id", "skipCpuSync", "copies", "slot", "slots", "used");
    line.integer("cpu", 0, cpus - 1);
    Mapped found = find(line);
    LinearBatch batch = found.batch();
    boolean copies = !line.bool("skipCpuSync") && Swiotlb.copiesForCpu(found.direction());
    got.put("copies", copies ? copies(batch, 0, batch.bytes(), true) : "[]");
    swiotlb.release(batch.bounce());
    mapped.remove(line.number("id", 0, Long.MAX_VALUE));
    got.put("slot", Integer.toString(batch.bounce().slot()));
    got.put("slots", Integer.toString(batch.bounce().slots()));
    got.put("used", Integer.toString(swiotlb.used()));
  }
}
