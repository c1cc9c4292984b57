package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaPath;
import dev.mapstorm.actors.model.iova.Pci32Workaround;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;

/**
 * Runs the operations of a vector file on the IOVA model and compares frame, path and walk of every
 * one with those of Linux.
 *
 * <p>After a mismatch the run goes on with the model's own state, so later mismatches may follow
 * from the first.
 */
public final class IovaConformance {
  /** Lines shown before a mismatch. */
  private static final int CONTEXT_LINES = 5;

  private static final int DEVICE = 0;

  private final TextLines lines;
  private final IovaVectors vectors;
  private final IovaDomain domain;
  private final Pci32Workaround workaround;
  private final Deque<String> before = new ArrayDeque<>();
  private final Mismatches mismatches = new Mismatches();

  private IovaConformance(TextLines lines) {
    this.lines = lines;
    vectors = new IovaVectors(lines);
    domain = vectors.newDomain();
    workaround = Pci32Workaround.of(1, vectors.pci32());
  }

  /**
   * Checks a file, plain or gzip. A mismatch names the operation; its answers read {@code pfn path
   * walk}.
   *
   * @throws TextFormatException if it cannot be read, is no vector file, or holds no operation or a
   *     line that is not one
   */
  public static ConformanceResult check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /** As {@link #check(Path)}, from lines that stay the caller's to close. */
  public static ConformanceResult check(TextLines lines) {
    return new IovaConformance(lines).run();
  }

  private ConformanceResult run() {
    long operations = 0;
    while (vectors.advance()) {
      operations++;
      compare(vectors.operation());
      remember(lines.line());
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no operation");
    }
    return mismatches.result(operations);
  }

  private void compare(IovaOperation operation) {
    String got = answer(operation);
    String expected = operation.answer();
    if (!got.equals(expected)) {
      mismatches.add(
          new Mismatch(
              lines.number(), operation.request(), expected, got, new ArrayList<>(before)));
    }
  }

  private void remember(String line) {
    if (before.size() == CONTEXT_LINES) {
      before.removeFirst();
    }
    before.addLast(line);
  }

  private String answer(IovaOperation operation) {
    return switch (operation.kind()) {
      case ALLOC -> {
        long pfn =
            domain.allocForDevice(
                operation.cpu(), operation.size(), operation.limitPfn(), DEVICE, workaround);
        yield answer(pfn);
      }
      case FREE -> free(operation);
      case GC -> fireDepotWorkers() + " tree 0";
    };
  }

  private String answer(long pfn) {
    return pfn + " " + path(domain.lastPath()) + " " + domain.lastWalk();
  }

  private String free(IovaOperation operation) {
    if (domain.rangeEnd(operation.pfn()) < 0) {
      return "no range begins at pfn " + operation.pfn();
    }
    domain.freeFast(operation.cpu(), operation.pfn(), operation.size());
    return answer(operation.pfn());
  }

  /** Fires the worker of every order once; returns how many magazines they released. */
  private int fireDepotWorkers() {
    int released = 0;
    for (int order = 0; order <= domain.maxCachedOrder(); order++) {
      int magazines = domain.depotMagazines(order);
      domain.depotWork(order);
      released += magazines - domain.depotMagazines(order);
    }
    return released;
  }

  private static String path(IovaPath path) {
    return switch (path) {
      case LOADED, PREV -> "cpu";
      case DEPOT -> "depot";
      case TREE -> "tree";
      case FLUSHED_TREE -> "flush";
      case NONE -> "fail";
    };
  }
}
