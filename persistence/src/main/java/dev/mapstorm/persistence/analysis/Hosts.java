package dev.mapstorm.persistence.analysis;

import java.util.List;

/**
 * The hosts of a run while results are made: what was collected of each, and the results of other
 * analyses, made when they are asked for. Analyses must not ask for each other in a circle.
 */
public interface Hosts extends Results {
  /** What an analysis collected of each host, by host number; no two lists differ in length. */
  <H extends HostFigures> List<H> each(Analysis<H, ?> analysis);

  /** How the run is looked at. */
  AnalysisOptions options();
}
