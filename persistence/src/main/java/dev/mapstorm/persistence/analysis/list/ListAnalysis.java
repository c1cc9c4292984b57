package dev.mapstorm.persistence.analysis.list;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigures;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.MapApi;

/**
 * The memory that requests take for their lists while they are in flight: the list of physical
 * ranges that is mapped, the DMA vectors that come of it, and the page lists of memory regions. A
 * scatterlist holds both of the first two, which is what the mail of 2023-10-20 (Christoph Hellwig,
 * "Exploring biovec support in (R)DMA API") calls its mistake; all other ways have them apart.
 */
public final class ListAnalysis implements Analysis<ListFigures, ListAnalysis.Lists> {
  /** The analysis. */
  public static final ListAnalysis LISTS = new ListAnalysis();

  /** {@code struct scatterlist} with {@code CONFIG_NEED_SG_DMA_LENGTH} and DMA flags, 64 bits. */
  private static final long SCATTERLIST = 32;

  /** {@code struct bio_vec}, and {@code struct phyr}. */
  private static final long RANGE = 16;

  /** An address and a length; also {@code struct dma_iova_state}, the one vector of a batch. */
  private static final long VECTOR = 16;

  /** An entry of a region's page list. */
  static final long LIST_ENTRY = 8;

  private ListAnalysis() {}

  /**
   * Lists of requests that are done, and memory regions.
   *
   * @param requests that were done and had mapped their memory
   * @param ranges physical ranges of these
   * @param vectors DMA vectors of these
   * @param bytes of the lists of these, page lists included
   * @param registrations requests for which memory was registered, done or not
   * @param regions memory regions of these
   * @param entries pages in their lists
   */
  public record Lists(
      long requests,
      long ranges,
      long vectors,
      long bytes,
      long registrations,
      long regions,
      long entries) {}

  /** Bytes of the lists of a request, page lists apart. */
  static long bytes(MapApi api, long ranges, long vectors) {
    return api == MapApi.SG ? ranges * SCATTERLIST : ranges * RANGE + vectors * VECTOR;
  }

  @Override
  public String name() {
    return "lists";
  }

  @Override
  public ListFigures host(AnalysedHost host) {
    return new ListFigures(host.inFlight());
  }

  @Override
  public Lists result(Hosts hosts) {
    return ListFigures.result(hosts.each(this));
  }

  @Override
  public void text(Results results, ReportPage page) {
    Lists lists = results.of(this);
    if (lists.registrations() == 0) {
      return;
    }
    page.section("Memory regions");
    page.line(
        "  %s for %s, with %s pages in the list of each",
        Units.things(lists.regions(), "region"),
        Units.things(lists.registrations(), "request"),
        Units.ratio(lists.entries(), lists.regions()));
    if (lists.requests() > 0) {
      page.line(
          "  a request of %s ranges became %s DMA vectors, and took %s bytes of lists",
          Units.ratio(lists.ranges(), lists.requests()),
          Units.ratio(lists.vectors(), lists.requests()),
          Units.ratio(lists.bytes(), lists.requests()));
    }
  }

  @Override
  public void figures(Results results, RunFigures into) {
    Lists lists = results.of(this);
    if (lists.requests() > 0) {
      into.add(
          "bytes of lists per request",
          FigureUnit.COUNT,
          (double) lists.bytes() / lists.requests(),
          RunFigures.DETAIL);
    }
    if (lists.registrations() > 0) {
      into.add(
          "memory regions per request",
          FigureUnit.COUNT,
          (double) lists.regions() / lists.registrations(),
          RunFigures.DETAIL);
    }
  }
}
