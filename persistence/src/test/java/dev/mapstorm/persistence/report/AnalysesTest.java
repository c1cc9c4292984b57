package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigure;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.analysis.lock.LockAnalysis;
import dev.mapstorm.persistence.replay.Script;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An analysis is what its class and the list of analyses say; nothing else knows of it. */
class AnalysesTest {

  /** An analysis of its own: the devices that had faults. */
  private static final class FaultyDevices
      implements Analysis<FaultyDevices.Collected, FaultyDevices.Found> {
    static final FaultyDevices FAULTY = new FaultyDevices();

    record Found(long faults, long hosts) {}

    @Hears(EventKind.FAULTED)
    static final class Collected extends PartialSink implements HostFigures {
      private long faults;
      private boolean packed;

      @Override
      public void faulted(long t, int device, int client, long op, long pfn, int error) {
        faults++;
      }

      @Override
      public void pack() {
        packed = true;
      }
    }

    @Override
    public String name() {
      return "faultyDevices";
    }

    @Override
    public Collected host(AnalysedHost host) {
      return new Collected();
    }

    @Override
    public Found result(Hosts hosts) {
      return new Found(
          hosts.each(this).stream().mapToLong(each -> each.faults).sum(),
          hosts.of(ExtentAnalysis.EXTENT).hosts());
    }

    @Override
    public void text(Results results, ReportPage page) {
      page.section("Faults: %d", results.of(this).faults());
    }

    @Override
    public void figures(Results results, RunFigures into) {
      into.add("faults", FigureUnit.COUNT, results.of(this).faults(), RunFigures.CAUSE);
    }
  }

  private static RunAnalysis withToy() {
    List<Analysis<?, ?>> analyses = new ArrayList<>(Analyses.ALL);
    analyses.add(FaultyDevices.FAULTY);
    return new RunAnalysis(AnalysisOptions.DEFAULT, analyses);
  }

  @Test
  void anAnalysisOfTheListIsInResultsTextFiguresAndJson() {
    RunAnalysis analysis = withToy();
    for (int host = 0; host < 2; host++) {
      Script script = new Script(analysis.host(host));
      script.at(10).requested(0, 0, MapApi.SG, 4096).faulted(0, 0, 0x10, DmaError.NOT_PRESENT);
    }
    AnalysisResult result = analysis.result();

    assertThat(result.of(FaultyDevices.FAULTY)).isEqualTo(new FaultyDevices.Found(2, 2));
    assertThat(ReportText.of(result, 10)).endsWith("\nFaults: 2\n");
    assertThat(result.figures())
        .last()
        .isEqualTo(new RunFigure("faults", FigureUnit.COUNT, 2, RunFigures.CAUSE));
    assertThat(result.byName()).containsEntry("faultyDevices", new FaultyDevices.Found(2, 2));
  }

  @Test
  void packingReachesEveryAnalysis() {
    List<FaultyDevices.Collected> made = new ArrayList<>();
    Analysis<FaultyDevices.Collected, Integer> watched =
        new Analysis<>() {
          @Override
          public String name() {
            return "watched";
          }

          @Override
          public FaultyDevices.Collected host(AnalysedHost host) {
            made.add(new FaultyDevices.Collected());
            return made.get(made.size() - 1);
          }

          @Override
          public Integer result(Hosts hosts) {
            return hosts.each(this).size();
          }
        };
    RunAnalysis analysis = new RunAnalysis(AnalysisOptions.DEFAULT, List.of(watched));
    analysis.host(3);
    analysis.pack(3);

    assertThat(made).singleElement().matches(each -> each.packed);
    assertThat(analysis.result().of(watched)).isEqualTo(1);
  }

  @Test
  void everyAnalysisHasANameOfItsOwn() {
    assertThat(Analyses.ALL).extracting(Analysis::name).doesNotHaveDuplicates();
    assertThat(Analyses.inReadingOrder(Analyses.ALL)).hasSameElementsAs(Analyses.ALL);
  }

  @Test
  void aResultThatWasNotMadeIsRefused() {
    AnalysisResult result =
        new RunAnalysis(AnalysisOptions.DEFAULT, List.of(ExtentAnalysis.EXTENT)).result();
    assertThatThrownBy(() -> result.of(LockAnalysis.LOCKS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no analysis locks");
  }
}
