package dev.mapstorm.load.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineFileTest {
  /** As people write such files down: uname, command line, groups, kernel log. */
  private static final String FREE_TEXT =
      """
      # load: fio
      Linux (none) 6.12.107+deb13-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 x86_64 GNU/Linux
      possible 0-7 online 0-2,4
      group 2 DMA 0000:00:02.0 0x8086:0x10d3 mask 32 driver\s
      group 3 DMA-FQ 0000:00:03.0 0x1b36:0x0010 mask 64 driver nvme
      [    0.000000] Linux version 6.12.999 (of another line)
      [    0.000000] Command line: console=ttyS0 intel_iommu=on,forcedac iommu.strict=0 quiet
      [    2.330962] pci_bus 0000:00: root bus resource [mem 0x000a0000-0x000bffff window]
      [    2.331017] pci_bus 0000:00: root bus resource [mem 0xc0000000-0xfebfffff window]
      [    2.331018] pci_bus 0000:40: root bus resource [mem 0x1000000-0x1ffffff window] (bus address [0x2000000-0x2ffffff])
      [    2.331019] pci_bus 0000:00: root bus resource [io  0x0000-0x0cf7 window]
      [    2.559813] iommu: DMA domain TLB invalidation policy: lazy mode (set via kernel command line)
      /sys/kernel/iommu_groups/1 0x00000000fee00000 0x00000000feefffff msi;
      """;

  @Test
  void readsWhatPeopleWriteDownOfAMachine() {
    MachineFacts facts = MachineFile.read("m", TraceText.text(FREE_TEXT)).facts();

    assertThat(facts.kernel()).hasValue("6.12.107+deb13-amd64");
    assertThat(facts.possibleCpus()).isEqualTo(8);
    assertThat(facts.onlineCpus()).isEqualTo(4);
    assertThat(facts.policy()).hasValue("lazy");
    assertThat(facts.hasOption("intel_iommu=forcedac")).isTrue();
    assertThat(facts.hasOption("intel_iommu=strict")).isFalse();
    assertThat(facts.groups()).containsEntry(2, "DMA").containsEntry(3, "DMA-FQ");
    assertThat(facts.device("0000:00:03.0").orElseThrow().maskBits()).isEqualTo(64);
    assertThat(facts.device("0000:00:02.0").orElseThrow().driver()).isEmpty();
    assertThat(facts.windows())
        .containsExactly(
            new MachineFacts.Range(-1, 0xa0000, 0xbffff, "PCI Bus 0000:00"),
            new MachineFacts.Range(-1, 0xc0000000L, 0xfebfffffL, "PCI Bus 0000:00"),
            new MachineFacts.Range(-1, 0x2000000, 0x2ffffff, "PCI Bus 0000:40"));
    assertThat(facts.reserved())
        .containsExactly(new MachineFacts.Range(1, 0xfee00000L, 0xfeefffffL, "msi"));
  }

  @Test
  void takesThePolicyFromTheCommandLineWhereTheLogDoesNotSay() {
    MachineFacts facts =
        MachineFile.read("m", TraceText.text("Command line: amd_iommu=fullflush\n")).facts();

    assertThat(facts.policy()).hasValue("strict");
  }

  @ParameterizedTest
  @CsvSource({
    "a.trace.gz, a.machine.txt",
    "a.trace, a.machine.txt",
    "a.report.txt.gz, a.machine.txt",
    "a, a.machine.txt",
    "a.v2.trace, a.v2.machine.txt"
  })
  void findsTheFileBesideATrace(String trace, String machine, @TempDir Path directory)
      throws IOException {
    Files.writeString(directory.resolve(machine), FREE_TEXT);

    assertThat(MachineFile.beside(directory.resolve(trace)).orElseThrow().name())
        .isEqualTo(machine);
    assertThat(MachineFile.beside(directory.resolve("b.trace"))).isEmpty();
  }
}
