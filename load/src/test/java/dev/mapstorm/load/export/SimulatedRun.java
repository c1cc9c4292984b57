package dev.mapstorm.load.export;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.load.scenario.ResolvedScenario;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventWords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs that are executed without a journal, for tests of exporters. */
public final class SimulatedRun {
  private final RunOutline outline;
  private final EventWords words = new EventWords(0);
  private final Map<List<Long>, Event.CallEntered> calls = new HashMap<>();

  private SimulatedRun(Scenario scenario) {
    outline = RunOutline.of("test", ResolvedScenario.of(scenario.text(), "test").machine(0));
    new BareLoop(scenario.hosts().get(0), words::append).run();
  }

  /** The first host of a scenario, with these settings changed. */
  public static SimulatedRun of(String scenario, String... settings) {
    return new SimulatedRun(loader(settings).load(scenario));
  }

  /** What a kernel trace repeats. */
  public static SimulatedRun ofTrace(Path trace, String... settings) {
    return new SimulatedRun(loader(settings).trace(trace).loadTrace());
  }

  private static ScenarioLoader loader(String... settings) {
    ScenarioLoader loader = new ScenarioLoader("test");
    for (String setting : settings) {
      loader.set(setting);
    }
    return loader;
  }

  /** What its scenario says. */
  public RunOutline outline() {
    return outline;
  }

  /** All its events. */
  public List<Event> events() {
    List<Event> events = new ArrayList<>();
    words.forEach(new EventRecorder(events::add));
    return events;
  }

  /** How a call into a domain began. */
  public Event.CallEntered call(int domain, long call) {
    if (calls.isEmpty()) {
      for (Event event : events()) {
        if (event instanceof Event.CallEntered e) {
          calls.put(List.of((long) e.domain(), e.call()), e);
        }
      }
    }
    return calls.get(List.of((long) domain, call));
  }

  /** Hands its events from {@code fromNs} to {@code toNs} to an exporter, as those of host 0. */
  public void into(Exporter exporter, long fromNs, long toNs) {
    into(exporter, fromNs, toNs, EnumSet.allOf(EventKind.class));
  }

  /** The same with events of some kinds alone. */
  public void into(Exporter exporter, long fromNs, long toNs, Set<EventKind> kinds) {
    try (exporter) {
      InFlight inFlight = new InFlight();
      exporter.beginHost(0, inFlight);
      EventCursor cursor = new EventCursor();
      cursor.begin(words);
      for (long number = 0; cursor.next() && cursor.t() <= toNs; number++) {
        cursor.to(inFlight);
        if (kinds.contains(cursor.kind()) && (exporter.needsHistory() || cursor.t() >= fromNs)) {
          exporter.event(cursor, number, cursor.t() >= fromNs);
        }
      }
      exporter.endHost(Math.min(words.lastInstant(), toNs));
      exporter.finish();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Hands all its events to an exporter. */
  public void into(Exporter exporter) {
    into(exporter, 0, Long.MAX_VALUE);
  }
}
