package dev.mapstorm.load.cli;

import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.Platforms;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.scenario.ProfileFigure.Basis;
import dev.mapstorm.persistence.text.TextTable;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what platform profiles hold, and where it is from. */
@Command(
    name = "platforms",
    description = {
      "Lists the platform profiles: which machine, and how many of its figures somebody measured,"
          + " how many are derived from that, how many are assumed.",
      "",
      "With a name it shows its figures with the least and the most that each may be; with --key it"
          + " tells where one of them is from.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm platforms",
      "  mapstorm platforms grace-smmuv3",
      "  mapstorm platforms kunpeng920-smmuv3 --key tlbi"
    })
final class PlatformsCommand implements Callable<Integer> {
  private static final int STORY = 60;

  private final Console console;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME|FILE.conf",
      description = "A built-in profile or a file.")
  private String name;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Only this figure, such as walk-read or unit.iotlb-entries.")
  private String key;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /**
   * A profile in a list.
   *
   * @param measured figures that have a source
   * @param derived figures worked out from what somebody measured
   * @param assumed the others
   */
  record Listed(String name, String machine, long measured, long derived, long assumed) {
    static Listed of(PlatformProfile profile) {
      return new Listed(
          profile.name(),
          profile.description(),
          count(profile, Basis.SOURCE),
          count(profile, Basis.DERIVATION),
          count(profile, Basis.ASSUMPTION));
    }

    private static long count(PlatformProfile profile, Basis basis) {
      return profile.figures().stream().filter(figure -> figure.basis() == basis).count();
    }
  }

  PlatformsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (name == null) {
      if (key != null) {
        throw new CommandException(ExitCode.USAGE, "--key needs the name of a platform before it");
      }
      list();
      return ExitCode.OK;
    }
    PlatformProfile profile = Platforms.load(name);
    List<ProfileFigure> figures = key == null ? profile.figures() : List.of(figure(profile, key));
    if (json) {
      Json.print(console, figures);
    } else if (key != null) {
      tell(profile, figures.get(0));
    } else {
      show(profile);
    }
    return ExitCode.OK;
  }

  private void list() {
    List<Listed> all =
        Platforms.builtIn().stream().map(each -> Listed.of(Platforms.load(each))).toList();
    if (json) {
      Json.print(console, all);
      return;
    }
    TextTable table = new TextTable("platform", ">measured", ">derived", ">assumed", "machine");
    for (Listed each : all) {
      table.row(each.name(), each.measured(), each.derived(), each.assumed(), each.machine());
    }
    console.text(table.toString());
  }

  private void show(PlatformProfile profile) {
    console.print("%s: %s".formatted(profile.name(), profile.description()));
    TextTable table = new TextTable("figure", ">value", ">least", ">most", "", "from");
    for (ProfileFigure figure : profile.figures()) {
      table.row(
          figure.key(),
          figure.amount(),
          figure.low().toPlainString(),
          figure.high().toPlainString(),
          figure.basis().word(),
          shortened(figure.story()));
    }
    console.text(table.toString());
  }

  private void tell(PlatformProfile profile, ProfileFigure figure) {
    console.print(
        "%s of %s: %s, %s"
            .formatted(
                figure.key(), profile.name(), figure.amountInRange(), figure.basis().word()));
    console.print("  " + figure.story());
  }

  private static ProfileFigure figure(PlatformProfile profile, String key) {
    return profile.figures().stream()
        .filter(each -> each.key().equals(key) || each.key().endsWith("." + key))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    "--key %s: %s has no such figure; mapstorm platforms %s lists them"
                        .formatted(key, profile.name(), profile.name())));
  }

  private static String shortened(String story) {
    return story.length() <= STORY ? story : story.substring(0, STORY - 1).stripTrailing() + "…";
  }
}
