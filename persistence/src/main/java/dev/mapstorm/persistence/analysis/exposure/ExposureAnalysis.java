package dev.mapstorm.persistence.analysis.exposure;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;

/**
 * How long unmapped pages could still be reached. Its text is in the sections of the flush queue
 * and of invalidations.
 */
public final class ExposureAnalysis
    implements Analysis<ExposureFigures, ExposureAnalysis.Exposure> {
  /** The analysis. */
  public static final ExposureAnalysis EXPOSURE = new ExposureAnalysis();

  private ExposureAnalysis() {}

  /**
   * How long unmapped pages may still have been reachable through the IOTLB.
   *
   * @param lazy from the cleared entries to the end of the flush that lets the range be reclaimed
   * @param lazyWorst the longest of these, null without any
   * @param strict from the cleared entries to the completed invalidation of the same call
   * @param stillQueued ranges whose flush had not ended with the last event
   * @param oldestNs age of the oldest of them at the last event
   */
  public record Exposure(
      Distribution lazy, Exposed lazyWorst, Distribution strict, long stillQueued, long oldestNs) {}

  /**
   * @param ns how long
   * @param host on which host
   * @param domain in which domain
   * @param pfn first granule of the range
   * @param pages its granules
   * @param client who unmapped it, -1 if unknown
   * @param clearedAt when its entries were cleared
   */
  public record Exposed(
      long ns, int host, int domain, long pfn, long pages, int client, long clearedAt) {}

  /**
   * What waited for a flush.
   *
   * @param mostRanges most ranges of one domain at once
   * @param mostPages most granules of one domain at once
   */
  public record Waiting(long mostRanges, long mostPages) {}

  @Override
  public String name() {
    return "exposure";
  }

  @Override
  public ExposureFigures host(AnalysedHost host) {
    return new ExposureFigures(host.host(), host.inFlight());
  }

  @Override
  public Exposure result(Hosts hosts) {
    return ExposureFigures.result(hosts.each(this), ExtentAnalysis.spans(hosts));
  }

  /** The most that waited for a flush at once in a domain of any host. */
  public static Waiting waiting(Hosts hosts) {
    return ExposureFigures.waiting(hosts.each(EXPOSURE));
  }

  @Override
  public void figures(Results results, RunFigures into) {
    Exposure exposure = results.of(this);
    into.times("exposed after unmapping, lazy", exposure.lazy(), RunFigures.CAUSE);
    into.times("exposed after unmapping, strict", exposure.strict(), RunFigures.CAUSE);
  }
}
