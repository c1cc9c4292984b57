package dev.mapstorm.load.run;

import static java.util.stream.Collectors.groupingBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.scenario.ResolvedMachine;
import dev.mapstorm.load.scenario.ResolvedScenario;
import dev.mapstorm.persistence.analysis.client.ClientAnalysis;
import dev.mapstorm.persistence.report.AnalysisResult;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What a run was and what was found in it. The same whether it was put together while the run went
 * on or from its journal, but for {@code wall}.
 *
 * @param scenario its name
 * @param ran what ran, in one line
 * @param version of mapstorm that ran it
 * @param seed of the run
 * @param complete whether every host reached the end, or the run was stopped before
 * @param virtualNs virtual time that all hosts reached
 * @param platform the costs that were used; null in a mix of machines
 * @param machines the kinds of machines of a mix, in its order; empty if all are alike
 * @param journal what was written
 * @param hosts how each host ended
 * @param wall how long it took; null when read from a journal
 * @param analysis what was found in the events
 */
public record RunReport(
    String scenario,
    String ran,
    String version,
    long seed,
    boolean complete,
    long virtualNs,
    @JsonInclude(JsonInclude.Include.NON_NULL) Platform platform,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Machines> machines,
    Journal journal,
    List<HostEnd> hosts,
    @JsonInclude(JsonInclude.Include.NON_NULL) Wall wall,
    AnalysisResult analysis) {

  /**
   * The platform profile.
   *
   * @param assumed keys of the figures that nobody measured
   */
  public record Platform(String name, int figures, List<String> assumed) {}

  /**
   * The machines of one kind in a mix.
   *
   * @param name of the kind
   * @param hosts how many there are
   * @param requested requests of all their clients
   * @param done requests that were done
   * @param bytes that these moved
   */
  public record Machines(
      String name, int hosts, long requested, long done, long bytes, Platform platform) {}

  /**
   * The journal.
   *
   * @param hash of the last batch, or over those of all hosts, in hexadecimal
   */
  public record Journal(long events, long batches, long bytes, double bytesPerEvent, String hash) {}

  /** How a host ended. */
  public record HostEnd(
      int host, boolean complete, long endNs, long events, long batches, String hash) {
    /** That of a host in a simulation or in a journal. */
    public static HostEnd of(HostResult host) {
      return new HostEnd(
          host.host(),
          host.complete(),
          host.endNs(),
          host.events(),
          host.batches(),
          HexFormat.of().formatHex(host.hash()));
    }
  }

  /** Wall time. */
  public record Wall(long ns, double eventsPerSecond, double virtualPerWall) {
    static Wall of(long wallNs, long events, long virtualNs) {
      double seconds = Math.max(wallNs, 1) / 1e9;
      return new Wall(wallNs, events / seconds, virtualNs / 1e9 / seconds);
    }
  }

  /**
   * Puts a report together.
   *
   * @param scenario the resolved scenario
   * @param end how the run ended
   * @param analysis of its events
   */
  public static RunReport of(
      ResolvedScenario scenario, SimulationResult end, AnalysisResult analysis) {
    return new RunReport(
        scenario.name(),
        scenario.outline(),
        scenario.version(),
        scenario.seed(),
        scenario.isComplete(end),
        end.hosts().stream().mapToLong(HostResult::endNs).min().orElse(0),
        scenario.isMixed() ? null : platform(scenario.machines().get(0).platform()),
        scenario.isMixed() ? machines(scenario, end, analysis) : List.of(),
        journal(end),
        end.hosts().stream().map(HostEnd::of).toList(),
        null,
        analysis);
  }

  /** The same with the wall time that the run took. */
  public RunReport took(long wallNs) {
    return new RunReport(
        scenario,
        ran,
        version,
        seed,
        complete,
        virtualNs,
        platform,
        machines,
        journal,
        hosts,
        Wall.of(wallNs, journal.events(), virtualNs),
        analysis);
  }

  private static Platform platform(PlatformProfile profile) {
    return new Platform(
        profile.name(),
        profile.figures().size(),
        profile.assumptions().stream().map(ProfileFigure::key).toList());
  }

  private static List<Machines> machines(
      ResolvedScenario scenario, SimulationResult end, AnalysisResult analysis) {
    Map<ResolvedMachine, List<ClientAnalysis.Client>> clients =
        analysis.of(ClientAnalysis.CLIENTS).stream()
            .collect(groupingBy(each -> scenario.machine(each.host())));
    Map<ResolvedMachine, List<HostResult>> hosts =
        end.hosts().stream().collect(groupingBy(each -> scenario.machine(each.host())));
    return scenario.machines().stream()
        .map(
            kind -> {
              List<ClientAnalysis.Client> own = clients.getOrDefault(kind, List.of());
              return new Machines(
                  kind.name(),
                  hosts.getOrDefault(kind, List.of()).size(),
                  own.stream().mapToLong(ClientAnalysis.Client::requested).sum(),
                  own.stream().mapToLong(ClientAnalysis.Client::done).sum(),
                  own.stream().mapToLong(ClientAnalysis.Client::bytes).sum(),
                  platform(kind.platform()));
            })
        .toList();
  }

  private static Journal journal(SimulationResult end) {
    long events = end.events();
    long bytes = end.journalBytes();
    return new Journal(
        events,
        end.hosts().stream().mapToLong(HostResult::batches).sum(),
        bytes,
        events == 0 ? 0 : Math.round(100.0 * bytes / events) / 100.0,
        end.hash());
  }
}
