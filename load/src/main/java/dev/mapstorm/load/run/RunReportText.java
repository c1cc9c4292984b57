package dev.mapstorm.load.run;

import dev.mapstorm.persistence.report.ReportText;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.stream.Collectors;

/** A {@link RunReport} as text for a terminal. */
public final class RunReportText {
  private static final int ROWS = 10;
  private static final int WRAP = 100;

  private RunReportText() {}

  /** The whole report. */
  public static String of(RunReport report) {
    StringBuilder text = new StringBuilder();
    text.append("%s: %s%n".formatted(report.scenario(), report.ran()));
    text.append(
        "seed %d, %.3f ms of virtual time%s%n"
            .formatted(report.seed(), report.virtualNs() / 1e6, wall(report)));
    if (!report.complete()) {
      text.append("stopped before its end: what follows is what was journaled until then\n");
    }
    text.append('\n').append(ReportText.of(report.analysis(), ROWS)).append('\n');
    text.append(
        report.machines().isEmpty() ? platform(report.platform()) : machines(report.machines()));
    RunReport.Journal journal = report.journal();
    text.append(
        "journal   %d events in %d batches, %d bytes, %.2f bytes an event%n"
            .formatted(
                journal.events(), journal.batches(), journal.bytes(), journal.bytesPerEvent()));
    text.append("hash      %s%n".formatted(journal.hash()));
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  private static String wall(RunReport report) {
    RunReport.Wall wall = report.wall();
    return wall == null
        ? ""
        : " in %.2f s: %.2f M events/s, virtual/wall %.3f"
            .formatted(wall.ns() / 1e9, wall.eventsPerSecond() / 1e6, wall.virtualPerWall());
  }

  private static String platform(RunReport.Platform platform) {
    String assumed =
        platform.assumed().stream()
            .map(key -> key.substring(key.indexOf('.') + 1))
            .collect(Collectors.joining(", "));
    String head =
        "platform  %s: %d of %d figures are assumptions"
            .formatted(platform.name(), platform.assumed().size(), platform.figures());
    return head + "\n" + wrapped(assumed);
  }

  private static String machines(List<RunReport.Machines> machines) {
    TextTable table =
        new TextTable("machines", "hosts", "requested", "done", "moved", "platform", "assumed");
    for (RunReport.Machines each : machines) {
      RunReport.Platform platform = each.platform();
      table.row(
          each.name(),
          Integer.toString(each.hosts()),
          Long.toString(each.requested()),
          Long.toString(each.done()),
          Units.bytes(each.bytes()),
          platform.name(),
          "%d of %d".formatted(platform.assumed().size(), platform.figures()));
    }
    return table + "\n";
  }

  private static String wrapped(String words) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder();
    for (String word : words.split(" ")) {
      if (line.length() + word.length() + 11 > WRAP) {
        lines.append("          ").append(line.toString().stripTrailing()).append('\n');
        line.setLength(0);
      }
      line.append(word).append(' ');
    }
    return lines
        .append("          ")
        .append(line.toString().stripTrailing())
        .append('\n')
        .toString();
  }
}
