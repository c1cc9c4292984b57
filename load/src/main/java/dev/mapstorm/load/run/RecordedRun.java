package dev.mapstorm.load.run;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.load.scenario.ResolvedMachine;
import dev.mapstorm.load.scenario.ResolvedScenario;
import dev.mapstorm.persistence.hocon.HoconException;
import dev.mapstorm.persistence.hocon.HoconFile;
import dev.mapstorm.persistence.index.RunIndex;
import dev.mapstorm.persistence.replay.EventsUntil;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.report.RunAnalysis;
import dev.mapstorm.persistence.store.BatchDecoder;
import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.Salvage;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.event.StreamOpened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** A run as its directory keeps it, read from the journal alone. One thread at a time. */
public final class RecordedRun {
  private final RunDirectory directory;
  private final JournalReader journal;
  private final boolean salvaged;
  private final List<String> damage;
  private final List<Integer> hosts;
  private final ResolvedScenario scenario;

  private RecordedRun(
      RunDirectory directory, JournalReader journal, boolean salvaged, List<String> damage) {
    this.directory = directory;
    this.journal = journal;
    this.salvaged = salvaged;
    this.damage = List.copyOf(damage);
    hosts = journal.hosts();
    if (hosts.isEmpty()) {
      throw new StoreException(
          directory.isShared()
              ? "the %s is empty: it has not begun, or was removed there"
                  .formatted(directory.journal().description())
              : "the journal of %s is empty".formatted(directory.path()));
    }
    scenario = ResolvedScenario.of(opened(hosts.get(0)).scenario(), directory.path().toString());
  }

  /**
   * Opens a run directory.
   *
   * @throws StoreException if it is none, or nothing was journaled
   * @throws DamagedJournalException if its journal does not hold what was written, as far as that
   *     shows without reading all of it
   */
  public static RecordedRun open(Path path) {
    return open(path, NamedDatabases.ofEnvironment());
  }

  /**
   * The same, where a shared database may be one of those that were named.
   *
   * @param databases by default that of the environment
   */
  public static RecordedRun open(Path path, NamedDatabases databases) {
    return of(RunDirectory.open(path, databases));
  }

  /**
   * The run in a directory that was opened.
   *
   * @throws StoreException if nothing was journaled
   * @throws DamagedJournalException as {@link #open}
   */
  public static RecordedRun of(RunDirectory directory) {
    RecordedRun run = new RecordedRun(directory, directory.journal().reader(), false, List.of());
    RunConsistency.check(run, directory);
    return run;
  }

  /**
   * Opens a run whose journal may be damaged. It is read once to find out how far each host's
   * stream is whole; what follows is left out, so that the run looks like an interrupted one.
   *
   * @param databases as for {@link #open(Path, NamedDatabases)}
   * @throws StoreException if there is none or nothing of it can be read
   */
  public static RecordedRun salvage(Path path, NamedDatabases databases, ReadProgress progress) {
    RunDirectory directory = RunDirectory.openDamaged(path, databases);
    Salvage salvage = directory.journal().salvage(progress::read);
    RecordedRun run = new RecordedRun(directory, salvage.reader(), true, SalvageText.of(salvage));
    try {
      if (salvage.isWhole()) {
        RunConsistency.check(run, directory);
      }
      return run;
    } catch (DamagedJournalException e) {
      return new RecordedRun(directory, salvage.reader(), true, List.of(e.getMessage()));
    }
  }

  /**
   * What is wrong with it and what can be read, in sentences; empty unless it was salvaged and is
   * damaged.
   */
  public List<String> damage() {
    return damage;
  }

  /** Where it is kept. */
  public Path path() {
    return directory.path();
  }

  /** What was run. */
  public ResolvedScenario scenario() {
    return scenario;
  }

  /** Whether the scenario has hosts without a journal: they had not begun when it was killed. */
  public boolean lacksHosts() {
    return hosts.size() < scenario.hosts();
  }

  /** What the events of a host leave to its scenario. */
  public RunOutline outline(int host) {
    String name = path().toAbsolutePath().normalize().getFileName().toString();
    return RunOutline.of(name, scenario.machine(host));
  }

  /**
   * The scenario as it was resolved; it runs again as it is. Should the file be lost, {@link
   * #opened} has its text.
   */
  public Path scenarioFile() {
    return directory.scenario();
  }

  /**
   * Whether {@link #scenarioFile} is there and is not the text that the journal was opened with.
   *
   * @throws StoreException if it cannot be read
   */
  public boolean isScenarioEdited() {
    try {
      return Files.exists(scenarioFile(), LinkOption.NOFOLLOW_LINKS)
          && !HoconFile.read(scenarioFile(), LinkOption.NOFOLLOW_LINKS)
              .equals(opened(hosts.get(0)).scenario());
    } catch (HoconException e) {
      throw new StoreException(e.getMessage(), e);
    } catch (IOException e) {
      throw new StoreException(
          "%s cannot be read: %s".formatted(scenarioFile(), FileErrors.reason(e)), e);
    }
  }

