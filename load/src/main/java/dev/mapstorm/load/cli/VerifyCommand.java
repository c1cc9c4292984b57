package dev.mapstorm.load.cli;

import dev.mapstorm.actors.host.UnreadableCheckpointException;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.diff.DivergenceText;
import dev.mapstorm.load.diff.HostVerification;
import dev.mapstorm.load.diff.HostVerification.Finding;
import dev.mapstorm.load.diff.HostVerification.Start;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.load.scenario.Quantity;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.event.EventBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Executes a run again and holds it against its journal. */
@Command(
    name = "verify",
    description = {
      "Executes every host of a run again with the run's own scenario.conf and compares each batch with the journal.",
      "",
      "A run that was interrupted is compared as far as its journal goes. At the first difference the events around"
          + " it are shown: what both have, then how the journal continues and how the execution does.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm verify runs/nvme-batch-1",
      "  mapstorm verify runs/fleet-1 --host 3 --json",
      "  mapstorm verify runs/nvme-4k-1 --from last",
    })
final class VerifyCommand implements Callable<Integer> {
  private static final String LAST = "last";

  private final Console console;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path path;

  @Mixin private final HostChoice host = new HostChoice();

  @Option(
      names = "--from",
      paramLabel = "CHECKPOINT",
      description =
          "Begin at a checkpoint: last, or an instant such as 40ms for the newest one until then. What comes before it"
              + " is not executed, and not verified. A host that has none until then is executed from its beginning.")
  private String from;

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "5",
      description = "Events to show around a difference; by default 5.")
  private int context;

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /**
   * The result for JSON.
   *
   * @param verified whether all hosts are
   * @param notes what else there is to say, such as why a difference may not mean damage
   */
  record Report(boolean verified, List<String> notes, List<Finding> hosts) {}

  VerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    OptionValues.atLeast(1, "--context", context);
    RecordedRun run = salvage.open(console, path);
    List<Integer> hosts = host.of(path, run.hosts());
    List<String> notes = notes(run);
    notes.forEach(note -> console.note("mapstorm: " + note));
    Scenario scenario = scenario(run);
    hosts.forEach(number -> RunMemory.check(spec(scenario, number)));
    List<Finding> findings = new ArrayList<>();
    List<Integer> fromBeginning = new ArrayList<>();
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      for (int number : hosts) {
        double done = findings.size();
        Optional<Start> start = start(run, number);
        if (from != null && start.isEmpty()) {
          fromBeginning.add(number);
        }
        findings.add(
            verify(
                run,
                spec(scenario, number),
                start.orElse(null),
                part -> done / hosts.size() + part / hosts.size(),
                line));
      }
    }
    if (!fromBeginning.isEmpty()) {
      console.note(
          "mapstorm: --from %s: no checkpoint of %s%s: executed from the beginning"
              .formatted(
                  from, RunNames.hosts(fromBeginning), from.equals(LAST) ? "" : " until then"));
    }
    boolean verified = findings.stream().allMatch(Finding::verified);
    if (json) {
      SalvageChoice.printJson(console, new Report(verified, notes, findings), List.of(run));
    } else {
      SalvageChoice.print(console, List.of(run));
      findings.forEach(this::print);
    }
    return verified ? ExitCode.OK : ExitCode.ERROR;
  }

  /** What the run's own file says; if that is lost, what the journal was opened with. */
  private Scenario scenario(RecordedRun run) {
    return ScenarioRun.load(
        console,
        new ScenarioLoader(Version.current()).from(salvage.databases()),
        loader ->
            Files.exists(run.scenarioFile())
                ? loader.loadOfRun(run.scenarioFile())
                : loader.loadJournaled(
                    run.opened(run.hosts().get(0)).scenario(), run.scenario().name()));
  }

  /** How much of all hosts is done when {@code part} of one is. */
  private interface Share {
    double of(double part);
  }

  private Finding verify(
      RecordedRun run, HostSpec spec, Start start, Share share, ProgressLine line) {
    long first = start == null ? 0 : start.position().batches();
    double all = run.journal().lastBatch(spec.host()).map(EventBatch::index).orElse(0L) + 1 - first;
    try {
      return new HostVerification(run, spec, context)
          .find(
              start,
              batches ->
                  line.update(
                      "verifying %s  batch %d  %.1f batches/s"
                          .formatted(path, first + batches, batches * 1e9 / line.workingNs()),
                      share.of(Math.min(1, batches / Math.max(1, all)))));
    } catch (UnreadableCheckpointException e) {
      console.note(
          "mapstorm: the checkpoint of host %d is not used, %s: executed from the beginning"
              .formatted(spec.host(), e.getMessage()));
      return verify(run, spec, null, share, line);
    }
  }

  /** The checkpoint that {@code --from} means; empty without one. */
  private Optional<Start> start(RecordedRun run, int number) {
    if (from == null) {
      return Optional.empty();
    }
    long until =
        from.equals(LAST)
            ? Long.MAX_VALUE
            : OptionValues.quantity("--from, if not last", from, Quantity.TIME);
    return run.checkpoint(number, until, passed -> console.note("mapstorm: " + passed))
        .map(checkpoint -> new Start(checkpoint.position(), checkpoint.machine()));
  }

  private HostSpec spec(Scenario scenario, int number) {
    return scenario.hosts().stream()
        .filter(each -> each.host() == number)
        .findFirst()
        .orElseThrow(
            () ->
                new StoreException(
                    "%s has a journal of host %d, its scenario.conf gives %d hosts"
                        .formatted(path, number, scenario.hosts().size())));
  }

  private List<String> notes(RecordedRun run) {
    List<String> notes = new ArrayList<>();
    String made = run.opened(run.hosts().get(0)).version();
    if (!made.equals(Version.current())) {
      notes.add(
          "%s was run by mapstorm %s, this is %s: a difference may be the version's, not damage"
              .formatted(path, made, Version.current()));
    }
    if (run.damage().isEmpty() && run.lacksHosts()) {
      notes.add(
          "%s has journals of %d of its %d hosts: the others had not begun when it was interrupted"
              .formatted(path, run.hosts().size(), run.scenario().hosts()));
    }
    if (!Files.exists(run.scenarioFile())) {
      notes.add(
          "%s is missing: the text that the journal was opened with is used"
              .formatted(run.scenarioFile()));
    } else if (run.isScenarioEdited()) {
      notes.add(
          "%s is not the text that the journal was opened with: it was edited since"
              .formatted(run.scenarioFile()));
    }
    return notes;
  }

  private void print(Finding finding) {
    String of = "host %d: ".formatted(finding.host());
    if (finding.verified()) {
      console.print(
          "%sverified: %d batches%s, %d events, hash %s"
              .formatted(
                  of,
                  finding.batches(),
                  finding.fromBatch() > 0 ? " from batch " + finding.fromBatch() : "",
                  finding.events(),
                  finding.hash()));
      if (!finding.complete()) {
        console.print(
            "%sthe journal ends at %s, before the run did: it is the beginning of the run, and all of it agrees"
                .formatted(of, Units.instant(finding.endNs())));
      }
    } else if (finding.problem() != null) {
      console.print("%snot verified: %s".formatted(of, finding.problem()));
    } else {
      console.print(
          "%snot verified: %s"
              .formatted(
                  of,
                  DivergenceText.of(finding.divergence(), "journal", "executed").stripTrailing()));
    }
  }
}
