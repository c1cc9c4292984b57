package dev.mapstorm.load.check;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.check.Deed;
import dev.mapstorm.persistence.check.HostCheck;
import dev.mapstorm.persistence.check.Story;
import dev.mapstorm.persistence.check.WrongUse;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.event.EventFanout;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.HeadSink;
import java.util.List;

/** Checks the journal of a run, host by host, in one pass. */
public final class RunCheck {
  private final RecordedRun run;
  private final Findings findings;
  private long events;

  private RunCheck(RecordedRun run, Findings findings) {
    this.run = run;
    this.findings = findings;
  }

  /**
   * Checks some hosts of a run.
   *
   * @param findings collects what is found
   * @param progress hears how far it is
   */
  public static CheckResult check(
      RecordedRun run, List<Integer> hosts, Findings findings, ReadProgress progress) {
    RunCheck check = new RunCheck(run, findings);
    for (int i = 0; i < hosts.size(); i++) {
      int done = i;
      long before = check.events;
      check.host(
          hosts.get(i),
          (part, events) -> progress.read((done + part) / hosts.size(), before + events));
    }
    return findings.result(run.path().toString(), check.events, List.of());
  }

  private void host(int host, ReadProgress progress) {
    RunOutline outline = run.outline(host);
    HostCheck check =
        new HostCheck(each -> findings.add(each.rule(), finding(host, outline, each)));
    EventSink count =
        new HeadSink() {
          @Override
          protected void head(dev.mapstorm.protocol.event.EventKind kind, long t) {
            events++;
          }
        };
    run.replay(host, new EventFanout(List.of(count, check.sink())), Moment.END, progress);
    check.end();
  }

  private Finding finding(int host, RunOutline outline, WrongUse found) {
    String client = found.client() < 0 ? "" : outline.client(found.client());
    String device = found.device() < 0 ? "" : outline.device(found.device());
    long address = found.pfn() < 0 ? -1 : found.pfn() << Granule.SHIFT;
    StringBuilder text = new StringBuilder();
    text.append(device.isEmpty() ? "" : device + ": ").append(found.what());
    if (address >= 0) {
      text.append(" at 0x%x".formatted(address));
    }
    if (!client.isEmpty()) {
      text.append(", request %d of %s".formatted(found.op(), client));
    }
    found.story().ifPresent(story -> text.append("; ").append(story(found, story)));
    found
        .other()
        .ifPresent(
            story ->
                text.append(
                        "; there: request %d of %s, "
                            .formatted(story.op(), outline.client(story.client())))
                    .append(story(found, story)));
    return Finding.of(found.rule(), host, found.t(), -1, device, client, address, text.toString());
  }

  private static String story(WrongUse found, Story story) {
    String range =
        "[0x%x, 0x%x)"
            .formatted(story.pfn() << Granule.SHIFT, story.pfn() + story.pages() << Granule.SHIFT);
    String unmapped =
        story.unmapped().map(deed -> ", unmapped " + deed(found, deed)).orElse(", still mapped");
    return range + " mapped " + deed(found, story.mapped()) + unmapped;
  }

  private static String deed(WrongUse found, Deed deed) {
    return "%s earlier by CPU %d (call %d)"
        .formatted(Units.time(found.t() - deed.t()), deed.cpu(), deed.call());
  }
}
