package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.tce.DeviceReach;
import dev.mapstorm.actors.model.tce.IommuTable;
import dev.mapstorm.actors.model.tce.TceCall;
import dev.mapstorm.actors.model.tce.TceWindow;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Runs {@link IommuTable} and {@link TceCall} over recorded answers of arch/powerpc/kernel/iommu.c
 * and compares, number for number: DMA addresses, entries written and cleared in order, flushes,
 * searches, locks, and the hints of the pools.
 *
 * <p>The file holds one JSON object a line, plain or gzip. The first has {@code profile}, {@code
 * seed}, {@code pageShift}, {@code cpus} and {@code poolHash}; the others are operations: {@code
 * create}, {@code mapPage}, {@code unmapPage}, {@code mapSg}, {@code unmapSg}, {@code
 * allocCoherent}, {@code freeCoherent}. After a mismatch the run continues with the model's own
 * state, and takes back what the file says was mapped.
 */
public final class PowerpcConformance {
  private static final long U32 = 0xffff_ffffL;
  private static final int EIO = -5;
  private static final String SETS = "sets";
  private static final String CLEARS = "clears";

  private static final List<String> HEAD =
      List.of("profile", "seed", "pageShift", "cpus", "poolHash");
  private static final List<String> CREATED =
      List.of("pools", "poolSize", "largeStart", "largeEnd");
  private static final List<String> WORK =
      List.of(SETS, CLEARS, "flushes", "searches", "locks", "hints");
  private static final List<String> PAGE_MAPPED = with(List.of("dmaAddress"), WORK);
  private static final List<String> LIST_MAPPED = with(List.of("error", "dmaVectors"), WORK);

  private final TextLines lines;
  private final VectorAnswers answers = new VectorAnswers();
  private final TceCall call = new TceCall();
  private final MappedLists lists;
  private int pageShift;
  private long[] poolHash;
  private IommuTable table;
  private VectorLine line;
  private long writes;
  private long flushes;
  private long searches;
  private long locks;

  private PowerpcConformance(TextLines lines) {
    this.lines = lines;
    lists = new MappedLists(lines);
  }

