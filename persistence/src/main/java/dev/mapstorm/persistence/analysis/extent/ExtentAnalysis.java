package dev.mapstorm.persistence.analysis.extent;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/** How far a run went: hosts, span, and events by kind. */
public final class ExtentAnalysis implements Analysis<EventCounts, ExtentAnalysis.Run> {
  /** The analysis. */
  public static final ExtentAnalysis EXTENT = new ExtentAnalysis();

  private ExtentAnalysis() {}

  /**
   * The extent of what was analysed.
   *
   * @param hosts hosts
   * @param events events of all hosts
   * @param requests events that are requests
   * @param outcomes events that are outcomes
   * @param firstNs instant of the first event
   * @param lastNs instant of the last event
   * @param spanNs between them
   * @param kinds events by kind, those that occurred, in the order of their codes
   */
  public record Run(
      int hosts,
      long events,
      long requests,
      long outcomes,
      long firstNs,
      long lastNs,
      long spanNs,
      List<KindCount> kinds) {}

  /**
   * @param kind label of the event kind
   * @param count events of it
   */
  public record KindCount(String kind, long count) {}

  /**
   * The part of virtual time that the events of a host cover.
   *
   * @param firstNs instant of the first event
   * @param lastNs instant of the last event; below {@code firstNs} if there are no events
   */
  public record Span(long firstNs, long lastNs) {}

  @Override
  public String name() {
    return "run";
  }

  @Override
  public EventCounts host(AnalysedHost host) {
    return new EventCounts();
  }

  @Override
  public Run result(Hosts hosts) {
    List<EventCounts> each = hosts.each(this);
    EventCounts sum = new EventCounts();
    each.forEach(sum::add);
    return sum.result(each.size());
  }

  /** The span of each host, by host number. */
  public static List<Span> spans(Hosts hosts) {
    return hosts.each(EXTENT).stream().map(host -> new Span(host.first(), host.last())).toList();
  }

  @Override
  public void text(Results results, ReportPage page) {
    Run run = results.of(this);
    page.line(
        "run       %s virtual, %s, %s events (%s requests, %s outcomes)",
        Units.time(run.spanNs()),
        Units.things(run.hosts(), "host"),
        Units.count(run.events()),
        Units.count(run.requests()),
        Units.count(run.outcomes()));
  }
}
