package dev.mapstorm.load.calibrate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.load.validate.BenchmarkMode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Results of fio, one CPU, after a line {@code # mode strict}, {@code lazy} or {@code passthrough}:
 * {@code --output-format=json}, the plain text, or {@code terse}. What a request costs is what the
 * CPU is busy, divided by requests a second; only where it is busy all the time do modes differ by
 * what they cost. So results of a CPU that waits are refused, unless all modes are alike, and then
 * they show nothing. Modes may be in files of their own. Not thread-safe.
 */
final class FioResults {
  private static final Pattern MODE = Pattern.compile("#\\s*mode\\s+(\\S+)\\s*");
  private static final Pattern IOPS =
      Pattern.compile("\\s*(?:read|write)\\s*: IOPS=([\\d.]+)([kM]?), .*");
  private static final Pattern CPU =
      Pattern.compile("\\s*cpu\\s*: usr=([\\d.]+)%, sys=([\\d.]+)%, .*");
  private static final int TERSE_IOPS = 7;
  private static final int TERSE_WRITE = 41;
  private static final int TERSE_CPU = 87;

  /** Less than that and the CPU waits for the device, in per cent. */
  private static final double BUSY = 98;

  private static final double NOISE = 0.02;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Sums of the jobs of a mode. */
  private static final class Result {
    double iops;
    double busy;
    int jobs;
    String at;

    /** What a request takes of the CPU. */
    double ns() {
      return busy / 100 * 1e9 / iops;
    }
  }

  private final Map<BenchmarkMode, Result> results = new EnumMap<>(BenchmarkMode.class);

  /**
   * Adds what is in a file.
   *
   * @return whether there is anything
   * @throws CalibrationException if it is broken off, or of no mode
   */
  boolean read(MeasuredFile file) {
    int before = jobs();
    BenchmarkMode mode = null;
    double iops = 0;
    for (int i = 0; i < file.lines().size(); i++) {
      String line = file.lines().get(i);
      Matcher modeLine = MODE.matcher(line.strip());
      Matcher rate = IOPS.matcher(line);
      Matcher cpu = CPU.matcher(line);
      String[] terse = line.split(";");
      if (modeLine.matches()) {
        mode = BenchmarkOutput.mode(modeLine.group(1), file.at(i));
      } else if (line.strip().equals("{") && next(file, i).contains("\"fio version\"")) {
        int end = end(file, i);
        json(file, i, end, result(mode, file.at(i)));
        i = end;
      } else if (rate.matches()) {
        iops +=
            Double.parseDouble(rate.group(1))
                * Math.pow(1000, " kM".indexOf((rate.group(2) + " ").charAt(0)));
      } else if (cpu.matches()) {
        add(
            result(mode, file.at(i)),
            iops,
            Double.parseDouble(cpu.group(1)) + Double.parseDouble(cpu.group(2)));
        iops = 0;
      } else if (terse.length > TERSE_CPU + 1 && terse[1].startsWith("fio-")) {
        terse(terse, result(mode, file.at(i)), file.at(i));
      }
    }
    return jobs() > before;
  }

  private int jobs() {
    return results.values().stream().mapToInt(result -> result.jobs).sum();
  }

  private static String next(MeasuredFile file, int line) {
    return line + 1 < file.lines().size() ? file.lines().get(line + 1) : "";
  }

  private static int end(MeasuredFile file, int from) {
    for (int i = from; i < file.lines().size(); i++) {
      if (file.lines().get(i).equals("}")) {
        return i;
      }
    }
    throw new CalibrationException(
        "%s: the JSON of fio that begins there is broken off".formatted(file.at(from)));
  }

  private Result result(BenchmarkMode mode, String at) {
    if (mode == null) {
      throw new CalibrationException(
          "%s: nothing before it says which mode it is of; put a line \"# mode strict\", lazy or passthrough there"
              .formatted(at));
    }
    Result of = results.computeIfAbsent(mode, key -> new Result());
    of.at = of.at == null ? at : of.at;
    return of;
  }

  private static void add(Result to, double iops, double busy) {
    to.iops += iops;
    to.busy += busy;
    to.jobs++;
  }

  private static void json(MeasuredFile file, int from, int end, Result to) {
    try {
      JsonNode root = MAPPER.readTree(String.join("\n", file.lines().subList(from, end + 1)));
      for (JsonNode job : root.path("jobs")) {
        add(
            to,
            job.path("read").path("iops").asDouble() + job.path("write").path("iops").asDouble(),
            job.path("usr_cpu").asDouble() + job.path("sys_cpu").asDouble());
      }
    } catch (JsonProcessingException e) {
      throw new CalibrationException(
          "%s: the JSON of fio that begins there cannot be read".formatted(file.at(from)));
    }
  }

  private static void terse(String[] fields, Result to, String at) {
    try {
      add(
          to,
          Double.parseDouble(fields[TERSE_IOPS])
              + Double.parseDouble(fields[TERSE_IOPS + TERSE_WRITE]),
          Double.parseDouble(fields[TERSE_CPU].replace("%", ""))
              + Double.parseDouble(fields[TERSE_CPU + 1].replace("%", "")));
    } catch (NumberFormatException e) {
      throw new CalibrationException(at + ": a terse line of fio whose numbers cannot be read");
    }
  }

  /**
   * What modes differ by.
   *
   * @throws CalibrationException if the CPU waited, and modes differ all the same
   */
  List<Finding> findings() {
    List<Finding> found = new ArrayList<>();
    Result strict = results.get(BenchmarkMode.STRICT);
    Result lazy = results.get(BenchmarkMode.LAZY);
    Result none = results.get(BenchmarkMode.PASSTHROUGH);
    results.values().forEach(FioResults::refuseNothingDone);
    if (strict != null && lazy != null) {
      add(found, Finding.STRICT_PRICE, strict, lazy);
    }
    if (lazy != null && none != null) {
      add(found, Finding.LAZY_PRICE, lazy, none);
    }
    return found;
  }

  private static void refuseNothingDone(Result of) {
    if (!(of.iops > 0) || of.jobs == 0) {
      throw new CalibrationException(of.at + ": fio did no request");
    }
  }

  private static void add(List<Finding> to, String what, Result more, Result less) {
    if (busy(more) && busy(less)) {
      double half = 2 * NOISE * Math.hypot(more.ns(), less.ns());
      to.add(
          new Finding(
              what,
              more.ns() - less.ns(),
              half,
              "fio, %.0f and %.0f ns a request".formatted(more.ns(), less.ns()),
              more.at));
    } else if (Math.abs(more.iops - less.iops) > NOISE * less.iops) {
      Result waits = busy(more) ? less : more;
      throw new CalibrationException(
          "%s: the CPU is busy for %.0f %% of the time only, so that requests a second do not tell what one costs; take one CPU and a faster device or a greater depth"
              .formatted(waits.at, waits.busy / waits.jobs));
    }
  }

  private static boolean busy(Result of) {
    return of.busy / of.jobs >= BUSY;
  }
}
