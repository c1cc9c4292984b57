package dev.mapstorm.load.cli;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.pekko.DiskFull;
import dev.mapstorm.actors.pekko.Progress;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.pekko.StoreFailedException;
import dev.mapstorm.actors.pekko.StoreTrouble;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.run.Runner;
import dev.mapstorm.load.scenario.ResolvedScenario;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.persistence.index.LiveIndex;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.text.Units;
import java.util.Optional;
import java.util.OptionalLong;

/** A scenario that runs in its directory, with what the user sees of it meanwhile. */
final class LiveRun {
  /** A batch and what SQLite writes with it need more. */
  private static final long ROOM_FOR_A_WRITE = 256 * 1024;

  private final Console console;
  private final Scenario scenario;
  private final String runId;
  private final RunDirectory directory;
  private final int lanes;
  private boolean held;

  /** The first progress: what a resumed run has then is no work of this process. */
  private Optional<Progress> begun = Optional.empty();

  /**
   * A run that is not started.
   *
   * @param runId names it in the journal
   * @param directory whose lock is held; its journal may hold the beginning of the run
   * @param lanes threads that simulate
   */
  LiveRun(Console console, Scenario scenario, String runId, RunDirectory directory, int lanes) {
    this.console = console;
    this.scenario = scenario;
    this.runId = runId;
    this.directory = directory;
    this.lanes = lanes;
  }

  /**
   * Runs it from its beginning to its end, or until it is interrupted.
   *
   * @return what was found in all events, which were analysed on the way
   */
  RunReport run(Interruption interruption) throws InterruptedException {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime);
        LiveIndex index = index();
        Runner runner = runner(index)) {
      SimulationResult end = await(runner, interruption, line);
      long wallNs = line.elapsedNs();
      ResolvedScenario resolved = ResolvedScenario.of(scenario.text(), scenario.name());
      return RunReport.of(resolved, end, runner.analysis().result()).took(wallNs);
    }
  }

  /** Goes on with what is in the journal, to its end, or until it is interrupted. */
  SimulationResult goOn(Interruption interruption) throws InterruptedException {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime);
        LiveIndex index = index();
        Runner runner = runner(index)) {
      return await(runner, interruption, line);
    }
  }

  private LiveIndex index() {
    return scenario.indexed()
        ? new LiveIndex(directory, note -> console.note("mapstorm: " + note))
        : LiveIndex.off();
  }

  private Runner runner(LiveIndex index) {
    return new Runner(
        scenario,
        runId,
        Version.current(),
        lanes,
        directory.journal().pekkoConfig(),
        host -> index.observer(host.host(), DmaIommuSpec.caches(host)));
  }

  private SimulationResult await(Runner runner, Interruption interruption, ProgressLine line)
      throws InterruptedException {
    interruption.onSignal(runner::stop);
    SimulationResult end = end(runner, line);
    if (!end.complete()) {
      console.note(
          "mapstorm: stopped before the end; mapstorm resume %s continues it"
              .formatted(directory.path()));
    }
    return end;
  }

  private SimulationResult end(Runner runner, ProgressLine line) throws InterruptedException {
    try {
      return runner.await(progress -> show(line, progress));
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof StoreFailedException) {
        throw new CommandException(
            ExitCode.ERROR,
            "%s; what was journaled is kept, and mapstorm resume %s continues it once the journal can be written"
                .formatted(withDisk(e.getMessage()), directory.path()));
      }
      throw e;
    }
  }

  private void show(ProgressLine line, Progress progress) {
    tell(progress.trouble());
    if (begun.isEmpty() && progress.events() > 0) {
      begun = Optional.of(progress);
    }
    double seconds = line.workingNs() / 1e9;
    long events = progress.events() - begun.map(Progress::events).orElse(0L);
    long virtualNs = progress.virtualNs() - begun.map(Progress::virtualNs).orElse(0L);
    line.update(
        progress.virtualNs() == 0 && progress.ended() > 0
            ? "%d of %d hosts ended  %.2f M events/s"
                .formatted(progress.ended(), progress.hosts(), events / seconds / 1e6)
            : "%.1f ms of %.1f ms  %.2f M events/s  virtual/wall %.3f"
                .formatted(
                    progress.virtualNs() / 1e6,
                    progress.totalVirtualNs() / 1e6,
                    events / seconds / 1e6,
                    virtualNs / 1e9 / seconds),
        progress.part());
  }

  /** What a store said, with the room that there is. */
  private String why(String reason) {
    OptionalLong free = directory.freeBytes();
    String room =
        free.isPresent() ? "; %s are free there".formatted(Units.bytes(free.getAsLong())) : "";
    return withDisk(reason) + room;
  }

  /** The same with the disk in front, if that is full: SQLite need not say so first. */
  private String withDisk(String reason) {
    OptionalLong free = directory.freeBytes();
    boolean full = free.isPresent() && free.getAsLong() < ROOM_FOR_A_WRITE;
    return full && !reason.contains(DiskFull.WORDS)
        ? "%s: %s".formatted(DiskFull.WORDS, reason)
        : reason;
  }

  /** Says once that the store holds the clock back, and once that it does no longer. */
  private void tell(Optional<StoreTrouble> trouble) {
    if (trouble.isPresent() != held) {
      held = trouble.isPresent();
      console.note(
          "mapstorm: "
              + trouble
                  .map(
                      each ->
                          "the journal cannot be written, %s: virtual time is stopped until a write succeeds"
                              .formatted(why(each.reason())))
                  .orElse("the journal is written again"));
    }
  }
}
