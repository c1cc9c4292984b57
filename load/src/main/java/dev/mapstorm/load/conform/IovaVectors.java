package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.conform.IovaOperation.Kind;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Limits;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a vector file: what the compiled Linux allocator answered to a sequence of operations on
 * one domain.
 *
 * <p>The first line is a comment with the settings, {@code # … cpus=4 start_pfn=1 granule=4096
 * [pci32=0|1]}; settings not named here only say where the file came from. The second names the
 * columns {@code op,cpu,size,limit_pfn,pfn,path,walk}. Then follows one operation a line.
 *
 * <p>Every failure is a {@link TextFormatException} that names the file and the line.
 */
public final class IovaVectors {
  private static final String COLUMNS = "op,cpu,size,limit_pfn,pfn,path,walk";
  private static final int COLUMN_COUNT = 7;
  private static final int MAX_GRANULE_SHIFT = 16;

  private final TextLines lines;
  private final int cpus;
  private final long startPfn;
  private final int granuleShift;
  private final boolean pci32;
  private IovaOperation operation;

  /**
   * Reads the settings and the names of the columns.
   *
   * @param lines before its first line; stays the caller's to close
   * @throws TextFormatException if this is no vector file
   */
  public IovaVectors(TextLines lines) {
    this.lines = lines;
    Map<String, String> settings = settings();
    cpus = (int) setting(settings, "cpus", 1, Limits.CPUS);
    startPfn = setting(settings, "start_pfn", 1, Long.MAX_VALUE - 1);
    long granule = setting(settings, "granule", 1, 1L << MAX_GRANULE_SHIFT);
    if (Long.bitCount(granule) != 1) {
      throw lines.error("granule=" + granule + " is not a power of two");
    }
    granuleShift = Long.numberOfTrailingZeros(granule);
    pci32 = settings.containsKey("pci32") && setting(settings, "pci32", 0, 1) == 1;
    if (!lines.advance() || !lines.line().equals(COLUMNS)) {
      throw lines.error("not an IOVA vector file: the second line is not " + COLUMNS);
    }
  }

  private Map<String, String> settings() {
    if (!lines.advance()) {
      throw new TextFormatException(lines.name() + ": not an IOVA vector file: it is empty");
    }
    if (!lines.line().startsWith("#") || !lines.line().contains("cpus=")) {
      throw lines.error(
          "not an IOVA vector file: the first line is no # comment with cpus=, start_pfn= and"
              + " granule=");
    }
    Map<String, String> settings = new HashMap<>();
    for (String word : lines.line().split("\\s+")) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        settings.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    return settings;
  }

  private long setting(Map<String, String> settings, String name, long min, long max) {
    String value = settings.get(name);
    if (value == null) {
      throw lines.error("not an IOVA vector file: the first line does not say " + name + "=");
    }
    return number(name, value, min, max);
  }

  /** CPUs of the domain. */
  public int cpus() {
    return cpus;
  }

  /** Whether 32-bit space is tried first ({@code iommu_dma_alloc_iova} for a PCI device). */
  public boolean pci32() {
    return pci32;
  }

  /** An empty domain as the file describes it. */
  public IovaDomain newDomain() {
    return new IovaDomain(cpus, granuleShift, startPfn, IovaParameters.LINUX);
  }

  /**
   * Goes to the next operation.
   *
   * @return whether there is one
   * @throws TextFormatException if the next line is no operation, or cannot be read
   */
  public boolean advance() {
    if (!lines.advance()) {
      return false;
    }
    String[] fields = lines.line().split(",", -1);
    if (fields.length != COLUMN_COUNT) {
      throw lines.error(
          fields.length
              + " columns instead of "
              + COLUMN_COUNT
              + ": "
              + TextLines.excerpt(lines.line()));
    }
    Kind kind = kind(fields[0]);
    operation =
        new IovaOperation(
            kind,
            (int) number("cpu", fields[1], 0, cpus - 1),
            number("size", fields[2], kind == Kind.GC ? 0 : 1, Long.MAX_VALUE),
            number("limit_pfn", fields[3], 0, Long.MAX_VALUE - 1),
            number("pfn", fields[4], 0, Long.MAX_VALUE),
            path(fields[5]),
            number("walk", fields[6], 0, Long.MAX_VALUE));
    return true;
  }

  /** The current operation, after {@link #advance} returned true. */
  public IovaOperation operation() {
    return operation;
  }

  private Kind kind(String field) {
    for (Kind kind : Kind.values()) {
      if (kind.column().equals(field)) {
        return kind;
      }
    }
    throw lines.error("op is " + TextLines.excerpt(field) + ", not alloc, free or gc");
  }

  private String path(String field) {
    return switch (field) {
      case "cpu", "depot", "tree", "flush", "fail" -> field;
      default ->
          throw lines.error(
              "path is " + TextLines.excerpt(field) + ", not cpu, depot, tree, flush or fail");
    };
  }

  private long number(String column, String field, long min, long max) {
    long value;
    try {
      value = Long.parseLong(field);
    } catch (NumberFormatException e) {
      throw lines.error(column + " is " + TextLines.excerpt(field) + ", not a number");
    }
    if (value < min || value > max) {
      throw lines.error(column + " is " + value + ", not in " + min + ".." + max);
    }
    return value;
  }
}
