package dev.mapstorm.load.step;

import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranges in use around an address, in each domain.
 *
 * @param address that was asked for, in hexadecimal
 * @param domains those that have any range
 */
public record MappingsAround(String address, List<Part> domains) {

  /**
   * One domain's part.
   *
   * @param holds whether one of the ranges holds the address
   * @param before ranges in use below those shown
   * @param ranges in ascending order
   * @param behind ranges in use above those shown
   */
  public record Part(
      int domain, boolean holds, int before, List<HostState.Range> ranges, int behind) {}

  /** At most {@code most} ranges of each domain, as many on either side as there are. */
  static MappingsAround of(HostState state, long pfn, int most) {
    List<Part> parts = new ArrayList<>();
    for (HostState.Domain domain : state.domains()) {
      if (!domain.ranges().isEmpty()) {
        parts.add(part(domain, pfn, most));
      }
    }
    return new MappingsAround(Units.address(pfn), parts);
  }

  private static Part part(HostState.Domain domain, long pfn, int most) {
    List<HostState.Range> sorted =
        domain.ranges().stream().sorted((a, b) -> Long.compare(a.pfn(), b.pfn())).toList();
    int below = (int) sorted.stream().filter(range -> range.pfn() <= pfn).count();
    int from = Math.max(0, Math.min(below - (most + 1) / 2, sorted.size() - most));
    int to = Math.min(sorted.size(), from + most);
    boolean holds = sorted.stream().anyMatch(range -> holds(range, pfn));
    return new Part(domain.domain(), holds, from, sorted.subList(from, to), sorted.size() - to);
  }

  private static boolean holds(HostState.Range range, long pfn) {
    return pfn >= range.pfn() && pfn - range.pfn() < range.pages();
  }

  /** For people: an arrow at the range that holds the address. */
  String text(long pfn, long now) {
    if (domains.isEmpty()) {
      return "nothing is mapped\n";
    }
    StringBuilder text = new StringBuilder();
    for (Part part : domains) {
      text.append(
          "domain %d: %s is %s\n"
              .formatted(part.domain(), address, part.holds() ? "in use" : "free"));
      more(text, part.before(), "below");
      TextTable table =
          new TextTable("", ">address", ">pages", "state", ">for", ">client", ">request", ">bytes");
      for (HostState.Range range : part.ranges()) {
        table.row(
            holds(range, pfn) ? "=>" : "",
            Units.address(range.pfn()),
            range.pages(),
            range.state().label(),
            Units.time(now - range.since()),
            range.client(),
            range.op() < 0 ? "" : range.op(),
            range.op() < 0 ? "" : Units.bytes(range.bytes()));
      }
      text.append(table);
      more(text, part.behind(), "above");
    }
    return text.toString();
  }

  private static void more(StringBuilder text, int ranges, String where) {
    if (ranges > 0) {
      text.append("  ... %d more %s\n".formatted(ranges, where));
    }
  }
}
