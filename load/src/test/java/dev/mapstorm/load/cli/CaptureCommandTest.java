package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script that records a trace, and a file that it left on Linux 6.1 with VT-d and an NVMe. */
@DisabledOnOs(OS.WINDOWS)
class CaptureCommandTest {
  private static final String RECORDED = "../docs/capture-6.1-strict.trace.gz";

  @TempDir Path folder;

  private String script(String... more) throws IOException {
    String[] command = new String[more.length + 1];
    command[0] = "capture";
    System.arraycopy(more, 0, command, 1, more.length);
    Ran ran = mapstorm(command);
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran.out();
  }

  /** What a shell makes of a text, and its exit code in front. */
  private String sh(String text, String... options) throws Exception {
    Path file = Files.writeString(folder.resolve("script.sh"), text);
    String[] command = new String[options.length + 2];
    command[0] = "sh";
    System.arraycopy(options, 0, command, 1, options.length);
    command[options.length + 1] = file.toString();
    Process shell = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return shell.exitValue() + " " + said;
  }

  @Test
  void theScriptIsOneThatAShellReads() throws Exception {
    String script =
        script(
            "--for",
            "nvme0",
            "--seconds",
            "1min",
            "--out",
            "it's $(a) file",
            "--with",
            "trace-cmd");

    assertThat(sh(script, "-n")).isEqualTo("0 ");
    assertThat(script)
        .startsWith("#!/bin/sh\n")
        .contains("\nseconds=60\n", "\nfor='nvme0'\n", "\ntool=trace-cmd\n")
        .doesNotContainPattern("@[A-Z]+@");
    String assignments = script.substring(script.indexOf("seconds="), script.indexOf("\nfail()"));
    assertThat(sh(assignments + "\necho \"$out\"")).isEqualTo("0 it's $(a) file\n");
  }

  @Test
  void printIsTheDefault() throws IOException {
    assertThat(script("--print")).isEqualTo(script());
    assertThat(script()).contains("\nseconds=10\n", "\nout='mapstorm.trace'\n", "\nfor=''\n");
  }

  @Test
  void aDeviceThatIsNotThereIsNamedBeforeAnythingIsTouched() throws Exception {
    String script = script("--for", "no-such-device").replace("id -u", "echo 0");

    assertThat(sh(script))
        .isEqualTo(
            "1 capture: there is no device no-such-device: give a PCI address as lspci -D prints"
                + " it, or a name in /sys/class\n");
  }

  @Test
  void withoutRootItSaysWhatIsNeeded() throws Exception {
    assertThat(sh(script().replace("id -u", "echo 1000")))
        .startsWith("1 capture: tracing needs root: sudo sh ");
  }

  @ParameterizedTest
  @CsvSource({
    "0, --seconds 0: must be 1 to 3600",
    "2h, --seconds 7200: must be 1 to 3600",
    "'', --seconds: ",
    "soon, --seconds: ",
  })
  void aTimeThatCannotBeIsRefused(String seconds, String said) {
    Ran ran = mapstorm("capture", "--seconds", seconds);

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).startsWith("mapstorm: " + said).hasLineCount(1);
  }

  @Test
  void printAndRunExcludeEachOther() {
    assertThat(mapstorm("capture", "--print", "--run").code()).isEqualTo(2);
  }

  @Test
  void whatItRecordedIsReadWithTheFactsOfTheMachine() {
    Ran text = mapstorm("explain", RECORDED);
    assertThat(text.code()).as(text.err()).isZero();
    assertThat(text.out())
        .contains(
            "  Linux 6.1.0-57-amd64, x86_64, 2 possible CPUs, strict by default, recorded for"
                + " 0000:00:02.0\n")
        .doesNotContain("left out");

    JsonNode found = mapstorm("explain", "--json", RECORDED).json();
    // A mapping that stands was not unmapped.
    assertThat(found.at("/standing/0/unmapped").isNull()).isTrue();
    assertThat(found.at("/standing/0/mapped/cpu").isInt()).isTrue();
    JsonNode machine = found.at("/reading/machine");
    assertThat(machine.at("/values/cpus-possible").asText()).isEqualTo("0-1");
    assertThat(machine.at("/options/1").asText()).isEqualTo("iommu.strict=1");
    assertThat(machine.at("/groups/3").asText()).isEqualTo("DMA");
    assertThat(machine.at("/windows/1/first").asLong()).isEqualTo(0x40000000L);
    assertThat(machine.at("/reserved/0/kind").asText()).isEqualTo("msi");
    assertThat(machine.at("/devices/2").toString())
        .isEqualTo(
            "{\"name\":\"0000:00:02.0\",\"group\":2,\"maskBits\":64,\"node\":-1,\"driver\":\"nvme\"}");
  }

  /** Linux 6.1 has no dma events: the requests are those that its page-table writes tell of. */
  @Test
  void whatItRecordedRunsUnderAnotherPolicy() {
    Ran run =
        mapstorm(
            "run",
            "--trace",
            RECORDED,
            "--set",
            "iommu.mode=lazy",
            "--json",
            "--out",
            folder.resolve("run").toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("trace of 1 device on 2 CPUs, strict: 802 maps, 800 unmaps");
    assertThat(run.json().at("/ran").asText()).isEqualTo("1 device of a trace, api recorded; lazy");
    assertThat(run.json().at("/complete").asBoolean()).isTrue();
  }

  @Test
  void aFactThatCannotBeReadIsCountedOrRefused() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("t.trace"),
            """
            # machine: kernel = 6.12.1
            # machine: device = ?
            # tracer: nop
             dd-1     [000] ..... 1.000000: map: IOMMU: iova=0x00000000fffb8000 - 0x00000000fffb9000 paddr=0x000000003ffbc000 size=4096
            """);

    assertThat(mapstorm("explain", file.toString()).out())
        .contains("  Linux 6.12.1\n", "1 line left out: 1 damaged event");
    Ran strict = mapstorm("explain", "--strict-reading", file.toString());
    assertThat(strict.code()).isEqualTo(1);
    assertThat(strict.err()).contains("t.trace:2: this fact of the machine cannot be read");
  }
}
