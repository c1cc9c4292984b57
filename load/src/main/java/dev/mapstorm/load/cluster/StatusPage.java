package dev.mapstorm.load.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.List;

/** A node's status as a page that needs nothing but itself, and loads itself again. */
final class StatusPage {
  private static final int MOVES_SHOWN = 30;

  private final StringBuilder html = new StringBuilder();

  private StatusPage() {}

  static String of(NodeStatus status) {
    return new StatusPage().page(status);
  }

  private String page(NodeStatus status) {
    html.append(
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
        <title>mapstorm</title>
        <style>
        body { font: 14px/1.4 sans-serif; margin: 2em; color: #222; background: #fff }
        table { border-collapse: collapse; margin: .3em 0 1.5em }
        th, td { padding: .2em .9em .2em 0; text-align: left; font-variant-numeric: tabular-nums }
        th { border-bottom: 1px solid #999; font-weight: 600 }
        .wrong { color: #a00 }
        </style></head><body>
        """);
    html.append("<h1>").append(text(status.node())).append("</h1>\n<p>mapstorm ");
    html.append(text(status.version())).append(", ").append(text(status.state()));
    html.append(status.ready() ? ", ready" : ", <span class=\"wrong\">not ready</span>");
    if (!status.journal().isEmpty()) {
      html.append(" <span class=\"wrong\">the journal: ").append(text(status.journal()));
      html.append("</span>");
    }
    html.append("</p>\n");
    members(status);
    if (status.cluster() == null) {
      html.append("<p class=\"wrong\">The coordinator does not answer; it may be moving.</p>\n");
    } else {
      fleets(List.of(status.cluster().fleets()));
      nodes(status);
      for (FleetSummary fleet : status.cluster().fleets()) {
        moves(fleet.run(), List.of(fleet.moves().newest()));
      }
    }
    hosts(status.hosts());
    return html.append("</body></html>\n").toString();
  }

  private void members(NodeStatus status) {
    begin("Members", "node", "state", "reachable", "shards");
    for (NodeStatus.Member member : status.members()) {
      row(
          member.node(),
          member.state(),
          member.reachable() ? "yes" : "no",
          status.shards().getOrDefault(member.node(), 0));
    }
    end();
  }

  private void fleets(List<FleetSummary> fleets) {
    begin("Fleets", "run", "state", "hosts", "ended", "running", "events", "hash or trouble");
    for (FleetSummary fleet : fleets) {
      String last = fleet.failure().isEmpty() ? fleet.trouble() : fleet.failure();
      row(
          fleet.run(),
          fleet.state(),
          fleet.hosts(),
          fleet.ended(),
          fleet.running(),
          fleet.events(),
          fleet.hash().isEmpty() ? last : fleet.hash());
    }
    end();
  }

  private void nodes(NodeStatus status) {
    begin("Nodes", "node", "lanes", "hosts", "events written", "events/s", "heard of, ms ago");
    for (NodeSummary node : status.cluster().nodes()) {
      row(node.node(), node.lanes(), node.hosts(), node.written(), node.rate(), node.silentMs());
    }
    end();
    html.append("<p>The coordinator is on ").append(text(status.cluster().coordinator()));
    html.append(".</p>\n");
  }

  private void moves(String run, List<HostMove> moves) {
    if (moves.isEmpty()) {
      return;
    }
    begin("Hosts that moved", "run", "host", "from", "to", "gap, ms", "events executed again");
    for (HostMove move : moves.subList(Math.max(0, moves.size() - MOVES_SHOWN), moves.size())) {
      row(run, move.host(), move.from(), move.to(), move.gapMs(), move.redone());
    }
    end();
  }

  private void hosts(List<HostReport> hosts) {
    begin("Hosts on this node", "run", "host", "virtual ms", "events", "journal bytes", "trouble");
    for (HostReport host : hosts) {
      row(
          host.run(),
          host.host(),
          "%.3f".formatted(host.instant() / 1e6),
          host.events(),
          host.bytes(),
          host.trouble());
    }
    end();
  }

  private void begin(String title, String... columns) {
    html.append("<h2>").append(text(title)).append("</h2>\n<table><tr>");
    for (String column : columns) {
      html.append("<th>").append(text(column)).append("</th>");
    }
    html.append("</tr>\n");
  }

  private void row(Object... cells) {
    html.append("<tr>");
    for (Object cell : cells) {
      html.append("<td>").append(text(cell.toString())).append("</td>");
    }
    html.append("</tr>\n");
  }

  private void end() {
    html.append("</table>\n");
  }

  private static String text(String raw) {
    return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
