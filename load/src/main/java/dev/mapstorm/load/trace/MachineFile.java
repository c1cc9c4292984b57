package dev.mapstorm.load.trace;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file beside a trace says of the machine: for {@code NAME.trace.gz} the file {@code
 * NAME.machine.txt}, plain or gzip.
 *
 * <p>It is free text. Read of it are {@code # machine:} lines as {@code capture} writes them, the
 * output of {@code uname -a}, the kernel log (command line, host bridges, policy, groups), lines of
 * {@code /proc/iomem}, what {@code grep . /sys/kernel/iommu_groups/*}{@code /type} prints, and
 * lines of the form {@code possible 0-3 online 0-3} and {@code group 3 DMA-FQ 0000:03:00.0
 * 0x1b36:0x0010 mask 64 driver nvme}. All else is passed over.
 *
 * @param name of the file, without its directory
 * @param facts what it says
 */
public record MachineFile(String name, MachineFacts facts) {
  private static final String ENDING = ".machine.txt";
  private static final String GZIP = ".gz";
  private static final String HEX = "([0-9a-f]{1,16})";
  private static final Pattern DMA_OPTION =
      Pattern.compile(
          "(?:iommu[=.]|intel_iommu=|amd_iommu=|swiotlb=|arm-smmu|nohz_full=|pci=).*|disable_ddw");

  /** A form of line, and what it says. */
  private record Form(Pattern pattern, java.util.function.BiConsumer<Parser, Matcher> take) {}

  private static final List<Form> FORMS =
      List.of(
          form("(?:.* )?Linux version (\\S+) .*", (to, m) -> to.fact("kernel", m.group(1))),
          form(
              "Linux \\S+ (\\d+\\.\\d+\\S*) #.*? (\\S+) GNU/Linux",
              (to, m) -> {
                to.fact("kernel", m.group(1));
                to.fact("arch", m.group(2));
              }),
          form(
              "possible ([\\d,-]+) online ([\\d,-]+)",
              (to, m) -> {
                to.fact("cpus-possible", m.group(1));
                to.fact("cpus-online", m.group(2));
              }),
          form("(?:.* )?[Cc]ommand line: (.*)", (to, m) -> to.options(m.group(1))),
          form(
              ".*DMA domain TLB invalidation policy: (lazy|strict) mode.*",
              (to, m) -> to.fact("policy", m.group(1))),
          form(
              ".*software IO TLB: mapped \\[mem 0x" + HEX + "-0x" + HEX + "\\].*",
              (to, m) -> to.fact("swiotlb", "0x%s 0x%s".formatted(m.group(1), m.group(2)))),
          form(
              ".*software IO TLB: area num (\\d{1,5})\\..*",
              (to, m) -> to.fact("swiotlb-areas", m.group(1))),
          form(
              ".*pci_bus (\\S+): root bus resource \\[mem 0x"
                  + HEX
                  + "-0x"
                  + HEX
                  + "[^\\]]*\\](?: \\(bus address \\[0x"
                  + HEX
                  + "-0x"
                  + HEX
                  + "\\]\\))?",
              (to, m) -> to.window(m.group(1), m, m.group(4) == null ? 2 : 4)),
          form(
              " *" + HEX + "-" + HEX + " : PCI Bus (\\S+)", (to, m) -> to.window(m.group(3), m, 1)),
          form(
              "group (\\d{1,9}) (\\S+) (\\S+) \\S+ mask (\\d{0,3}) driver ?(\\S*)",
              (to, m) -> {
                to.group(m.group(1), m.group(2));
                to.device(m.group(3), m.group(1), m.group(4), m.group(5));
              }),
          form(
              "/sys/kernel/iommu_groups/(\\d{1,9})/type:(\\S+)",
              (to, m) -> to.group(m.group(1), m.group(2))),
          form(
              "/sys/kernel/iommu_groups/(\\d{1,9})/devices/(\\S+)",
              (to, m) -> to.device(m.group(2), m.group(1), "", "")),
          form(
              "/sys/kernel/iommu_groups/(\\d{1,9})(?:/reserved_regions:)? ?0x"
                  + HEX
                  + " 0x"
                  + HEX
                  + " ([a-z-]+);?",
              (to, m) ->
                  to.fact(
                      "reserved",
                      "%s 0x%s 0x%s %s"
                          .formatted(m.group(1), m.group(2), m.group(3), m.group(4)))));

  private static Form form(String pattern, java.util.function.BiConsumer<Parser, Matcher> take) {
    return new Form(Pattern.compile(pattern), take);
  }

  /**
   * The file beside a trace, if there is one.
   *
   * @throws TextFormatException if it cannot be read
   */
  public static Optional<MachineFile> beside(Path trace) {
    Path fileName = trace.getFileName();
    if (fileName == null) {
      return Optional.empty();
    }
    for (String base : bases(fileName.toString())) {
      for (String ending : List.of(ENDING, ENDING + GZIP)) {
        Path file = trace.resolveSibling(base + ending);
        if (Files.isRegularFile(file)) {
          try (TextLines lines = TextLines.open(file)) {
            return Optional.of(read(base + ending, lines));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The name, and what is left of it without one ending after the other. */
  private static List<String> bases(String name) {
    List<String> bases = new ArrayList<>();
    String base = name;
    while (!base.isEmpty()) {
      bases.add(base);
      int dot = base.lastIndexOf('.');
      base = dot < 0 ? "" : base.substring(0, dot);
    }
    return bases;
  }

  /** Reads lines to their end; does not close them. */
  public static MachineFile read(String name, TextLines lines) {
    Parser parser = new Parser();
    while (lines.advance()) {
      parser.take(lines.line().stripTrailing());
    }
    return new MachineFile(name, parser.reader.facts());
  }

  /** Gathers facts; the first of a kind counts. */
  private static final class Parser {
    private final MachineFacts.Reader reader = new MachineFacts.Reader();

    void take(String line) {
      if (reader.isFact(line)) {
        reader.take(line);
        return;
      }
      for (Form form : FORMS) {
        Matcher matcher = form.pattern().matcher(line);
        if (matcher.matches()) {
          form.take().accept(this, matcher);
          return;
        }
      }
    }

    void fact(String key, String value) {
      reader.takeFirst(key, value);
    }

    void options(String line) {
      Consumer<String> add = option -> reader.takeFirst("option", option);
      List.of(line.split(" +")).stream()
          .filter(option -> DMA_OPTION.matcher(option).matches())
          .forEach(add);
    }

    void window(String bus, Matcher range, int first) {
      fact(
          "window",
          "0x%s 0x%s PCI Bus %s".formatted(range.group(first), range.group(first + 1), bus));
    }

    void group(String number, String type) {
      fact("group", number + " " + type);
    }

    void device(String name, String group, String mask, String driver) {
      fact(
          "device",
          "%s group %s mask %s node -1 driver %s"
              .formatted(
                  name, group, mask.isEmpty() ? "-" : mask, driver.isEmpty() ? "-" : driver));
    }
  }
}
