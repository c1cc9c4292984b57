package dev.mapstorm.load.conform;

import dev.mapstorm.load.trace.MachineFacts;
import dev.mapstorm.load.trace.MachineFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is said of the traced machine, first by the trace itself, then by the file beside it; each
 * answer with who says it.
 */
final class KnownMachine {
  /** Linux 5.15 named the groups' types {@code DMA} and {@code DMA-FQ}; before, all are DMA. */
  private static final KernelVersion NAMES_LAZY_GROUPS = new KernelVersion(5, 15);

  /** Where SMMU drivers have software choose the doorbell's address; the kernel reserves none. */
  private static final long SOFTWARE_MSI = 0x8000000L;

  private static final Pattern PCI_BUS = Pattern.compile("PCI Bus ([0-9a-f]{4,8}):([0-9a-f]{2})");
  private static final Pattern PCI_DEVICE =
      Pattern.compile("([0-9a-f]{4,8}):([0-9a-f]{2}):[0-9a-f]{2}\\.[0-7]");
  private static final long PAGE = 4096;

  /**
   * An answer.
   *
   * @param value what is so
   * @param source who says so, for the report
   */
  record Fact<T>(T value, String source) {}

  private final List<Fact<MachineFacts>> said = new ArrayList<>();

  KnownMachine(MachineFacts ofTrace, Optional<MachineFile> beside) {
    said.add(new Fact<>(ofTrace, "as its machine lines say"));
    beside.ifPresent(file -> said.add(new Fact<>(file.facts(), "as " + file.name() + " says")));
  }

  private <T> Optional<Fact<T>> first(Function<MachineFacts, Optional<T>> question) {
    for (Fact<MachineFacts> facts : said) {
      Optional<T> answer = question.apply(facts.value());
      if (answer.isPresent()) {
        return Optional.of(new Fact<>(answer.get(), facts.source()));
      }
    }
    return Optional.empty();
  }

  /** The kernel's version. */
  Optional<Fact<KernelVersion>> kernel() {
    return first(facts -> facts.kernel().flatMap(KernelVersion::find));
  }

  /** CPUs that were online, for which the depot worker leaves a magazine each. */
  Optional<Fact<Integer>> cpus() {
    return first(facts -> Optional.of(facts.onlineCpus()).filter(cpus -> cpus > 0));
  }

  /** The bounce pool that the kernel made at boot. */
  Optional<Fact<MachineFacts.BouncePool>> bouncePool() {
    return first(MachineFacts::bouncePool);
  }

  /** Bytes of a page. */
  Optional<Fact<Integer>> pageSize() {
    return first(facts -> Optional.of(facts.pageSize()).filter(bytes -> bytes > 0));
  }

  /** Whether no device tries 32-bit space first ({@code iommu.forcedac}). */
  Optional<Fact<Boolean>> forcedac() {
    return first(
        facts ->
            facts.hasOption("iommu.forcedac=1", "iommu.forcedac=on", "iommu=forcedac")
                    || facts.hasOption("intel_iommu=forcedac")
                ? Optional.of(true)
                : Optional.empty());
  }

  /**
   * Whether the group of one of these devices is lazy.
   *
   * @param devices names; empty if the trace names none, then all groups must be alike
   */
  Optional<Fact<Boolean>> groupIsLazy(Collection<String> devices) {
    boolean named = kernel().map(kernel -> kernel.value().atLeast(NAMES_LAZY_GROUPS)).orElse(true);
    return first(
        facts -> {
          List<String> types =
              devices.isEmpty()
                  ? facts.groups().values().stream().distinct().toList()
                  : devices.stream()
                      .flatMap(name -> facts.device(name).stream())
                      .flatMap(
                          each -> Optional.ofNullable(facts.groups().get(each.group())).stream())
                      .toList();
          return (devices.isEmpty() && types.size() > 1 ? List.<String>of() : types)
              .stream()
                  .filter(type -> type.equals("DMA-FQ") || named && type.equals("DMA"))
                  .map(type -> type.equals("DMA-FQ"))
                  .findFirst();
        });
  }

