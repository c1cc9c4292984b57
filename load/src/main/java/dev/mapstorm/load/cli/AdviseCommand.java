package dev.mapstorm.load.cli;

import dev.mapstorm.load.advise.Advice;
import dev.mapstorm.load.advise.AdviceText;
import dev.mapstorm.load.advise.Adviser;
import dev.mapstorm.load.advise.Goal;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Searches for what serves a goal best. */
@Command(
    name = "advise",
    description = {
      "Searches policies, ways to map and sizes for the one that serves a goal best under its"
          + " conditions, and says what it tried, what it recommends and why, by how much the"
          + " runner-up is worse, and which assumed cost of the platform would turn that.",
      "",
      "Every policy is tried with every way to map; around the best of these, batch and flush queue"
          + " sizes, timeouts and magazines. Differences within the noise of the seeds are no"
          + " reason for a choice. Nothing is journaled. Ends with 99 if nothing keeps the"
          + " conditions.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm advise nvme-page --goal \"least CPU per request with exposure < 1ms\"",
      "  mapstorm advise nvme-4k --goal \"most throughput with strict\"",
      "  mapstorm advise nic-rx --goal \"lowest latency p99 with strict\" --vary"
          + " iommu.iova.search=linear,maple",
      "  mapstorm advise --trace nvme.trace.gz --goal \"least CPU per request\" --json",
    })
final class AdviseCommand implements Callable<Integer> {
  private static final int SEEDS_MAX = 100;

  private final Console console;

  @Mixin private final ScenarioSource source = new ScenarioSource();

  @Option(
      names = "--goal",
      required = true,
      paramLabel = "\"GOAL\"",
      description =
          "least or most, a figure, and after \"with\" conditions joined by \"and\": a figure and"
              + " its limit, strict, lazy, passthrough or KEY=VALUE. mapstorm compare --all names"
              + " the figures.")
  private String goal;

  @Option(
      names = "--vary",
      paramLabel = "KEY=VALUES",
      description = "Also try these values of a key, as in mapstorm sweep; may be repeated.")
  private List<String> vary = List.of();

  @Mixin private final ScenarioOverrides overrides = new ScenarioOverrides();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Runs of each variant (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description = "Runs at a time; by default one for each processor.")
  private Integer lanes;

  @Option(names = "--all", description = "Show all variants that were tried.")
  private boolean all;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  AdviseCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    source.check("advise on");
    OptionValues.within(2, SEEDS_MAX, "--seeds", seeds);
    if (lanes != null) {
      OptionValues.lanes(lanes);
    }
    Goal wanted = OptionValues.named("--goal", goal, Goal::parse);
    Map<String, List<String>> more = new LinkedHashMap<>();
    vary.stream()
        .map(text -> OptionValues.named("--vary", text, SweepCommand::variation))
        .forEach(each -> more.put(each.key(), each.values()));
    long first = load(Map.of(), null).seed();
    Advice advice;
    try (Interruption interruption = new Interruption();
        ProgressLine line = new ProgressLine(console, System::nanoTime);
        Adviser adviser =
            new Adviser(
                wanted,
                this::load,
                LongStream.range(first, first + seeds).boxed().toList(),
                lanes != null ? lanes : Runtime.getRuntime().availableProcessors(),
                (ended, planned) ->
                    line.update(
                        "%d of %d runs planned so far".formatted(ended, planned),
                        (double) ended / planned))) {
      interruption.onSignal(adviser::stop);
      advice = adviser.advise(more);
    } catch (CancellationException e) {
      console.note("mapstorm: stopped; there is no advice when not all was tried");
      return ExitCode.OK;
    }
    if (json) {
      Json.print(console, advice);
    } else {
      console.text(AdviceText.of(advice, all));
    }
    return advice.recommended() == null ? ExitCode.THRESHOLD : ExitCode.OK;
  }

  private Scenario load(Map<String, String> settings, Long seed) {
    ScenarioLoader loader = overrides.loader();
    settings.forEach((key, value) -> loader.set(key + "=" + value));
    if (seed != null) {
      loader.set("--seed", "seed", Long.toString(seed));
    }
    return source.load(loader);
  }
}
