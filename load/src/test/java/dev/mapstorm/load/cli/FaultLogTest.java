package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a device does wrong is in the report, in the kernel log of the platform, and read back. */
class FaultLogTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nvme-4k | console: DMAR: \\[DMA Write NO_PASID\\] Request device \\[01:00.0\\] fault addr"
            + " 0x[0-9a-f]+000 \\[fault reason 0x05\\] PTE Write access is not set",
        "amd-dual-nic | console: mapstorm 0000:0[12]:00.0: AMD-Vi: Event logged \\[IO_PAGE_FAULT"
            + " domain=0x000[12] address=0x[0-9a-f]+000 flags=0x0020\\]",
        "smmu-unmap | console: arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:\\n"
            + ".*: \\t0x0000010000000010\\n",
        "virtio-guest | console: virtio_iommu virtio0: page fault from EP 256 at 0x[0-9a-f]+000"
            + " \\[W\\]",
      })
  void aRefusedAccessIsALineOfThePlatformsLog(String scenario, String line) throws IOException {
    String run = directory.resolve("run").toString();
    String[] settings = {
      "iommu.mode=strict",
      "client.rate=200",
      "client.read-percent=100",
      "device.misuse.stale-every=3",
      "device.misuse.stale-after=1ms"
    };
    String[] arguments = new String[6 + 2 * settings.length];
    String[] head = {"run", scenario, "--out", run, "--duration", "40ms"};
    System.arraycopy(head, 0, arguments, 0, head.length);
    for (int i = 0; i < settings.length; i++) {
      arguments[head.length + 2 * i] = "--set";
      arguments[head.length + 2 * i + 1] = settings[i];
    }
    Ran ran = mapstorm(arguments);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("Accesses that devices should not have made")
        .contains("access after unmap")
        .contains("fault: not mapped");
    Path text = directory.resolve("t.trace");
    assertThat(mapstorm("export", run, "--format", "ftrace", "--out", text.toString()).code())
        .isZero();
    assertThat(Files.readString(text)).containsPattern(line).doesNotContain("io_page_fault");
    Ran check = mapstorm("check", "--trace", text.toString(), "--json", "--most", "1000000");
    assertThat(check.code()).isEqualTo(1);
    long refused = 0;
    for (JsonNode each :
        mapstorm("check", run, "--json", "--most", "1000000").json().get("findings")) {
      refused += each.get("text").asText().contains("fault: not mapped") ? 1 : 0;
    }
    long faults = 0;
    for (JsonNode each : check.json().get("findings")) {
      faults += each.get("rule").asText().equals("access-after-unmap") ? 1 : 0;
    }
    assertThat(faults).isPositive().isEqualTo(refused);
  }
}
