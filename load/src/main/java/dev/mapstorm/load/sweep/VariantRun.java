package dev.mapstorm.load.sweep;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.persistence.analysis.RunFigure;
import dev.mapstorm.persistence.report.RunAnalysis;
import dev.mapstorm.protocol.event.EventSink;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Executes a run on the caller's thread, host after host, and keeps its figures alone: nothing is
 * journaled. Events, and so figures, are those of {@code mapstorm run}.
 */
public final class VariantRun {
  private static final int STEPS_BETWEEN_LOOKS = 4096;

  private VariantRun() {}

  /**
   * Runs it to its end.
   *
   * @param stopped asked now and then
   * @throws CancellationException if it was stopped
   */
  static RunResult execute(int run, Scenario scenario, BooleanSupplier stopped) {
    RunMemory.ofProcess(scenario).check();
    return new RunResult(run, hash(scenario), figures(scenario.hosts(), stopped));
  }

  /**
   * The figures of these hosts, which must fit into memory.
   *
   * @param stopped asked now and then
   * @throws CancellationException if it was stopped
   */
  public static List<RunFigure> figures(List<HostSpec> hosts, BooleanSupplier stopped) {
    RunAnalysis analysis = new RunAnalysis();
    for (HostSpec host : hosts) {
      EventSink sink = analysis.host(host.host());
      BareLoop loop = new BareLoop(host, events -> events.forEach(sink));
      boolean runs = true;
      while (runs) {
        for (int i = 0; i < STEPS_BETWEEN_LOOKS && runs; i++) {
          runs = loop.step();
        }
        if (stopped.getAsBoolean()) {
          throw new CancellationException("stopped");
        }
      }
      analysis.pack(host.host());
    }
    return analysis.result().figures();
  }

  /** Of what decides the run. */
  static String hash(Scenario scenario) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(scenario.text().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
