package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.replay.Script;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import org.junit.jupiter.api.Test;

class ReportTextTest {
  private final RunAnalysis analysis = new RunAnalysis(new AnalysisOptions(1_000_000, 2, 1, 10));
  private final Script script = new Script(analysis.host(0));

  @Test
  void shouldSayHowLittleHappened() {
    assertThat(ReportText.of(new RunAnalysis().result(), 10))
        .isEqualTo(
            """
            run       0 ns virtual, 0 hosts, 0 events (0 requests, 0 outcomes)
            requests  0 asked, 0 done (0/s), 0 B/s, 0 failed calls, 0 faults
            """);
  }

  @Test
  void shouldShowEverySectionThatHasFigures() {
    script.at(0).requested(0, 0, MapApi.SG, 8192).allocated(0, 0x10, 2, IovaSource.TREE, 4);
    script.tables(3).ptes(0, 0x10, 1, 2).at(1_000).mapped(0, 0, 0, 0x10, 8192, 800);
    script.submitted(0, 0).at(3_000).translated(0, 0, 2, 1, 3, 591).at(4_000).completed(0, 0);
    script.at(5_000).cleared(0, 0x10, 2).flushStarted(0, FlushReason.FULL).postedAll(0);
    script.at(5_600).invalidated(0, 2).flushFinished(0, 7).queued(0, 0x10, 2);
    script
        .at(6_000)
        .waited(LockClass.CACHE_TAG, 0, 2, 0, 350)
        .used(LockClass.CACHE_TAG, 0, 2, 900, 350);
    script.unmapped(0, 0, 0, 1_200).at(6_100).done(0, 0, 8192, 6_100).stolen(1, 2_000);
    script.at(7_000).cleared(1, 0x20, 1).posted(1, 0x20, 1, 4).at(7_900).invalidated(1, 1);
    script.at(8_000).flushStarted(1, FlushReason.TIMER).postedAll(1).at(8_500).invalidated(1, 0);
    script
        .faulted(0, 0, 0x10, DmaError.NOT_PRESENT)
        .at(1_000_000_000)
        .mapFailed(0, 1, DmaError.NO_IOVA);
    String text = ReportText.of(analysis.result(), 10);
    assertThat(text.lines().map(line -> line.strip().replaceAll(" {2,}", " | ")))
        .contains(
            "requests | 1 asked, 1 done (1/s), 8.00 KiB/s, 1 failed calls, 1 faults",
            "map calls | 800 ns | 20.0 % | 800 ns | 400 ns",
            "unmap calls | 1.20 us | 30.0 % | 1.20 us | 600 ns",
            "flush timer | 2.00 us | 50.0 % | 2.00 us | 1.00 us",
            "not counted: 350 ns of waiting for locks, in calls that failed or had not returned",
            "waiting for the unit | 600 ns | 15.0 % | 600 ns | 300 ns",
            "device, until translated | 32.8 % | 2.00 us | 2.00 us | 2.00 us | 2.00 us | 2.00 us",
            "devices waited 591 ns of it for translations (9.7 %)",
            "L5 cache_lock | 2 | 900 ns | 350 ns | 1 | 350 ns | 350 ns | 2 for 0",
            "L5 cache_lock | domain 0 | 2 | 0 | 1 | 350 ns | 100.0 %",
            "3 posted (3/s): 1 page-selective, 2 domain-selective; 3 IOTLB entries dropped",
            "1 pages asked, 4 covered: 3 pages too many (x4.00)",
            "exposed, strict | 900 ns | 900 ns | 900 ns | 900 ns | 900 ns | 900 ns",
            "1 ranges (8.00 KiB) queued; flushes: 1 timer, 1 ring full",
            "exposed, lazy | 3.50 us | 3.50 us | 3.50 us | 3.50 us | 3.50 us | 3.50 us",
            "from tree | 1 | 100.0 %",
            "0 | 1 | 2 | 50.0 % | 1.50 | 591 ns | 591 ns | 1",
            "2 | 1 | 400 ns | 600 ns | 1.00 us | 6.10 us | 6.10 us | knee",
            "entry not present (fault): 1");
  }

  @Test
  void shouldCutLongListsAndSayHowMuch() {
    for (int client = 0; client < 12; client++) {
      script.requested(client, 0, MapApi.SG, 1);
    }
    assertThat(ReportText.of(analysis.result(), 5)).contains("... and 7 more");
  }

  @Test
  void shouldNameHostsWhereThereAreSeveral() {
    script.requested(3, 0, MapApi.SG, 1);
    new Script(analysis.host(12)).requested(4, 0, MapApi.SG, 1);
    assertThat(ReportText.of(analysis.result(), 5)).contains(" 0.3 ", "12.4 ");
  }
}
