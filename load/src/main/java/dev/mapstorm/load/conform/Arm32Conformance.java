package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.arm32.ArmDmaCall;
import dev.mapstorm.actors.model.arm32.IovaBitmaps;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Runs {@link IovaBitmaps} and {@link ArmDmaCall} over recorded answers of
 * arch/arm/mm/dma-mapping.c and compares, number for number: DMA addresses, the calls of {@code
 * iommu_map} and {@code iommu_unmap} in order, errors, and how many bitmaps there are.
 *
 * <p>The file holds one JSON object a line, plain or gzip. The first has {@code profile}, {@code
 * seed} and {@code pageSize}; the others are operations: {@code create}, {@code mapPage}, {@code
 * unmapPage}, {@code mapSg}, {@code unmapSg}. After a mismatch the run continues with the model's
 * own state, and takes back what the file says was mapped.
 */
public final class Arm32Conformance {
  /** No buffer is longer: 32 bits hold it when it is rounded up. */
  private static final long MAX_BYTES = 0xffff_ffffL - 2 * IovaBitmaps.PAGE;

  private static final long U32 = 0xffff_ffffL;
  private static final long MAX_ERRNO = 4095;
  private static final int ERANGE = -34;
  private static final String MAPPED = "mapped";
  private static final String UNMAPPED = "unmapped";

  private static final List<String> HEAD = List.of("profile", "seed", "pageSize");
  private static final List<String> CREATED = List.of("pagesPerBitmap", "maxBitmaps", "error");
  private static final List<String> PAGE_MAPPED =
      List.of("dmaAddress", MAPPED, UNMAPPED, "bitmaps");
  private static final List<String> LIST_MAPPED =
      List.of("error", "dmaVectors", MAPPED, UNMAPPED, "bitmaps");
  private static final List<String> TAKEN_BACK = List.of(UNMAPPED, "bitmaps");
  private static final Set<String> FAULT = Set.of("failAt", "failError");

  private final TextLines lines;
  private final VectorAnswers answers = new VectorAnswers();
  private final ArmDmaCall call = new ArmDmaCall();
  private final MappedLists lists;
  private IovaBitmaps bitmaps;
  private VectorLine line;
  private long maps;

  private Arm32Conformance(TextLines lines) {
    this.lines = lines;
    lists = new MappedLists(lines);
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
    return new Arm32Conformance(lines).run();
  }

  private ConformanceResult run() {
    return answers.result(VectorLine.readAll(lines, this::head, this::operation));
  }

  private void head(VectorLine head) {
    head.requireKeys(HEAD, Set.of());
    head.number("pageSize", IovaBitmaps.PAGE, IovaBitmaps.PAGE);
  }

  private void operation(VectorLine read) {
    line = read;
    answers.begin();
    String op = line.text("op");
    switch (op) {
      case "create" -> create();
      case "mapPage" -> mapPage();
      case "unmapPage" -> unmapPage();
      case "mapSg" -> mapSg();
      case "unmapSg" -> unmapSg();
      default -> throw lines.error("unknown op " + TextLines.excerpt(op));
    }
  }

  private void create() {
    line.requireKeys(List.of("op", "base", "size", "alignOrder"), Set.copyOf(CREATED));
    lists.clear();
    bitmaps = null;
    long size = line.number("size", 0, Long.MAX_VALUE);
    if (size > IovaBitmaps.MAX_WINDOW) {
      answers.number("error", ERANGE);
    } else if (size < IovaBitmaps.PAGE) {
      answers.number("error", ArmDmaCall.EINVAL);
    } else {
      int order =
          (int) line.number("alignOrder", IovaBitmaps.MIN_ALIGN_ORDER, IovaBitmaps.MAX_ALIGN_ORDER);
      bitmaps = new IovaBitmaps(line.number("base", 0, 1L << 40), size, order);
      answers.number("pagesPerBitmap", bitmaps.pagesPerBitmap());
      answers.number("maxBitmaps", bitmaps.maxBitmaps());
    }
    answers.compare(line, lines.number(), CREATED);
  }

