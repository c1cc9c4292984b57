package dev.mapstorm.load.explain;

import dev.mapstorm.load.explain.TraceExplanation.Bounces;
import dev.mapstorm.load.explain.TraceExplanation.FailedCalls;
import dev.mapstorm.load.explain.TraceExplanation.Fault;
import dev.mapstorm.load.explain.TraceExplanation.MappedTwice;
import dev.mapstorm.load.explain.TraceExplanation.NeverUnmapped;
import dev.mapstorm.load.explain.TraceExplanation.StrayUnmap;
import dev.mapstorm.load.explain.TraceExplanation.Use;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** An explanation as a terminal shows it. */
public final class ExplanationText {
  private static final int MOST_SIZES = 6;
  private static final int MOST_SHOWN = 20;
  private static final long GIB = 1L << 30;
  private static final String UNKNOWN = "(unknown)";

  private final TraceExplanation found;
  private final StringBuilder text = new StringBuilder();

  private ExplanationText(TraceExplanation found) {
    this.found = found;
  }

  /** All of it, line by line, the faults first. */
  public static String of(String file, TraceExplanation found) {
    ExplanationText text = new ExplanationText(found);
    text.head(file);
    text.faults();
    text.strayUnmaps();
    text.mappedTwice();
    text.failedCalls();
    text.devices();
    text.tasks();
    text.withoutDevice();
    text.neverUnmapped();
    text.bounces();
    return text.text.toString();
  }

  private void head(String file) {
    long maps = found.devices().stream().mapToLong(Use::maps).sum();
    long unmaps = found.devices().stream().mapToLong(Use::unmaps).sum();
    line(
        "%s: %s, %s, %s, %s, %s in %s",
        file,
        found.policy().label(),
        Units.things(found.reading().events(), "event"),
        Units.things(maps, "map"),
        Units.things(unmaps, "unmap"),
        Units.things(found.faults().size(), "fault"),
        distance(found.spanNs()));
    found.reading().text().forEach(note -> line("  %s", note));
    if (found.gaps() > 0) {
      line("  the kernel dropped events in %s", Units.things(found.gaps(), "place"));
    }
    if (found.unmapsOfEarlierMappings() > 0) {
      line(
          "  %s of what was mapped before the trace begins, %s",
          Units.things(found.unmapsOfEarlierMappings(), "unmap"),
          Units.bytes(found.earlierBytes()));
    }
  }

  private void faults() {
    for (Fault fault : shown(found.faults(), "Faults")) {
      line(
          "  line %d: %sfault at 0x%x, %s of %s",
          fault.act().line(),
          fault.access().equals("unknown") ? "" : fault.access() + " ",
          fault.address(),
          fault.device(),
          fault.driver());
      fault.mapping().ifPresent(mapping -> insideOf(fault, mapping));
      fault.nearest().ifPresent(mapping -> nearTo(fault, mapping));
      if (fault.mapping().isEmpty() && fault.nearest().isEmpty()) {
        line("    nothing that the trace maps is near");
      }
    }
  }

  private void insideOf(Fault fault, Mapping mapping) {
    long offset = fault.address() - mapping.iova();
    line(
        "    %s into %s%s",
        Units.things(offset, "byte"),
        mapping.range(),
        mapping.device().isEmpty() ? "" : " of " + mapping.device());
    story(fault, mapping);
    String why = "the range is mapped: rights, or another domain";
    if (fault.isOfAnotherDevice()) {
      why = "the range is of %s: another domain, unless both share one".formatted(mapping.device());
    } else if (fault.isUseAfterUnmap()) {
      why = "use after unmap";
    }
    line("    %s", why);
  }

  private void nearTo(Fault fault, Mapping mapping) {
    boolean before = Long.compareUnsigned(fault.address(), mapping.iova()) < 0;
    long distance = AddressSpace.distance(mapping, fault.address());
    line(
        "    never mapped in this trace: %s %s %s%s, the nearest range",
        distance < Granule.BYTES ? Units.things(distance, "byte") : Units.bytes(distance),
        before ? "before" : "past the end of",
        mapping.range(),
        mapping.device().isEmpty() ? "" : " of " + mapping.device());
    story(fault, mapping);
  }

