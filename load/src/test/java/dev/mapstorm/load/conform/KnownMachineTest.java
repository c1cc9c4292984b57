package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.trace.MachineFile;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.load.trace.TraceText;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is known of a machine: options before the trace's own lines before the file beside it. */
class KnownMachineTest {
  private static final String TWO_MAPS =
      map("c0000000", 1, "0000:41:00.0") + map("bffff000", 2, "0000:41:00.0");
  private static final String WINDOW =
      "# machine: window = 0xc0001000 0xffffffff PCI Bus 0000:40\n";

  @Test
  void reservesTheWindowsOfTheHostBridgeThatADeviceIsBehind() {
    String elsewhere =
        "# machine: window = 0xbffff000 0xbfffffff PCI Bus 0000:80\n"
            + "# machine: window = 0xbfffe000 0xbfffffff PCI Bus 0001:40\n";

    TraceConformanceReport without = check(TWO_MAPS, "", ConformanceOptions.INFERRED);
    TraceConformanceReport with =
        check(WINDOW + elsewhere + TWO_MAPS, "", ConformanceOptions.INFERRED);

    assertThat(without.decidable()).isZero();
    assertThat(with.explained()).isEqualTo(2);
    assertThat(with.rules()).contains("1 window (as its machine lines say)");
    assertThat(with.windows().get(0)).contains(new ReservedWindow(0xc0001000L, 0x100000000L));
  }

  @Test
  void takesABridgeFurtherDownForNoHostBridge() {
    String nested = "# machine: window = 0xd0000000 0xdfffffff PCI Bus 0000:41\n";

    assertThat(check(WINDOW + nested + TWO_MAPS, "", ConformanceOptions.INFERRED).explained())
        .isEqualTo(2);
  }

  @Test
  void reservesTheRegionsOfTheGroupButNoDoorbellThatSoftwarePlaces() {
    String facts =
        "# machine: window = 0x1000 0x1fff PCI Bus 0000:00\n"
            + "# machine: device = 0000:41:00.0 group 7 mask 64 node 0 driver nvme\n"
            + "# machine: reserved = 7 0xc0001000 0xffffffff direct\n"
            + "# machine: reserved = 7 0x8000000 0x80fffff msi\n"
            + "# machine: reserved = 8 0x0 0xbfffffff direct\n";

    assertThat(check(facts + TWO_MAPS, "", ConformanceOptions.INFERRED).windows().get(0))
        .containsExactlyInAnyOrder(
            new ReservedWindow(0x1000, 0x2000), new ReservedWindow(0xc0001000L, 0x100000000L));
  }

  @Test
  void takesTheOptionThenTheTracesOwnLinesThenTheFileBesideIt() {
    String own = "# machine: kernel = 6.6.3-own\n";
    String beside = "Linux version 6.1.0-beside x86_64\npossible 0-31 online 0-15\n";
    String map = map("fffff000", 1, "0000:41:00.0");

    assertThat(check(own + map, beside, ConformanceOptions.INFERRED.withKernel("6.2")).rules())
        .contains("Linux 6.2 (given)", "16 CPUs (as m.machine.txt says)");
    assertThat(check(own + map, beside, ConformanceOptions.INFERRED).rules())
        .contains("Linux 6.6 (as its machine lines say)");
    assertThat(check(map, beside, ConformanceOptions.INFERRED).rules())
        .contains("Linux 6.1 (as m.machine.txt says)");
    assertThat(check(map, "", ConformanceOptions.INFERRED).rules())
        .contains("Linux 6.12 or later (it has dma events)", "1 CPU (as the trace shows)");
  }

  @Test
  void takesTheModeFromTheTypeOfTheDevicesGroup() {
    String groups =
        "group 3 DMA-FQ 0000:41:00.0 0x1b36:0x0010 mask 64 driver nvme\n"
            + "DMA domain TLB invalidation policy: strict mode\n";
    String map = map("fffff000", 1, "0000:41:00.0");

    assertThat(check(map, groups, ConformanceOptions.INFERRED).rules())
        .contains("lazy mode (as m.machine.txt says)");
    assertThat(check(map, groups, ConformanceOptions.INFERRED.withLazy(false)).rules())
        .contains("strict mode (given)");
  }

  @Test
  void knowsThatKernelsBefore515CallEveryGroupDma() {
    String facts =
        "Linux version 5.10.0-32 x\n"
            + "Command line: iommu.strict=0\n"
            + "group 3 DMA 0000:41:00.0 0x1b36:0x0010 mask 64 driver nvme\n";

    assertThat(
            check(map("fffff000", 1, "0000:41:00.0"), facts, ConformanceOptions.INFERRED).rules())
        .contains("lazy mode (as m.machine.txt says)");
  }

  @Test
  void knowsThatForcedacSkips32BitSpace() {
    String maps = map("fffffffff000", 1, "d") + map("ffffffffe000", 2, "d");
    String below = map("fffff000", 1, "d");

    assertThat(check(maps, "", ConformanceOptions.INFERRED).explained()).isEqualTo(2);
    assertThat(
            check(below, "Command line: iommu.forcedac=1\n", ConformanceOptions.INFERRED).rules())
        .contains("forcedac (as m.machine.txt says)")
        .anyMatch(rule -> rule.startsWith("begins on a running machine"));
  }

  private static String map(String address, int microseconds, String device) {
    return "t-1 [000] ..... 1.%06d: map: IOMMU: iova=0x%s - 0x0 paddr=0x5000 size=4096\n"
            .formatted(2 * microseconds, address)
        + "t-1 [000] ..... 1.%06d: dma_map_page: %s dir=TO_DEVICE dma_addr=%s size=4096 phys_addr=5000 attrs=\n"
            .formatted(2 * microseconds + 1, device, address);
  }

  private static TraceConformanceReport check(
      String trace, String beside, ConformanceOptions options) {
    Optional<MachineFile> machine =
        beside.isEmpty()
            ? Optional.empty()
            : Optional.of(MachineFile.read("m.machine.txt", TraceText.text(beside)));
    return TraceConformance.check(TraceText.text(trace), Strictness.LENIENT, options.with(machine));
  }
}