  /** Whether the kernel's default is lazy mode. */
  Optional<Fact<Boolean>> lazyByDefault() {
    return first(facts -> facts.policy().map(policy -> policy.equals("lazy")));
  }

  /** Width of a device's DMA mask in bits, as its driver set it. */
  Optional<Fact<Integer>> maskBits(String device) {
    return first(
        facts ->
            facts
                .device(device)
                .filter(found -> found.maskBits() > 0 && !found.driver().isEmpty())
                .map(MachineFacts.Device::maskBits));
  }

  /**
   * What the kernel keeps out of the domain of some devices: the memory windows of the host bridge
   * that they are behind, and the reserved regions of their groups. Empty if no windows are said.
   */
  Optional<Fact<List<ReservedWindow>>> windows(Collection<String> devices) {
    return first(
        facts -> {
          if (facts.windows().isEmpty()) {
            return Optional.empty();
          }
          Set<ReservedWindow> windows = new LinkedHashSet<>();
          for (String device : devices.isEmpty() ? List.of("") : devices) {
            hostBridge(facts.windows(), device).forEach(range -> add(range, windows));
          }
          facts.reserved().stream()
              .filter(range -> range.first() != SOFTWARE_MSI && isOfAny(facts, range, devices))
              .forEach(range -> add(range, windows));
          return Optional.of(List.copyOf(windows));
        });
  }

  /** Whether the reserved regions of the groups are said, so that none need be inferred. */
  boolean saysRegions(Collection<String> devices) {
    return said.stream()
        .map(Fact::value)
        .anyMatch(
            facts -> facts.reserved().stream().anyMatch(range -> isOfAny(facts, range, devices)));
  }

  private static boolean isOfAny(
      MachineFacts facts, MachineFacts.Range range, Collection<String> devices) {
    return devices.stream()
        .flatMap(name -> facts.device(name).stream())
        .anyMatch(device -> device.group() == range.group());
  }

  /**
   * The windows of the root bus that a device is behind: of those with a number up to that of its
   * own bus the highest. A window inside another is that of a bridge further down. Of a device
   * without a name those of the only root bus, if there is but one.
   */
  private static List<MachineFacts.Range> hostBridge(
      List<MachineFacts.Range> windows, String device) {
    Matcher address = PCI_DEVICE.matcher(device);
    if (!address.matches()) {
      List<MachineFacts.Range> all =
          windows.stream()
              .filter(window -> windows.stream().noneMatch(other -> isInside(window, other)))
              .toList();
      boolean one = all.stream().map(MachineFacts.Range::kind).distinct().count() == 1;
      return device.isEmpty() && one ? all : List.of();
    }
    int bus = Integer.parseInt(address.group(2), 16);
    int root = -1;
    List<MachineFacts.Range> found = new ArrayList<>();
    for (MachineFacts.Range window : windows) {
      Matcher name = PCI_BUS.matcher(window.kind());
      if (!name.matches()
          || !name.group(1).equals(address.group(1))
          || windows.stream().anyMatch(other -> isInside(window, other))) {
        continue;
      }
      int number = Integer.parseInt(name.group(2), 16);
      if (number <= bus && number >= root) {
        if (number > root) {
          found.clear();
          root = number;
        }
        found.add(window);
      }
    }
    return found;
  }

  private static boolean isInside(MachineFacts.Range window, MachineFacts.Range other) {
    return !other.kind().equals(window.kind())
        && other.first() <= window.first()
        && window.last() <= other.last();
  }

  private static void add(MachineFacts.Range range, Set<ReservedWindow> windows) {
    long start = range.first() & -PAGE;
    long end = (range.last() | PAGE - 1) + 1;
    if (start >= 0 && end > start) {
      windows.add(new ReservedWindow(start, end));
    }
  }
}
