package dev.mapstorm.load.check;

import dev.mapstorm.load.explain.Act;
import dev.mapstorm.load.explain.Mapping;
import dev.mapstorm.load.explain.TraceExplainer;
import dev.mapstorm.load.explain.TraceExplanation;
import dev.mapstorm.load.explain.TraceExplanation.Fault;
import dev.mapstorm.load.explain.TraceExplanation.MappedTwice;
import dev.mapstorm.load.explain.TraceExplanation.StrayUnmap;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.persistence.check.Rule;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks a kernel trace in one pass: faults, stray unmappings and ranges that are mapped twice, as
 * {@link TraceExplainer} follows them, and the rules of {@link DmaCalls} for each DMA call.
 */
public final class TraceCheck {
  private final Findings findings;

  private TraceCheck(Findings findings) {
    this.findings = findings;
  }

  /**
   * Checks a trace to its end; does not close it.
   *
   * @param file what it is called
   * @param whole whether the trace covers all use of its devices, so that whatever is mapped at its
   *     end is a leak
   * @throws dev.mapstorm.load.text.TextFormatException as {@link TraceReader} does
   */
  public static CheckResult check(
      String file, TraceReader trace, boolean whole, Findings findings) {
    TraceCheck check = new TraceCheck(findings);
    DmaCalls calls = new DmaCalls(findings);
    TraceExplanation found = TraceExplainer.explain(trace, calls::take);
    calls.end(whole);
    found.strayUnmaps().forEach(check::add);
    // Of a list with several ranges no line tells which of them an unmapping leaves.
    found.mappedTwice().stream()
        .filter(each -> !each.earlier().mapped().event().equals("dma_map_sg"))
        .forEach(check::add);
    found.faults().forEach(check::add);
    List<String> notes = new ArrayList<>(found.reading().text());
    if (whole) {
      // Page-table maps that no dma event names are clients' of the IOMMU API, or two-step calls.
      found.standing().stream().filter(each -> each.device().isEmpty()).forEach(check::addLeak);
    } else {
      long standing = found.standing().size() - calls.leaks();
      if (standing > 0) {
        notes.add(
            "%s still mapped at the end: not judged, the trace may end in the middle; --whole takes them for leaks"
                .formatted(standing == 1 ? "1 range is" : standing + " ranges are"));
      }
    }
    if (found.unmapsOfEarlierMappings() > 0) {
      notes.add(
          "%s of what may have been mapped before the trace begins: not judged"
              .formatted(Units.things(found.unmapsOfEarlierMappings(), "unmap")));
    }
    if (found.gaps() > 0) {
      notes.add(
          "the kernel dropped events in %s: what was mapped before is not judged after it"
              .formatted(Units.things(found.gaps(), "place")));
    }
    return findings.result(file, found.reading().events(), notes);
  }

  private void add(Rule rule, Act act, String device, String task, long address, String text) {
    findings.add(rule, Finding.of(rule, -1, act.timeNs(), act.line(), device, task, address, text));
  }

  private void addLeak(Mapping mapping) {
    String text =
        "%s, %s: never unmapped; mapped by %s on CPU %d (%s)"
            .formatted(
                mapping.range(),
                Units.bytes(mapping.bytes()),
                mapping.mapped().who(),
                mapping.mapped().cpu(),
                mapping.mapped().event());
    add(
        Rule.LEAK,
        mapping.mapped(),
        mapping.device(),
        mapping.mapped().who(),
        mapping.iova(),
        text);
  }

  private void add(StrayUnmap stray) {
    String physical =
        stray
            .physicalOf()
            .map(
                mapping ->
                    "; it is the physical address of %s, mapped by %s (line %d), which stays mapped"
                        .formatted(
                            mapping.range(), mapping.mapped().who(), mapping.mapped().line()))
            .orElse("");
    add(
        Rule.UNMAP_UNKNOWN,
        stray.act(),
        stray.device(),
        stray.act().who(),
        stray.iova(),
        "%s unmaps 0x%x, %s, where nothing is mapped%s"
            .formatted(stray.act().who(), stray.iova(), Units.bytes(stray.bytes()), physical));
  }

  private void add(MappedTwice twice) {
    Mapping later = twice.mapping();
    Mapping earlier = twice.earlier();
    add(
        Rule.MAPPED_TWICE,
        later.mapped(),
        later.device(),
        later.mapped().who(),
        later.iova(),
        "%s maps %s of %s, which %s mapped as %s (line %d)"
            .formatted(
                later.mapped().who(),
                later.range(),
                later.device(),
                earlier.mapped().who(),
                earlier.range(),
                earlier.mapped().line()));
  }

  private void add(Fault fault) {
    Rule rule = fault.isUseAfterUnmap() ? Rule.ACCESS_AFTER_UNMAP : Rule.FAULT;
    String where =
        "%s of %s: %s fault at 0x%x"
            .formatted(fault.device(), fault.driver(), fault.access(), fault.address());
    String story =
        fault
            .mapping()
            .map(mapping -> " in " + mapping.range() + story(fault, mapping))
            .or(
                () ->
                    fault
                        .nearest()
                        .map(
                            mapping ->
                                ", never mapped in this trace; the nearest range is "
                                    + mapping.range()
                                    + story(fault, mapping)))
            .orElse(", and nothing that the trace maps is near");
    add(rule, fault.act(), fault.device(), "", fault.address(), where + story);
  }

  private static String story(Fault fault, Mapping mapping) {
    String mapped = ", mapped " + deed(fault, mapping.mapped());
    return mapping
        .unmapped()
        .map(act -> mapped + ", unmapped " + deed(fault, act))
        .orElse(mapped + ", still mapped");
  }

  private static String deed(Fault fault, Act act) {
    return "%s earlier by %s on CPU %d (%s, line %d)"
        .formatted(
            Units.time(fault.act().timeNs() - act.timeNs()),
            act.who(),
            act.cpu(),
            act.event(),
            act.line());
  }
}
