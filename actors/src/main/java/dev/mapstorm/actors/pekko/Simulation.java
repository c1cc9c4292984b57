package dev.mapstorm.actors.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.StreamId;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;

/**
 * A run on one node: an actor system with its lanes, and a {@link Host} for each machine. Hosts
 * whose streams are in the journal already go on from there. All methods may be called from any
 * thread.
 */
public final class Simulation implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);
  private static final String KEEPER = "keeper-";

  /** What the guardian hears. */
  private sealed interface Command {
    /** Let hosts begin. */
    record Start() implements Command {}

    /** Stop all hosts, and let no other begin. */
    record Stop() implements Command {}

    /** A host has ended; it can go. */
    record Ended(int host) implements Command {}
  }

  private final SimulationSpec spec;
  private final ActorSystem<Command> system;
  private final CompletableFuture<SimulationResult> result = new CompletableFuture<>();
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final AtomicInteger starting;
  private final AtomicReferenceArray<HostClock> clocks;
  private final HostResult[] results;

  /** So many hosts, from the first, have results in the end; guarded by {@link #results}. */
  private int expected;

  private final AtomicInteger running;
  private final AtomicLongArray events;
  private final AtomicLongArray journalBytes;
  private final AtomicReferenceArray<StoreTrouble> trouble;

  private Simulation(SimulationSpec spec) {
    this.spec = spec;
    clocks = new AtomicReferenceArray<>(spec.hosts().size());
    results = new HostResult[spec.hosts().size()];
    expected = results.length;
    events = new AtomicLongArray(results.length);
    journalBytes = new AtomicLongArray(results.length);
    trouble = new AtomicReferenceArray<>(results.length);
    // One more than begin, until all of them are known.
    starting = new AtomicInteger(1);
    running = new AtomicInteger(results.length);
    Config config =
        Lanes.config(spec.lanes())
            .withFallback(spec.config())
            .withFallback(ConfigFactory.load())
            .resolve();
    system = ActorSystem.create(guardian(), "mapstorm", config);
  }

  /** Starts a simulation; it runs until it ends, fails or is stopped. */
  public static Simulation start(SimulationSpec spec) {
    Simulation simulation = new Simulation(spec);
    simulation.system.tell(new Command.Start());
    return simulation;
  }

  private Behavior<Command> guardian() {
    return Behaviors.setup(context -> new Guardian(context).behavior());
  }

  /** Lets hosts begin as there is room, and go when they have ended. */
  private final class Guardian {
    private final ActorContext<Command> context;
    private final HostQueue queue = new HostQueue(spec.hosts(), spec.lanes(), spec.room());
    private final Map<Integer, ActorRef<HostKeeper.Command>> keepers = new TreeMap<>();
    private boolean firstBegan;

    Guardian(ActorContext<Command> context) {
      this.context = context;
    }

    Behavior<Command> behavior() {
      return Behaviors.receive(Command.class)
          .onMessage(Command.Start.class, start -> begin())
          .onMessage(Command.Stop.class, stop -> stop())
          .onMessage(Command.Ended.class, this::ended)
          .onSignal(ChildFailed.class, this::failed)
          .onSignal(Terminated.class, this::gone)
          .build();
    }

    private Behavior<Command> begin() {
      for (OptionalInt next = queue.begin(); next.isPresent(); next = queue.begin()) {
        int host = next.getAsInt();
        starting.incrementAndGet();
        ActorRef<HostKeeper.Command> keeper =
            context.spawn(keeper(host, queue.laneOf(host)), KEEPER + host);
        context.watch(keeper);
        keepers.put(host, keeper);
      }
      if (!firstBegan) {
        firstBegan = true;
        running();
      }
      return Behaviors.same();
    }

    private Behavior<Command> stop() {
      leaveOut(queue.close());
      keepers.values().forEach(keeper -> keeper.tell(new HostKeeper.Command.Stop()));
      return Behaviors.same();
    }

    /** Its machine and its actors take memory until they are gone. */
    private Behavior<Command> ended(Command.Ended ended) {
      ActorRef<HostKeeper.Command> keeper = keepers.get(ended.host());
      if (keeper != null) {
        context.stop(keeper);
      }
      return Behaviors.same();
    }

    private Behavior<Command> failed(ChildFailed failed) {
      result.completeExceptionally(failed.getCause());
      return Behaviors.same();
    }

    private Behavior<Command> gone(Terminated gone) {
      int host = Integer.parseInt(gone.getRef().path().name().substring(KEEPER.length()));
      if (keepers.remove(host) != null) {
        queue.gone(host);
      }
      return begin();
    }
  }

  private Behavior<HostKeeper.Command> keeper(int host, int lane) {
    return HostKeeper.create(
        setup(host, lane),
        WriterClaims.NONE,
        spec.patience(),
        () -> events.get(host),
        each -> trouble.set(host, each));
  }

  private HostSetup setup(int host, int lane) {
    HostSpec each = spec.hosts().get(host);
    BatchObserver observer = new BatchDeduplicator(spec.observers().apply(each));
    return new HostSetup(
        PersistenceId.ofUniqueId(new StreamId(spec.runId(), host).text()),
        each,
        lane,
        spec.scenario(),
        spec.version(),
        observer,
        new Tally(host, observer));
  }

  /**
   * Completes when the journal is open and the clocks of all hosts run that have room at first.
   * Never completes if that fails or a host has ended before; {@link #result} then does.
   */
  public CompletionStage<Void> started() {
    return started;
  }

  /** Completes when every host has ended or stopped; fails with the cause if one cannot go on. */
  public CompletionStage<SimulationResult> result() {
    return result;
  }

  /** How far it is. */
  public Progress progress() {
    long reached = Long.MAX_VALUE;
    double sum = 0;
    double whole = 0;
    Optional<StoreTrouble> first = Optional.empty();
    for (int i = 0; i < clocks.length(); i++) {
      long at = reached(i);
      reached = Math.min(reached, at);
      long end = spec.hosts().get(i).endNs();
      // The last event of a host that has ended may lie before its end.
      sum += hasEnded(i) ? end : at;
      whole += end;
      if (first.isEmpty()) {
        first = Optional.ofNullable(trouble.get(i));
      }
    }
    long total = spec.hosts().stream().mapToLong(HostSpec::endNs).max().orElse(0);
    return new Progress(
        clocks.length() - running.get(),
        clocks.length(),
        reached,
        total,
        whole == 0 ? 1 : sum / whole,
        sum(events),
        sum(journalBytes),
        first);
  }

  /**
   * Stops every host at its next message. What is journaled then is a prefix of the whole run, and
   * the result is not complete.
   */
  public void stop() {
    system.tell(new Command.Stop());
  }

  /** Ends the actor system, and waits for it. */
  @Override
  public void close() {
    system.terminate();
    try {
      system
          .getWhenTerminated()
          .toCompletableFuture()
          .get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "the actor system did not end within " + CLOSE_TIMEOUT.toSeconds() + " s", e);
    }
  }

  private boolean hasEnded(int host) {
    synchronized (results) {
      return results[host] != null;
    }
  }

  /** Where a host is: at its end, if it has ended, at 0 before its clock runs. */
  private long reached(int host) {
    synchronized (results) {
      if (results[host] != null) {
        return results[host].endNs();
      }
    }
    HostClock clock = clocks.get(host);
    return clock == null ? 0 : clock.published();
  }

  /** One more of those that begin first runs. */
  private void running() {
    if (starting.decrementAndGet() == 0) {
      started.complete(null);
    }
  }

  /** Hosts from this one on had not begun when the simulation was stopped: they have no journal. */
  private void leaveOut(int from) {
    int left;
    synchronized (results) {
      left = expected - from;
      expected = from;
    }
    over(left);
  }

  private void end(HostResult end) {
    int host = end.host();
    synchronized (results) {
      if (results[host] != null) {
        return;
      }
      results[host] = end;
    }
    trouble.set(host, null);
    over(1);
  }

  private void over(int hosts) {
    if (running.addAndGet(-hosts) == 0) {
      synchronized (results) {
        result.complete(new SimulationResult(Arrays.asList(results).subList(0, expected)));
      }
    }
  }

  private static long sum(AtomicLongArray values) {
    long sum = 0;
    for (int i = 0; i < values.length(); i++) {
      sum += values.get(i);
    }
    return sum;
  }

  private final class Tally implements HostListener {
    private final int host;
    private final BatchObserver observer;
    private boolean toldOfCheckpoints;

    Tally(int host, BatchObserver observer) {
      this.host = host;
      this.observer = observer;
    }

    @Override
    public void started(HostClock clock) {
      boolean first = clocks.getAndSet(host, clock) == null;
      if (first) {
        running();
      }
    }

    @Override
    public void claimed(WriterClaim claim) {
      // Nobody else writes this journal.
    }

    @Override
    public void recovered(long checkpoint, long inJournal) {
      // Progress counts what is journaled, wherever it comes from.
    }

    @Override
    public void journaled(long inJournal, long bytes) {
      if (inJournal > events.getAndSet(host, inJournal)) {
        trouble.set(host, null);
      }
      journalBytes.set(host, bytes);
    }

    @Override
    public void checkpointFailed(Throwable cause) {
      if (!toldOfCheckpoints) {
        toldOfCheckpoints = true;
        system
            .log()
            .warn(
                "host {}: a checkpoint cannot be stored, the run continues without it: {}",
                host,
                cause.getMessage());
      }
    }

    @Override
    public void ended(HostResult end) {
      observer.ended();
      end(end);
      // What the clock holds is not needed any more.
      clocks.set(host, null);
      system.tell(new Command.Ended(host));
    }

    @Override
    public void failed(Throwable cause) {
      result.completeExceptionally(cause);
    }
  }
}