  private void story(Fault fault, Mapping mapping) {
    boolean earlier = mapping.mapped() == Act.BEFORE_THE_TRACE;
    line("    mapped %s", earlier ? mapping.mapped().event() : deed(fault, mapping.mapped()));
    Optional<Act> unmapped = mapping.unmapped();
    line("    %s", unmapped.map(act -> "unmapped " + deed(fault, act)).orElse("still mapped"));
  }

  private static String deed(Fault fault, Act act) {
    return "%searlier by %s on CPU %d (%s, line %d)"
        .formatted(
            fault.timed() ? distance(fault.act().timeNs() - act.timeNs()) + " " : "",
            act.who(),
            act.cpu(),
            act.event(),
            act.line());
  }

  private void strayUnmaps() {
    for (StrayUnmap stray : shown(found.strayUnmaps(), "Unmaps of what was not mapped")) {
      line(
          "  line %d: %s unmaps 0x%x, %s, where nothing is mapped",
          stray.act().line(), stray.act().who(), stray.iova(), Units.bytes(stray.bytes()));
      stray
          .physicalOf()
          .ifPresent(
              mapping ->
                  line(
                      "    it is the physical address of %s%s (line %d), which stays mapped",
                      mapping.range(),
                      mapping.device().isEmpty() ? "" : " of " + mapping.device(),
                      mapping.mapped().line()));
    }
  }

  private void mappedTwice() {
    for (MappedTwice each : shown(found.mappedTwice(), "Ranges mapped while they were mapped")) {
      line(
          "  line %d: %s maps %s of %s, which %s mapped as %s in line %d",
          each.mapping().mapped().line(),
          each.mapping().mapped().who(),
          each.mapping().range(),
          each.mapping().device(),
          each.earlier().mapped().who(),
          each.earlier().range(),
          each.earlier().mapped().line());
    }
  }

  private void failedCalls() {
    if (found.failedCalls().isEmpty()) {
      return;
    }
    TextTable table =
        new TextTable("device", "task", "call", ">error", ">calls", ">asked", ">first line");
    for (FailedCalls calls : found.failedCalls()) {
      table.row(
          calls.device(),
          calls.task(),
          calls.call(),
          calls.error() == 0 ? "-" : calls.error(),
          calls.count(),
          calls.bytes() == 0 ? "-" : Units.bytes(calls.bytes()),
          calls.firstLine());
    }
    section("Failed calls", table);
  }

  private void devices() {
    TextTable table =
        new TextTable(
            "device", ">maps", ">unmaps", ">failed", ">bytes", ">maps/s", "sizes, smallest first");
    for (Use use : found.devices()) {
      table.row(
          name(use.device()),
          use.maps(),
          use.unmaps(),
          use.failedCalls(),
          Units.bytes(use.bytes()),
          rate(use),
          sizes(use.sizes()));
    }
    section("Devices", table);
  }

  private void tasks() {
    TextTable table = new TextTable("device", "task", ">maps", ">unmaps", ">failed", ">bytes");
    for (Use use : found.tasks().stream().limit(MOST_SHOWN).toList()) {
      table.row(
          name(use.device()),
          use.task(),
          use.maps(),
          use.unmaps(),
          use.failedCalls(),
          Units.bytes(use.bytes()));
    }
    section("Tasks", table);
    more(found.tasks().size());
  }

  private void withoutDevice() {
    TextTable table = new TextTable("task", ">maps", ">unmaps", ">bytes", ">maps/GiB", "sizes");
    for (Use use :
        found.tasks().stream().filter(Use::isOfUnknownDevice).limit(MOST_SHOWN).toList()) {
      table.row(
          use.task(),
          use.maps(),
          use.unmaps(),
          Units.bytes(use.bytes()),
          use.bytes() == 0
              ? "-"
              : String.format(Locale.ROOT, "%.1f", (double) use.maps() * GIB / use.bytes()),
          sizes(use.sizes()));
    }
    section(
        "Page-table maps that no dma event names (IOMMU API, two-step calls, Linux before 6.12)",
        table);
  }

