package dev.mapstorm.actors.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.StreamId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;

/**
 * A run on one node: an actor system with its lanes, and a {@link Host} for each machine. Hosts
 * whose streams are in the journal already go on from there. All methods may be called from any
 * thread.
 */
public final class Simulation implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

  /** What the guardian hears. */
  private enum Command {
    START,
    STOP
  }

  private final SimulationSpec spec;
  private final ActorSystem<Command> system;
  private final CompletableFuture<SimulationResult> result = new CompletableFuture<>();
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final AtomicInteger starting;
  private final AtomicReferenceArray<HostClock> clocks;
  private final HostResult[] results;
  private final AtomicInteger running;
  private final AtomicLongArray events;
  private final AtomicLongArray journalBytes;
  private final AtomicReferenceArray<StoreTrouble> trouble;

  private Simulation(SimulationSpec spec) {
    this.spec = spec;
    clocks = new AtomicReferenceArray<>(spec.hosts().size());
    results = new HostResult[spec.hosts().size()];
    events = new AtomicLongArray(results.length);
    journalBytes = new AtomicLongArray(results.length);
    trouble = new AtomicReferenceArray<>(results.length);
    starting = new AtomicInteger(results.length);
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
    simulation.system.tell(Command.START);
    return simulation;
  }

  private Behavior<Command> guardian() {
    return Behaviors.setup(
        context -> {
          List<ActorRef<HostKeeper.Command>> keepers = new ArrayList<>();
          return Behaviors.receive(Command.class)
              .onMessageEquals(
                  Command.START,
                  () -> {
                    for (int i = 0; i < spec.hosts().size(); i++) {
                      ActorRef<HostKeeper.Command> keeper = context.spawn(keeper(i), "keeper-" + i);
                      context.watch(keeper);
                      keepers.add(keeper);
                    }
                    return Behaviors.same();
                  })
              .onMessageEquals(
                  Command.STOP,
                  () -> {
                    keepers.forEach(keeper -> keeper.tell(new HostKeeper.Command.Stop()));
                    return Behaviors.same();
                  })
              .onSignal(
                  ChildFailed.class,
                  failed -> {
                    result.completeExceptionally(failed.getCause());
                    return Behaviors.same();
                  })
              .build();
        });
  }

  private Behavior<HostKeeper.Command> keeper(int host) {
    return HostKeeper.create(
        setup(host),
        WriterClaims.NONE,
        spec.patience(),
        () -> events.get(host),
        each -> trouble.set(host, each));
  }

  private HostSetup setup(int host) {
    HostSpec each = spec.hosts().get(host);
    return new HostSetup(
        PersistenceId.ofUniqueId(new StreamId(spec.runId(), host).text()),
        each,
        host % spec.lanes(),
        spec.scenario(),
        spec.version(),
        new EachOnce(spec.observers().apply(each)),
        new Tally(host));
  }

  /**
   * Completes when the journal is open and the clocks of all hosts run. Never completes if that
   * fails or a host has ended before; {@link #result} then does.
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
    Optional<StoreTrouble> first = Optional.empty();
    for (int i = 0; i < clocks.length(); i++) {
      reached = Math.min(reached, reached(i));
      if (first.isEmpty()) {
        first = Optional.ofNullable(trouble.get(i));
      }
    }
    long total = spec.hosts().stream().mapToLong(HostSpec::endNs).max().orElse(0);
    return new Progress(reached, total, sum(events), sum(journalBytes), first);
  }

  /**
   * Stops every host at its next message. What is journaled then is a prefix of the whole run, and
   * the result is not complete.
   */
  public void stop() {
    system.tell(Command.STOP);
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

  private static long sum(AtomicLongArray values) {
    long sum = 0;
    for (int i = 0; i < values.length(); i++) {
      sum += values.get(i);
    }
    return sum;
  }

  private final class Tally implements HostListener {
    private final int host;
    private boolean toldOfCheckpoints;

    Tally(int host) {
      this.host = host;
    }

    @Override
    public void started(HostClock clock) {
      boolean first = clocks.getAndSet(host, clock) == null;
      if (first && starting.decrementAndGet() == 0) {
        started.complete(null);
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
                "host {}: a checkpoint cannot be stored, the run goes on without: {}",
                host,
                cause.getMessage());
      }
    }

    @Override
    public void ended(HostResult end) {
      synchronized (results) {
        if (results[host] != null) {
          return;
        }
        results[host] = end;
      }
      trouble.set(host, null);
      if (running.decrementAndGet() == 0) {
        synchronized (results) {
          result.complete(new SimulationResult(Arrays.asList(results)));
        }
      }
    }

    @Override
    public void failed(Throwable cause) {
      result.completeExceptionally(cause);
    }
  }
}