  /** What reads the run's streams. */
  public JournalReader journal() {
    return journal;
  }

  /**
   * Its index, to be closed. It is completed while it is used; of a run that was salvaged in
   * memory.
   *
   * @param notes hears what is remarkable about it
   */
  public RunIndex index(Consumer<String> notes) {
    return salvaged
        ? RunIndex.inMemory(directory, journal, this::parameters)
        : new RunIndex(directory, this::parameters, notes);
  }

  /**
   * Its index if there is one beside the journal, to be closed: for what can be looked up in it as
   * far as it goes. None of a run that was salvaged.
   *
   * @param notes hears what is remarkable about it
   */
  public Optional<RunIndex> existingIndex(Consumer<String> notes) {
    return salvaged || !Files.exists(directory.index())
        ? Optional.empty()
        : Optional.of(index(notes));
  }

  /** Those of the IOVA caches of each domain of a host. */
  private List<IovaParameters> parameters(int host) {
    ResolvedMachine machine = scenario.machine(host);
    return Collections.nCopies(machine.devices().size(), machine.iova());
  }

  /** Numbers of the hosts, ascending. */
  public List<Integer> hosts() {
    return hosts;
  }

  /**
   * The instant in virtual nanoseconds up to which the journal tells of a host: that of its close,
   * or else that of its last event. Only the newest entry is read.
   */
  public long reachedNs(int host) {
    JournalEntry newest = journal.lastEntries().get(host);
    if (newest instanceof EventBatch batch) {
      return batch.last();
    }
    return newest instanceof StreamClosed closed ? closed.end() : 0;
  }

  /**
   * Reads the whole journal for a report; the same as the run itself gave, without wall time.
   *
   * @param progress hears how far it is
   */
  public RunReport report(ReadProgress progress) {
    return report(progress, host -> EventSink.NONE);
  }

  /**
   * The same, while other sinks hear all events too.
   *
   * @param beside the sink for the events of a host
   */
  public RunReport report(ReadProgress progress, IntFunction<EventSink> beside) {
    RunAnalysis analysis = new RunAnalysis();
    List<HostResult> ends = new ArrayList<>();
    long[] before = new long[1];
    for (int host : hosts) {
      int done = ends.size();
      HostReader reader =
          new HostReader(
              host,
              (part, events) -> progress.read((done + part) / hosts.size(), before[0] + events));
      HostResult end =
          reader.read(new EventsUntil(analysis.host(host), Moment.END), beside.apply(host));
      before[0] += end.events();
      ends.add(end);
    }
    return RunReport.of(scenario, new SimulationResult(ends), analysis.result());
  }

  /**
   * Hands on the events of a host up to a moment.
   *
   * @param progress hears how far in the journal it is
   */
  public void replay(int host, EventSink sink, Moment moment, ReadProgress progress) {
    new HostReader(host, progress).read(new EventsUntil(sink, moment), EventSink.NONE);
  }

  /**
   * The newest checkpoint of a host that was taken at {@code instant} or before and belongs to the
   * journal; empty if there is none.
   *
   * @param passedOver hears, in a sentence, of each newer one that does not belong to the journal
   */
  public Optional<StreamCheckpoint> checkpoint(
      int host, long instant, Consumer<String> passedOver) {
    StreamId stream = new StreamId(journal.run().orElseThrow(), host);
    return directory.journal().checkpoints().newest(stream, instant, passedOver);
  }

  /** The opening of a host's stream. */
  public StreamOpened opened(int host) {
    return journal.opened(host);
  }

  /** Reads one host's stream. */
  private final class HostReader {
    private final int host;
    private final ReadProgress progress;
    private final long lastBatch;
    private final BatchDecoder decoder;
    private boolean complete;
    private long endNs;
    private long batches;
    private long events;
    private long bytes;
    private byte[] hash = {};

    HostReader(int host, ReadProgress progress) {
      this.host = host;
      this.progress = progress;
      decoder = new BatchDecoder(host);
      lastBatch = journal.lastBatch(host).map(EventBatch::index).orElse(0L);
    }

    HostResult read(EventsUntil until, EventSink beside) {
      journal.forEach(
          host,
          entry -> {
            take(entry, until, beside);
            return !until.past();
          });
      return new HostResult(host, complete, endNs, batches, events, bytes, hash);
    }

    private void take(JournalEntry entry, EventsUntil until, EventSink beside) {
      if (entry instanceof StreamOpened opened) {
        hash = new HashChain().origin(opened);
      } else if (entry instanceof EventBatch batch) {
        EventWords events = decoder.decode(batch);
        until.take(events);
        if (beside != EventSink.NONE) {
          events.forEach(beside);
        }
        batches++;
        this.events += batch.count();
        bytes += batch.payload().length;
        hash = batch.hash();
        endNs = batch.last();
        progress.read((batch.index() + 1.0) / (lastBatch + 1), this.events);
      } else if (entry instanceof StreamClosed closed) {
        complete = true;
        endNs = closed.end();
      }
    }
  }
}
