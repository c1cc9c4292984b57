package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MapBenchmarkCommandTest {

  private static Ran run(String... options) {
    String[] command = new String[options.length + 5];
    System.arraycopy(
        new String[] {"map-benchmark", "--platform", "kunpeng920-smmuv3", "-s", "0.002"},
        0,
        command,
        0,
        5);
    System.arraycopy(options, 0, command, 5, options.length);
    return CommandLineFixture.mapstorm(command);
  }

  /** A Kunpeng 920 gave 0.2 and 1.4 for one thread and 8 pages, 5.8 for an unmap of ten. */
  @Test
  void theLinesAreThoseOfTheKernelsTool() {
    Ran ran = run("-t", "1", "-g", "8");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out())
        .isEqualTo(
            """
            dma mapping benchmark(SINGLE_MODE): threads:1 seconds:0.002 node:0 dir:TO_DEVICE granule:8
            average map latency(us):0.1 standard deviation:0.0
            average unmap latency(us):1.3 standard deviation:0.0
            """);
    assertThat(run("-t", "10").out()).contains("average unmap latency(us):5.4");
  }

  @Test
  void aListOfPagesIsMappedPieceByPiece() {
    assertThat(run("-g", "64", "-m", "1", "-d", "2", "--mode", "lazy").out())
        .contains("benchmark(SG_MODE)", "dir:FROM_DEVICE granule:64")
        .containsPattern("average map latency\\(us\\):[78]\\.\\d");
  }

  @Test
  void anotherNodeIsFartherFromTheUnit() {
    assertThat(run().out()).contains("average unmap latency(us):0.8");
    assertThat(run("-n", "1").out()).contains("average unmap latency(us):1.1", "node:1");
  }

  /** 32-bit Arm and POWER do not use dma-iommu; a guest that bounces copies while it maps. */
  @ParameterizedTest
  @CsvSource({
    "power-tce,strict,map latency(us):2.4",
    "arm32-iommu,strict,map latency(us):1.1",
    "swiotlb-guest,bounced,map latency(us):0.9",
  })
  void aPlatformHasItsOwnBackend(String platform, String mode, String shown) {
    Ran ran =
        CommandLineFixture.mapstorm(
            "map-benchmark", "--platform", platform, "--mode", mode, "-s", "0.002");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains(shown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-t|0|-t 0: must be 1 to 1024",
        "-g|1025|-g 1025: must be 1 to 1024",
        "-d|0|-d 0: must be 1 to 2",
        "-s|0|-s 0.0: must be above 0, up to 10",
        "--mode|fast|--mode fast: must be strict, lazy, passthrough or bounced",
        "--platform|none|there is no platform",
      })
  void whatCannotBeIsRefused(String option, String value, String message) {
    String[] command = {"map-benchmark", option, value};
    Ran ran = CommandLineFixture.mapstorm(command);

    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains(message);
  }
}
