package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A {@link HostState} and a life as text for a terminal. */
public final class StateText {
  private final StringBuilder text = new StringBuilder();
  private final int mostRows;

  private StateText(int mostRows) {
    this.mostRows = mostRows;
  }

  /** The state; of each list at most {@code mostRows} rows. */
  public static String of(HostState state, int mostRows) {
    StateText out = new StateText(mostRows);
    out.line("at %s, after %d events", Units.instant(state.t()), state.events());
    state.domains().forEach(domain -> out.domain(state.t(), domain));
    out.invalidations(state.t(), state.invalidations());
    out.load(state.load());
    out.requests(state.t(), state.requests());
    out.violations(state);
    return out.text.toString();
  }

  /** A life, one event a line. */
  public static String of(List<LifeRow> rows) {
    TextTable table = new TextTable(">t", ">event", "what", ">cpu", "who", "");
    for (LifeRow row : rows) {
      String who =
          (row.client() < 0 ? "" : "client " + row.client())
              + (row.op() < 0 ? "" : " #" + row.op());
      table.row(
          Units.instant(row.t()),
          row.event(),
          row.what(),
          row.cpu() < 0 ? "" : row.cpu(),
          who,
          row.text());
    }
    return table.toString();
  }

  private void line(String format, Object... arguments) {
    text.append(format.formatted(arguments)).append('\n');
  }

  private <T> void table(String title, List<T> rows, TextTable table, Function<T, Object[]> cells) {
    if (rows.isEmpty()) {
      return;
    }
    line("%n%s: %d", title, rows.size());
    rows.stream().limit(mostRows).forEach(row -> table.row(cells.apply(row)));
    text.append(table);
    if (rows.size() > mostRows) {
      line("  ... and %d more", rows.size() - mostRows);
    }
  }

  private void domain(long now, HostState.Domain domain) {
    Map<RangeState, Long> byState =
        domain.ranges().stream()
            .collect(
                Collectors.groupingBy(HostState.Range::state, TreeMap::new, Collectors.counting()));
    String states =
        byState.entrySet().stream()
            .map(each -> each.getValue() + " " + each.getKey().label())
            .collect(Collectors.joining(", "));
    line("%ndomain %d: %s", domain.domain(), states.isEmpty() ? "nothing mapped" : states);
    line("  %d granules with entries, %d page-table pages", domain.entryPages(), domain.tables());
    table(
        "IOVA ranges in use",
        domain.ranges(),
        new TextTable(">address", ">pages", "state", ">for", ">client", ">request", ">bytes"),
        range -> range(now, range));
    table(
        "page-table entries",
        domain.entries(),
        new TextTable(">address", ">leads to", ">pages", ">page size"),
        run ->
            new Object[] {
              Units.address(run.pfn()),
              Units.address(run.physPfn()),
              run.pages(),
              Units.bytes(1L << run.pageShift())
            });
    table(
        "cached IOVAs of CPUs",
        domain.cached(),
        new TextTable(">cpu", ">pages up to", ">ranges"),
        each -> new Object[] {each.cpu(), 1L << each.order(), each.ranges()});
    table(
        "depots",
        domain.depots(),
        new TextTable(">pages up to", ">magazines", ">ranges"),
        each -> new Object[] {1L << each.order(), each.magazines(), each.ranges()});
    table(
        "flush queues",
        domain.flushQueues(),
        new TextTable(">cpu", ">ranges", ">pages", ">oldest"),
        ring ->
            new Object[] {
              ring.cpu(),
              ring.ranges().size(),
              ring.pages(),
              Units.time(now - ring.ranges().get(0).since())
            });
    table(
        "flushes under way",
        domain.flushes(),
        new TextTable(">cpu", "reason", ">for"),
        flush -> new Object[] {flush.cpu(), flush.reason(), Units.time(now - flush.since())});
  }

  private static Object[] range(long now, HostState.Range range) {
    return new Object[] {
      Units.address(range.pfn()),
      range.pages(),
      range.state().label(),
      Units.time(now - range.since()),
      range.client(),
      range.op() < 0 ? "" : range.op(),
      range.op() < 0 ? "" : Units.bytes(range.bytes())
    };
  }

  private void invalidations(long now, List<HostState.Invalidation> invalidations) {
    table(
        "invalidations in flight",
        invalidations,
        new TextTable(">unit", ">domain", ">cpu", "kind", ">address", ">asked", ">covered", ">for"),
        each ->
            new Object[] {
              each.iommu(),
              each.domain(),
              each.cpu(),
              each.kind(),
              each.pages() == 0 ? "all" : Units.address(each.pfn()),
              each.pages() == 0 ? "all" : each.pages(),
              each.covered() == 0 ? "all" : each.covered(),
              Units.time(now - each.postedAt())
            });
  }

  private void load(List<HostState.Load> load) {
    table(
        "clients with requests in flight",
        load,
        new TextTable(">client", ">device", ">requests", ">bytes", ">oldest"),
        each ->
            new Object[] {
              each.client(),
              each.device() < 0 ? "" : each.device(),
              each.requests(),
              Units.bytes(each.bytes()),
              Units.time(each.oldestNs())
            });
  }

  private void requests(long now, List<HostState.Request> requests) {
    table(
        "requests in flight",
        requests,
        new TextTable(
            ">client", ">request", ">device", "api", "direction", ">bytes", "stage", ">for"),
        each ->
            new Object[] {
              each.client(),
              each.op(),
              each.device() < 0 ? "" : each.device(),
              each.api(),
              each.direction(),
              Units.bytes(each.bytes()),
              each.stage().label(),
              Units.time(now - each.since())
            });
  }

  private void violations(HostState state) {
    if (state.violationsFound() == 0) {
      return;
    }
    line("%nrules broken: %d", state.violationsFound());
    state.violations().stream()
        .limit(mostRows)
        .forEach(
            each ->
                line("  event %d at %s: %s", each.event(), Units.instant(each.t()), each.text()));
  }
}
