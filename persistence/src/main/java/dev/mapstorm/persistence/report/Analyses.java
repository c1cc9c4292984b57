package dev.mapstorm.persistence.report;

import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.batch.BatchAnalysis;
import dev.mapstorm.persistence.analysis.bounce.BounceAnalysis;
import dev.mapstorm.persistence.analysis.client.ClientAnalysis;
import dev.mapstorm.persistence.analysis.client.RequestAnalysis;
import dev.mapstorm.persistence.analysis.cpu.CpuTimeAnalysis;
import dev.mapstorm.persistence.analysis.cpu.StolenAnalysis;
import dev.mapstorm.persistence.analysis.device.TranslationAnalysis;
import dev.mapstorm.persistence.analysis.exposure.ExposureAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.analysis.flush.FlushAnalysis;
import dev.mapstorm.persistence.analysis.invalidation.InvalidationAnalysis;
import dev.mapstorm.persistence.analysis.iova.IovaAnalysis;
import dev.mapstorm.persistence.analysis.latency.LatencyAnalysis;
import dev.mapstorm.persistence.analysis.list.ListAnalysis;
import dev.mapstorm.persistence.analysis.lock.LockAnalysis;
import dev.mapstorm.persistence.analysis.storm.StormAnalysis;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The analyses of a run. The one place that lists them. */
public final class Analyses {
  /** All of them, in the order in which JSON has them. A new one goes to the end. */
  public static final List<Analysis<?, ?>> ALL =
      List.of(
          ExtentAnalysis.EXTENT,
          RequestAnalysis.REQUESTS,
          ClientAnalysis.CLIENTS,
          LatencyAnalysis.LATENCY,
          LockAnalysis.LOCKS,
          InvalidationAnalysis.INVALIDATIONS,
          FlushAnalysis.FLUSH_QUEUES,
          ExposureAnalysis.EXPOSURE,
          IovaAnalysis.IOVA,
          TranslationAnalysis.TRANSLATION,
          BatchAnalysis.BATCH_SIZING,
          StormAnalysis.STORMS,
          StolenAnalysis.STOLEN,
          CpuTimeAnalysis.CPU_TIME,
          BounceAnalysis.BOUNCES,
          ListAnalysis.LISTS);

  /** What a person reads first: what the time went to, then its parts. */
  private static final List<Analysis<?, ?>> READ_FIRST =
      List.of(
          ExtentAnalysis.EXTENT,
          RequestAnalysis.REQUESTS,
          CpuTimeAnalysis.CPU_TIME,
          ClientAnalysis.CLIENTS,
          LatencyAnalysis.LATENCY,
          LockAnalysis.LOCKS,
          InvalidationAnalysis.INVALIDATIONS,
          FlushAnalysis.FLUSH_QUEUES,
          ExposureAnalysis.EXPOSURE,
          StormAnalysis.STORMS,
          BatchAnalysis.BATCH_SIZING,
          IovaAnalysis.IOVA,
          BounceAnalysis.BOUNCES,
          TranslationAnalysis.TRANSLATION);

  private Analyses() {}

  /** Analyses in the order in which a report has them: those without a place in it come last. */
  static List<Analysis<?, ?>> inReadingOrder(Collection<Analysis<?, ?>> analyses) {
    Set<Analysis<?, ?>> order = new LinkedHashSet<>(READ_FIRST);
    order.retainAll(analyses);
    order.addAll(analyses);
    return List.copyOf(order);
  }
}