  private static List<String> with(List<String> some, List<String> more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  /**
   * Checks a file.
   *
   * @throws TextFormatException if it cannot be read, is no such file, or holds no operation or a
   *     line that is not one
   */
  public static ConformanceResult check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /** As {@link #check(Path)}, from lines that stay the caller's to close. */
  public static ConformanceResult check(TextLines lines) {
    return new PowerpcConformance(lines).run();
  }

  private ConformanceResult run() {
    return answers.result(VectorLine.readAll(lines, this::head, this::operation));
  }

  private void head(VectorLine head) {
    head.requireKeys(HEAD, Set.of());
    pageShift = (int) head.number("pageShift", 12, 16);
    long cpus = head.number("cpus", 1, Limits.CPUS);
    poolHash = head.numbers("poolHash");
    if (poolHash.length != cpus) {
      throw lines.error(
          "'poolHash' names the pools of %d CPUs, not of %d".formatted(poolHash.length, cpus));
    }
    for (int cpu = 0; cpu < cpus; cpu++) {
      if (poolHash[cpu] != IommuTable.poolHash(cpu)) {
        throw lines.error(
            "poolHash[%d] must be %d, the hash of the CPU, is %s"
                .formatted(cpu, IommuTable.poolHash(cpu), Long.toUnsignedString(poolHash[cpu])));
      }
    }
  }

  private void operation(VectorLine read) {
    line = read;
    answers.begin();
    String op = line.text("op");
    switch (op) {
      case "create" -> create();
      case "mapPage" -> mapPage();
      case "allocCoherent" -> allocCoherent();
      case "mapSg" -> mapSg();
      case "unmapPage" -> unmapPage();
      case "freeCoherent" -> freeCoherent();
      case "unmapSg" -> unmapSg();
      default -> throw lines.error("unknown op " + TextLines.excerpt(op));
    }
  }

  private void create() {
    List<String> inputs =
        List.of("op", "tceShift", "offset", "size", "reserved", "blockSize", "novmerge");
    line.requireKeys(with(inputs, CREATED), Set.of());
    lists.clear();
    long[] reserved = line.numbers("reserved");
    if (reserved.length != 2) {
      throw lines.error("'reserved' is not a list of 2 numbers");
    }
    table =
        new IommuTable(
            new TceWindow(
                pageShift,
                (int) line.number("tceShift", 12, 30),
                line.number("offset", 0, 1L << 52),
                line.number("size", 1, TceWindow.MAX_SIZE),
                reserved[0],
                reserved[1],
                line.number("blockSize", 1, TceWindow.MAX_SIZE),
                line.flag("novmerge")));
    answers.number("pools", table.pools());
    answers.number("poolSize", table.poolSize());
    answers.number("largeStart", table.largeStart());
    answers.number("largeEnd", table.size());
    answers.compare(line, lines.number(), CREATED);
  }

  private void mapPage() {
    begin(List.of("phys", "size", "mask", "segBoundaryMask"), PAGE_MAPPED, Set.of("failAt"));
    call.mapPage(table, reach(U32), line.unsigned("phys"), bytes("size"));
    mappedPage();
  }

  private void allocCoherent() {
    begin(List.of("phys", "size", "mask", "segBoundaryMask"), PAGE_MAPPED, Set.of("failAt"));
    call.allocCoherent(table, reach(U32), line.unsigned("phys"), bytes("size"));
    mappedPage();
  }

  private void mappedPage() {
    go();
    if (call.failed()) {
      answers.number("dmaAddress", -1);
    } else {
      answers.unsigned("dmaAddress", call.address());
    }
    finish(PAGE_MAPPED);
  }

  private void unmapPage() {
    begin(List.of("dmaAddress", "size"), WORK, Set.of());
    call.unmapPage(table, line.unsigned("dmaAddress"), bytes("size"));
    go();
    finish(WORK);
  }

  private void freeCoherent() {
    begin(List.of("dmaAddress", "size"), WORK, Set.of());
    call.freeCoherent(table, line.unsigned("dmaAddress"), bytes("size"));
    go();
    finish(WORK);
  }

  private void mapSg() {
    begin(
        List.of("segments", "mask", "segBoundaryMask", "maxSegSize"),
        WORK,
        Set.of("failAt", "error", "dmaVectors"));
    long[][] segments = line.rows("segments", 2);
    if (segments.length == 0) {
      throw lines.error("'segments' is empty");
    }
    call.beginList(table, reach(line.number("maxSegSize", 0, U32)));
    for (int i = 0; i < segments.length; i++) {
      if (segments[i][1] >>> 32 != 0) {
        throw lines.error(
            "segments[%d] is %s bytes long, more than 32 bits hold"
                .formatted(i, Long.toUnsignedString(segments[i][1])));
      }
      call.add(segments[i][0], segments[i][1]);
    }
    call.mapSg();
    go();
    if (call.failed()) {
      answers.number("error", EIO);
    } else {
      answers.vectors(call.vectors());
    }
    finish(LIST_MAPPED);
    lists.add(line);
  }

  private void unmapSg() {
    begin(List.of(), WORK, Set.of());
    call.unmapSg(table, lists.remove(line));
    go();
    finish(WORK);
  }

  private long bytes(String key) {
    return line.number(key, 0, TceCall.MAX_BYTES);
  }

  private DeviceReach reach(long maxSegSize) {
    long boundary = line.unsigned("segBoundaryMask");
    return new DeviceReach(
        line.unsigned("mask"), boundary == 0 ? DeviceReach.NO_BOUNDARY : boundary, maxSegSize);
  }

  private void begin(List<String> inputs, List<String> answered, Set<String> optional) {
    line.requireKeys(with(with(List.of("op", "cpu", "id"), inputs), answered), optional);
    if (table == null) {
      throw lines.error("no table: a create has to come first");
    }
    line.unsigned("id");
    answers.rows(SETS);
    answers.rows(CLEARS);
    writes = 0;
    flushes = 0;
    searches = 0;
    locks = 0;
  }

  private void go() {
    int preferred = table.poolOf((int) poolHash[(int) line.number("cpu", 0, poolHash.length - 1L)]);
    while (call.step() != TceCall.Step.DONE) {
      switch (call.step()) {
        case ALLOCATE -> {
          call.allocate(preferred);
          searches += table.searches();
          locks += table.turns();
        }
        case SET -> call.set(refused());
        case CLEAR -> {
          answers.row(CLEARS, call.entry(), call.count());
          call.cleared();
        }
        case RELEASE -> {
          locks++;
          call.release();
        }
        case FLUSH -> {
          flushes++;
          call.flushed();
        }
        case DONE -> throw new IllegalStateException();
      }
    }
  }

  private boolean refused() {
    writes++;
    if (line.has("failAt") && line.number("failAt", 1, Long.MAX_VALUE) == writes) {
      return true;
    }
    answers.row(SETS, call.entry(), call.count(), call.phys());
    return false;
  }

  private void finish(List<String> keys) {
    answers.number("flushes", flushes);
    answers.number("searches", searches);
    answers.number("locks", locks);
    long[] hints = new long[table.pools() + 1];
    for (int i = 0; i < hints.length; i++) {
      hints[i] = table.hint(i);
    }
    answers.numbers("hints", hints);
    answers.compare(line, lines.number(), keys);
  }
}
