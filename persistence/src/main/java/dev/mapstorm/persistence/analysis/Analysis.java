package dev.mapstorm.persistence.analysis;

/**
 * One analysis of a run: what it hears, what it finds, and how that is shown. It has no state of
 * its own; what it collects of a host is in the sink that it makes for the host.
 *
 * <p>The kinds of events that it hears are those that the class of its host figures names in {@link
 * dev.mapstorm.protocol.event.Hears}. A new analysis is a package below this one, and a line in the
 * list of {@code persistence.report.Analyses}: reports, JSON and comparisons go by the list.
 *
 * @param <H> what it collects of one host
 * @param <R> what it finds in all hosts: records, lists and numbers, so that JSON follows from it
 */
public interface Analysis<H extends HostFigures, R> {
  /** Its key in JSON, in camel case; no two analyses have the same. */
  String name();

  /** What collects the events of a host; new at every call. */
  H host(AnalysedHost host);

  /**
   * What was found so far. It must not disturb what is collected, since more events may follow.
   *
   * @param hosts what was collected of each host, and what other analyses found
   */
  R result(Hosts hosts);

  /** Writes its part of a report; nothing if it has no figures. */
  default void text(Results results, ReportPage page) {}

  /** Adds the figures that can be compared with those of another run. */
  default void figures(Results results, RunFigures into) {}
}
