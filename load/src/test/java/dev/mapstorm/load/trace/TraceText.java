package dev.mapstorm.load.trace;

import dev.mapstorm.load.text.TextLines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** Traces for tests: recorded excerpts, and the same lines as other tools would print them. */
public final class TraceText {
  /** Kernel traces: the whole of the lazy one, the first 20,000 lines of the others. */
  public static final String NET_DOWNLOAD_STRICT = "net-download-strict";

  public static final String NVME_MIXED_LAZY = "nvme-mixed-lazy";
  public static final String NVME_NET_STRICT = "nvme-net-strict";
  public static final String NVME_RANDREAD_STRICT = "nvme-randread-4k-strict";
  public static final String NVME_SWIOTLB = "nvme-swiotlb-force";

  private static final Pattern FTRACE =
      Pattern.compile(" *(.*)-(\\d+) +\\[(\\d+)\\] \\S{5} +(\\d+\\.\\d+): (\\w+): (.*)");

  private TraceText() {}

  /** A recorded trace as it is in the resources, gzip. */
  public static TextLines recorded(String name) {
    return TextLines.of(name, resource(name));
  }

  /** The lines of a recorded trace. */
  public static List<String> recordedLines(String name, int most) {
    List<String> lines = new ArrayList<>();
    try (TextLines text = recorded(name)) {
      while (lines.size() < most && text.advance()) {
        lines.add(text.line());
      }
    }
    return lines;
  }

  /** The bytes of the resource. */
  static byte[] gzipBytes(String name) {
    try (InputStream in = resource(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The unpacked bytes of the resource. */
  static byte[] plainBytes(String name) {
    try (InputStream in = new GZIPInputStream(resource(name))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines as a text. */
  public static TextLines text(List<String> lines) {
    return text(String.join("\n", lines) + "\n");
  }

  /** A text called {@code t}. */
  public static TextLines text(String text) {
    return text(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes as a text called {@code t}. */
  public static TextLines text(byte[] bytes) {
    return TextLines.of("t", new ByteArrayInputStream(bytes));
  }

  /** Constructed: ftrace lines as {@code trace-cmd report} prints them. */
  public static List<String> asTraceCmd(List<String> ftrace) {
    List<String> out = new ArrayList<>(List.of("cpus=4"));
    for (String line : ftrace) {
      Matcher m = FTRACE.matcher(line);
      if (m.matches()) {
        out.add(
            "%16s-%-5s [%s] %12s: %-20s %s"
                .formatted(
                    m.group(1), m.group(2), m.group(3), m.group(4), m.group(5) + ":", m.group(6)));
      }
    }
    return out;
  }

  /** Constructed: ftrace lines as {@code perf script} prints them. */
  public static List<String> asPerfScript(List<String> ftrace) {
    List<String> out = new ArrayList<>();
    for (String line : ftrace) {
      Matcher m = FTRACE.matcher(line);
      if (m.matches()) {
        String comm = m.group(1).equals("<idle>") ? "swapper" : m.group(1);
        out.add(
            "%16s %5s [%s] %12s: %20s: %s"
                .formatted(
                    comm, m.group(2), m.group(3), m.group(4), grouped(m.group(5)), m.group(6)));
      }
    }
    return out;
  }

  private static String grouped(String event) {
    return switch (event) {
      case "map", "unmap" -> "iommu:" + event;
      case "swiotlb_bounced" -> "swiotlb:" + event;
      default -> (event.startsWith("dma_") ? "dma:" : "intel_iommu:") + event;
    };
  }

  private static InputStream resource(String name) {
    return TraceText.class.getResourceAsStream("/dev/mapstorm/load/traces/" + name + ".trace.gz");
  }
}