  private void mapPage() {
    begin(List.of("op", "id", "page", "offset", "size", "direction"), PAGE_MAPPED, FAULT);
    long offset = line.number("offset", 0, MAX_BYTES);
    call.mapPage(page(line.unsigned("page")), offset, line.number("size", 0, MAX_BYTES - offset));
    go();
    answers.number("dmaAddress", call.error() != 0 ? -1 : call.vectors()[0]);
    finish(PAGE_MAPPED);
  }

  private void unmapPage() {
    begin(List.of("op", "id", "dmaAddress", "size"), TAKEN_BACK, Set.of());
    call.unmapPage(line.number("dmaAddress", 0, Long.MAX_VALUE), line.number("size", 0, MAX_BYTES));
    go();
    finish(TAKEN_BACK);
  }

  private void mapSg() {
    begin(
        List.of("op", "id", "segments", "maxSegSize", "direction"),
        List.of(MAPPED, UNMAPPED, "bitmaps"),
        Set.of("failAt", "failError", "dmaVectors", "error"));
    long[][] segments = line.rows("segments", 3);
    if (segments.length == 0) {
      throw lines.error("'segments' is empty");
    }
    call.beginList(line.number("maxSegSize", 0, U32));
    long total = 0;
    for (long[] segment : segments) {
      total += bytes(segment[1]) + bytes(segment[2]);
      call.add(page(segment[0]), segment[1], segment[2]);
    }
    bytes(total);
    call.mapSg();
    go();
    if (call.error() != 0) {
      answers.number("error", call.error());
    } else {
      answers.vectors(call.vectors());
    }
    finish(LIST_MAPPED);
    lists.add(line);
  }

  private void unmapSg() {
    begin(List.of("op", "id"), TAKEN_BACK, Set.of());
    call.unmapSg(lists.remove(line));
    go();
    finish(TAKEN_BACK);
  }

  private long page(long phys) {
    if ((phys & IovaBitmaps.PAGE - 1) != 0) {
      throw lines.error("a page begins at a multiple of 4096, not at " + phys);
    }
    return phys;
  }

  private long bytes(long bytes) {
    if (bytes < 0 || bytes > MAX_BYTES) {
      throw lines.error(
          "a buffer of %s bytes is longer than 32 bits hold"
              .formatted(Long.toUnsignedString(bytes)));
    }
    return bytes;
  }

  private void begin(List<String> inputs, List<String> answered, Set<String> optional) {
    List<String> required = new ArrayList<>(inputs);
    required.addAll(answered);
    line.requireKeys(required, optional);
    if (bitmaps == null) {
      throw lines.error("no address space: a create without error has to come first");
    }
    if (line.has("direction")) {
      line.number("direction", 0, 2);
    }
    if (line.has("failAt") != line.has("failError")) {
      throw lines.error("failAt and failError come together");
    }
    line.unsigned("id");
    answers.rows(MAPPED);
    answers.rows(UNMAPPED);
    maps = 0;
  }

  private void go() {
    while (call.step() != ArmDmaCall.Step.DONE) {
      switch (call.step()) {
        case ALLOCATE -> call.allocated(bitmaps.allocate(call.bytes()));
        case MAP -> call.mapped(map());
        case UNMAP -> {
          answers.row(UNMAPPED, call.iova(), call.bytes());
          call.unmapped();
        }
        case RELEASE -> {
          bitmaps.free(call.iova(), call.bytes());
          call.released();
        }
        case DONE -> throw new IllegalStateException();
      }
    }
  }

  private int map() {
    maps++;
    if (line.has("failAt") && line.number("failAt", 1, Long.MAX_VALUE) == maps) {
      return failError();
    }
    answers.row(MAPPED, call.iova(), call.phys(), call.bytes());
    return 0;
  }

  private int failError() {
    long error = line.value("failError").map(node -> node.asLong()).orElse(0L);
    if (error >= 0 || error < -MAX_ERRNO) {
      throw lines.error("'failError' must be -4095 to -1");
    }
    return (int) error;
  }

  private void finish(List<String> keys) {
    answers.number("bitmaps", bitmaps.bitmaps());
    answers.compare(line, lines.number(), keys);
  }
}
