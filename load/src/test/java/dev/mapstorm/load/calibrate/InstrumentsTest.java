package dev.mapstorm.load.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstrumentsTest {
  private static MeasuredFile file(String name, String text) {
    return new MeasuredFile(name, text.lines().toList());
  }

  private static List<Finding> read(String text) {
    return Measurements.read(List.of(file("m.txt", text))).findings();
  }

  /** Of a Haswell at 1.6 GHz: two functions inside, each with 0.25 to 0.3 us of the tracer. */
  private static final String GRAPH =
      """
       fio-1234 [003] 1072.028311: funcgraph_entry:                   |        cache_tag_flush_range() {
       fio-1234 [003] 1072.028311: funcgraph_entry:        0.300 us   |          _raw_spin_lock_irqsave();
       fio-1234 [003] 1072.028311: funcgraph_entry:                   |          qi_submit_sync() {
       fio-1234 [003] 1072.028313: funcgraph_entry:        0.300 us   |            _raw_spin_unlock();
       fio-1234 [003] 1072.028313: funcgraph_exit:         2.100 us   |          }
       fio-1234 [003] 1072.028313: funcgraph_exit:       + 3.200 us   |        }
       fio-1234 [003] 1072.028311: funcgraph_entry:                   |        alloc_iova_fast() {
       fio-1234 [003] 1072.028311: funcgraph_entry:        0.300 us   |          _raw_spin_lock_irqsave();
       fio-1234 [003] 1072.028313: funcgraph_exit:         1.000 us   |        }
      """;

  @Test
  void aFunctionIsLessWhatTheTracerTakesInItAndInsideIt() {
    List<Finding> found = read(GRAPH.repeat(12));

    // alloc_iova_fast leaves 0.4 us, less than twice the tracer's 0.3: nothing is told of it.
    assertThat(found).extracting(Finding::key).containsExactly(Finding.INVALIDATION);
    assertThat(found.get(0).value()).isCloseTo(3200 - 4 * 300, within(0.5));
    assertThat(found.get(0).at()).isEqualTo("m.txt line 6");
  }

  @Test
  void theKernelsOwnFormIsTheSame() {
    String kernel =
        """
         53)               |  arm_smmu_cmdq_issue_cmdlist() {
         53)   0.600 us    |    arm_smmu_cmdq_build_cmd();
         53) + 12.200 us   |  } /* arm_smmu_cmdq_issue_cmdlist */
        """;
    List<Finding> found = read(kernel.repeat(10));

    assertThat(found).hasSize(1);
    assertThat(found.get(0).value()).isCloseTo(12200 - 2 * 600, within(0.5));
  }

  @Test
  void nineCallsAreTooFewToKnowTheTracer() {
    assertThatThrownBy(() -> read(GRAPH))
        .isInstanceOf(CalibrationException.class)
        .hasMessageContaining("m.txt: no function without traced callees is in it 10 times");
  }

  @Test
  void theMedianOfAHistogramIsLessThatOfTheProbe() {
    List<Finding> found =
        read(
            """
            @nothing:
            [256, 512)           500 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|

            @qi_submit_sync:
            [1K, 2K)             900 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
            [64K, 128K)          100 |@@@@@                                               |
            """);

    double middle = 1024 * Math.pow(2, 500.0 / 900);
    assertThat(found).hasSize(1);
    assertThat(found.get(0).value()).isCloseTo(middle - 256 * Math.sqrt(2), within(1.0));
    assertThat(found.get(0).at()).isEqualTo("m.txt line 4");
  }

  @Test
  void funclatencyIsReadAfterItsFunctionsName() {
    List<Finding> found =
        read(
            """
            # function arm_smmu_cmdq_issue_cmdlist
                 nsecs               : count     distribution
                  1024 -> 2047       : 2274570  |***********************                 |
                  2048 -> 4095       : 2274570  |***********************                 |
            """);

    assertThat(found.get(0).value()).isCloseTo(2048 - 250, within(2.0));
    assertThat(found.get(0).halfWidth()).isGreaterThan(250);
  }

  /** Of a Sapphire Rapids: 409 samples, 30 % over a microsecond, none of two. */
  private static final String DMAR =
      """
      IOMMU: dmar18 Register Base Address: c87fc000
                        <0.1us   0.1us-1us    1us-10us  10us-100us   100us-1ms    1ms-10ms      >=10ms     min(us)     max(us) average(us)
         inv_iotlb           0         286         123           0           0           0           0           0           1           0
        inv_devtlb           0         276         133           0           0           0           0           0           2           0
      """;

  @Test
  void bucketsAndTheLongestGiveTheMeanOfAnInvalidation() {
    Finding found = read(DMAR).get(0);

    assertThat(found.value()).isCloseTo(890, within(10.0));
    assertThat(found.value() + found.halfWidth()).isLessThan(1100);
    assertThat(found.key()).isEqualTo(Finding.INVALIDATION);
    assertThat(found.at()).isEqualTo("m.txt line 3");
  }

  /** Of an Emerald Rapids, two seconds of a clock of 500 MHz: 161 clocks and 2 reads a miss. */
  private static final String COUNTERS =
      """
           1.000100000,500000000,,dmar0/iommu_clocks/,1000000000,100.00,,
           1.000100000,955900000,,dmar0/pw_occupancy/,1000000000,100.00,,
           1.000100000,11900000,,dmar0/iommu_mrds/,1000000000,100.00,,
           1.000100000,9930000,,dmar0/iotlb_lookup/,1000000000,100.00,,
           1.000100000,4000000,,dmar0/iotlb_hit/,1000000000,100.00,,
           1.000100000,<not counted>,,dmar0/iommu_requests/,0,0.00,,
      """;

  @Test
  void walksUnderWayOverWalksBegunAreTheirTime() {
    List<Finding> found = read(COUNTERS + COUNTERS.replace("1.0001", "2.0000"));

    assertThat(found).extracting(Finding::key).containsExactly("walk-reads", "walk-read");
    assertThat(found.get(0).value()).isEqualTo(2);
    assertThat(found.get(1).value()).isCloseTo(322.4 / 2, within(0.5));
  }

  @Test
  void anIdleDeviceWalksNothing() {
    assertThatThrownBy(() -> read("100,,dmar0/iotlb_lookup/,1,100.00,,\n"))
        .hasMessageContaining("m.txt line 1: 100 misses of the IOTLB are too few");
  }

  /** Of an Optane, one CPU: 570K strict, 1.93M lazy, 5.01M not translated. */
  @ParameterizedTest
  @ValueSource(strings = {"json", "text", "terse"})
  void aBusyCpuTellsWhatModesCost(String format) {
    String all =
        "# mode strict\n%s# mode lazy\n%s# mode passthrough\n%s"
            .formatted(
                fio(format, 570_000, 99.5),
                fio(format, 1_930_000, 99.5),
                fio(format, 5_010_000, 99.5));
    List<Finding> found = read(all);

    assertThat(found)
        .extracting(Finding::key)
        .containsExactly(Finding.STRICT_PRICE, Finding.LAZY_PRICE);
    assertThat(found.get(0).value()).isCloseTo(1236 * 0.995, within(4.0));
    assertThat(found.get(1).value()).isCloseTo(318 * 0.995, within(4.0));
  }

  private static String fio(String format, double iops, double cpu) {
    return switch (format) {
      case "json" ->
          """
          {
            "fio version" : "fio-3.36",
            "jobs" : [
              {
                "jobname" : "q1",
                "read" : { "iops" : %.1f },
                "write" : { "iops" : 0.0 },
                "usr_cpu" : 10.0,
                "sys_cpu" : %.1f
              }
            ]
          }
          """
              .formatted(iops, cpu - 10);
      case "text" ->
          """
          q1: (groupid=0, jobs=1): err= 0: pid=99: Mon Nov 30 10:00:00 2026
            read: IOPS=%.0fk, BW=2227MiB/s (2335MB/s)(43.5GiB/20001msec)
            cpu          : usr=10.00%%, sys=%.2f%%, ctx=1234, majf=0, minf=10
          """
              .formatted(iops / 1000, cpu - 10);
      default -> terse(iops, cpu);
    };
  }

  private static String terse(double iops, double cpu) {
    List<String> fields = new ArrayList<>(Collections.nCopies(130, "0"));
    fields.set(0, "3");
    fields.set(1, "fio-3.36");
    fields.set(7, String.format(Locale.ROOT, "%.0f", iops));
    fields.set(87, "10.0%");
    fields.set(88, (cpu - 10) + "%");
    return String.join(";", fields) + "\n";
  }

  @Test
  void aCpuThatWaitsForTheDriveTellsNothing() {
    String differ =
        "# mode strict\n%s# mode lazy\n%s"
            .formatted(fio("json", 554_000, 60), fio("json", 600_000, 60));
    String alike =
        "# mode strict\n%s# mode lazy\n%s"
            .formatted(fio("json", 554_000, 60), fio("json", 560_000, 60));

    assertThatThrownBy(() -> read(differ))
        .hasMessageContaining("m.txt line 2: the CPU is busy for 60 % of the time only");
    assertThat(read(alike)).isEmpty();
  }

  @Test
  void modesMayBeInFilesOfTheirOwn() {
    List<Finding> found =
        Measurements.read(
                List.of(
                    file("a.txt", "# mode strict\n" + fio("json", 570_000, 99.5)),
                    file("b.txt", "# mode lazy\n" + fio("text", 1_930_000, 99.5))))
            .findings();

    assertThat(found.get(0).value()).isCloseTo(1236 * 0.995, within(4.0));
  }

  @Test
  void aModeIsThatOfItsFile() {
    assertThatThrownBy(
            () ->
                Measurements.read(
                    List.of(
                        file("a.txt", "# mode strict\n" + fio("json", 570_000, 99)),
                        file("b.txt", fio("json", 570_000, 99)))))
        .hasMessageContaining("b.txt line 1: nothing before it says which mode");
  }

  @Test
  void filesOfTwoMachinesOrKernelsAreRefused() {
    assertThatThrownBy(
            () ->
                Measurements.read(
                    List.of(
                        file("a.txt", "# machine: kernel = 6.12.0\n" + DMAR),
                        file("b.txt", "\n# machine: kernel = 6.1.0\n" + DMAR))))
        .hasMessage(
            "a.txt line 1 says kernel 6.12.0, and b.txt line 2 says 6.1.0: give measurements of one"
                + " machine with one kernel");
  }

  /** What capture records of a machine with VT-d says how much a command can cover. */
  @Test
  void theRegistersOfAUnitAreRead() {
    List<Finding> found = read("# machine: unit = dmar0 cap d2008c22260206 ecap f00f4a\n");

    assertThat(found).hasSize(1);
    assertThat(found.get(0).key()).isEqualTo("max-address-mask");
    assertThat(found.get(0).value()).isEqualTo(18);
  }
}