  private void neverUnmapped() {
    if (found.standing().isEmpty()) {
      return;
    }
    long bytes = found.standing().stream().mapToLong(Mapping::bytes).sum();
    TextTable table =
        new TextTable(
            "device", "task", ">bytes each", ">mappings", ">first line", "addresses, oldest first");
    for (NeverUnmapped each : found.neverUnmapped().stream().limit(MOST_SHOWN).toList()) {
      table.row(
          name(each.device()),
          each.task(),
          Units.bytes(each.bytes()),
          each.count(),
          each.firstLine(),
          addresses(each));
    }
    section(
        "Still mapped at the end: %s, %s (%d bytes)"
            .formatted(Units.things(found.standing().size(), "mapping"), Units.bytes(bytes), bytes),
        table);
    more(found.neverUnmapped().size());
  }

  private String addresses(NeverUnmapped group) {
    String first =
        found.standing().stream()
            .filter(group::counts)
            .limit(MOST_SIZES)
            .map(mapping -> "0x%x".formatted(mapping.iova()))
            .collect(Collectors.joining(" "));
    return group.count() > MOST_SIZES ? first + " ..." : first;
  }

  private void bounces() {
    TextTable table =
        new TextTable(
            "device",
            ">bounces",
            ">bytes",
            ">largest",
            ">forced",
            ">by mask",
            ">mask bits",
            "sizes");
    for (Bounces each : found.bounces()) {
      table.row(
          each.device(),
          each.count(),
          Units.bytes(each.bytes()),
          Units.bytes(each.largest()),
          each.forced(),
          each.count() - each.forced(),
          each.maskBits(),
          sizes(each.sizes()));
    }
    section("Bounces", table);
  }

  private <T> List<T> shown(List<T> all, String title) {
    if (!all.isEmpty()) {
      line("");
      line("%s (%d)", title, all.size());
    }
    if (all.size() > MOST_SHOWN) {
      line("  the first %d of them; --json has all", MOST_SHOWN);
    }
    return all.subList(0, Math.min(all.size(), MOST_SHOWN));
  }

  private void section(String title, TextTable table) {
    if (!table.isEmpty()) {
      line("");
      line("%s", title);
      text.append(table);
    }
  }

  private void more(int all) {
    if (all > MOST_SHOWN) {
      line("  and %d more; --json has all", all - MOST_SHOWN);
    }
  }

  private static String name(String device) {
    return device.isEmpty() ? UNKNOWN : device;
  }

  private static String rate(Use use) {
    return use.spanNs() == 0 ? "-" : Units.count(Math.round(use.maps() * 1e9 / use.spanNs()));
  }

  /** The commonest sizes, by size: {@code 4.00 KiB x12, 128 KiB x3}. */
  private static String sizes(SortedMap<Long, Long> sizes) {
    List<Long> common =
        sizes.entrySet().stream()
            .sorted(Map.Entry.<Long, Long>comparingByValue().reversed())
            .limit(MOST_SIZES)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    String shown =
        common.stream()
            .map(size -> Units.bytes(size) + " x" + sizes.get(size))
            .collect(Collectors.joining(", "));
    return sizes.size() > MOST_SIZES
        ? shown + ", %d more".formatted(sizes.size() - MOST_SIZES)
        : shown;
  }

  /** A distance in time to three decimals: {@code 6.000 ms}. */
  private static String distance(long ns) {
    if (ns < 1_000_000) {
      return String.format(Locale.ROOT, "%.3f us", ns / 1e3);
    }
    return ns < 1_000_000_000
        ? String.format(Locale.ROOT, "%.3f ms", ns / 1e6)
        : String.format(Locale.ROOT, "%.3f s", ns / 1e9);
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
