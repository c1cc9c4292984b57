package dev.mapstorm.load.cluster;

import dev.mapstorm.load.cluster.HtmlTable.Cell;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the {@link StatusPage} tells, in sections that are always there and can be put in place of
 * what they were before.
 */
final class StatusSections {
  private static final int FLEETS_SHOWN = 30;
  private static final int MOVES_SHOWN = 30;
  private static final long NS_PER_MS = 1_000_000;
  private static final String UNKNOWN =
      "<p class=\"wrong\">The coordinator does not answer; it may be moving.</p>\n";

  private final NodeStatus status;
  private final StringBuilder html = new StringBuilder();

  StatusSections(NodeStatus status) {
    this.status = status;
  }

  /** Version, membership, journal and coordinator in one line. */
  static String state(NodeStatus status) {
    StringBuilder line = new StringBuilder();
    line.append("mapstorm ").append(HtmlTable.escaped(status.version())).append(", ");
    line.append(HtmlTable.escaped(status.state()));
    line.append(status.ready() ? ", ready" : ", <span class=\"wrong\">not ready</span>");
    if (!status.journal().isEmpty()) {
      line.append("; <span class=\"wrong\">the journal: ");
      line.append(HtmlTable.escaped(status.journal())).append("</span>");
    }
    if (!status.coordination().isEmpty()) {
      line.append("; <span class=\"wrong\">the coordinator ");
      line.append(HtmlTable.escaped(status.coordination())).append("</span>");
    }
    return line.append(';').toString();
  }

  /** A node's address without what is the same for all. */
  static String place(String address) {
    return address.substring(address.indexOf('@') + 1);
  }

  String html() {
    fleets();
    nodes();
    moves();
    hosts();
    return html.toString();
  }

  private void section(String id, String title, Optional<String> content) {
    html.append("<section id=\"").append(id).append("\" data-live><h2>").append(title);
    html.append("</h2>\n").append(content.orElse("<p class=\"dim\">none</p>\n"));
    html.append("</section>\n");
  }

  private void fleets() {
    if (status.cluster() == null) {
      section("fleets", "Fleets", Optional.of(UNKNOWN));
      return;
    }
    HtmlTable table =
        new HtmlTable(
            "run",
            "state",
            ">hosts",
            ">ended",
            ">running",
            ">virtual time, ms",
            ">events",
            ">journal",
            "hash or trouble");
    FleetSummary[] fleets = status.cluster().fleets();
    int oldest = Math.max(0, fleets.length - FLEETS_SHOWN);
    for (int i = fleets.length - 1; i >= oldest; i--) {
      FleetSummary fleet = fleets[i];
      table.row(
          fleet.run(),
          fleet.state().equals("failed") ? Cell.wrong(fleet.state()) : fleet.state(),
          count(fleet.hosts()),
          count(fleet.ended()),
          count(fleet.running()),
          milliseconds(fleet.reached()),
          count(fleet.events()),
          Units.bytes(fleet.bytes()),
          end(fleet));
    }
    section(
        "fleets",
        oldest == 0
            ? "Fleets"
            : "Fleets, the last %d of %s".formatted(FLEETS_SHOWN, count(fleets.length)),
        table.html());
  }

  private static Cell end(FleetSummary fleet) {
    if (!fleet.hash().isEmpty()) {
      return Cell.digits(fleet.hash());
    }
    return Cell.trouble(fleet.failure().isEmpty() ? fleet.trouble() : fleet.failure());
  }

  /** A node as its cluster and its coordinator know it; either may not. */
  private record Known(Optional<NodeStatus.Member> member, Optional<NodeSummary> summary) {}

  private void nodes() {
    Map<String, Known> known = new TreeMap<>();
    for (NodeStatus.Member member : status.members()) {
      known.put(member.node(), new Known(Optional.of(member), Optional.empty()));
    }
    NodeSummary[] summaries =
        status.cluster() == null ? new NodeSummary[0] : status.cluster().nodes();
    for (NodeSummary node : summaries) {
      known.merge(
          node.node(),
          new Known(Optional.empty(), Optional.of(node)),
          (before, now) -> new Known(before.member(), now.summary()));
    }
    HtmlTable table =
        new HtmlTable(
            "node",
            "member",
            ">shards",
            ">lanes",
            ">hosts",
            ">events written",
            ">events/s",
            ">heard of",
            "role");
    known.forEach((address, node) -> node(table, address, node));
    section("nodes", "Nodes", table.html());
  }

  private void node(HtmlTable table, String address, Known node) {
    Optional<NodeSummary> summary = node.summary();
    table.row(
        place(address),
        node.member().map(StatusSections::membership).orElse(Cell.wrong("no")),
        count(status.shards().getOrDefault(address, 0)),
        summary.map(each -> count(each.lanes())).orElse("-"),
        summary.map(each -> count(each.hosts())).orElse("-"),
        summary.map(each -> count(each.written())).orElse("-"),
        summary.map(each -> count(each.rate())).orElse("-"),
        summary.map(each -> Units.time(each.silentMs() * NS_PER_MS) + " ago").orElse("-"),
        status.cluster() != null && address.equals(status.cluster().coordinator())
            ? "coordinator"
            : "");
  }

  private static Cell membership(NodeStatus.Member member) {
    return member.reachable()
        ? new Cell(member.state(), "")
        : Cell.wrong(member.state() + ", cannot be reached");
  }

  private void moves() {
    HtmlTable table =
        new HtmlTable("run", ">host", "from", "to", ">paused", ">events executed again");
    FleetSummary[] fleets =
        status.cluster() == null ? new FleetSummary[0] : status.cluster().fleets();
    int shown = 0;
    for (int i = fleets.length - 1; i >= 0; i--) {
      HostMove[] newest = fleets[i].moves().newest();
      for (int j = newest.length - 1; j >= 0 && shown < MOVES_SHOWN; j--) {
        move(table, fleets[i].run(), newest[j]);
        shown++;
      }
    }
    section("moves", "Hosts that moved", table.html());
  }

  private static void move(HtmlTable table, String run, HostMove move) {
    table.row(
        run,
        move.host(),
        place(move.from()),
        place(move.to()),
        Units.time(move.gapMs() * NS_PER_MS),
        count(move.redone()));
  }

  private void hosts() {
    HtmlTable table =
        new HtmlTable("run", ">host", ">virtual time, ms", ">events", ">journal", "trouble");
    List<HostReport> hosts = inOrder(status.hosts().stream()).toList();
    for (HostReport host : hosts) {
      table.row(
          host.run(),
          host.host(),
          milliseconds(host.instant()),
          count(host.events()),
          Units.bytes(host.bytes()),
          Cell.trouble(host.trouble()));
    }
    section(
        "hosts",
        hosts.isEmpty() ? "Hosts on this node" : "Hosts on this node: " + count(hosts.size()),
        table.html());
  }

  private static Stream<HostReport> inOrder(Stream<HostReport> hosts) {
    return hosts.sorted(Comparator.comparing(HostReport::run).thenComparingInt(HostReport::host));
  }

  private static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String milliseconds(long ns) {
    return String.format(Locale.ROOT, "%,.3f", (double) ns / NS_PER_MS);
  }
}
