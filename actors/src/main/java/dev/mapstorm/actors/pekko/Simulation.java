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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;

/**
 * A run on one node: an actor system with its lanes, and a {@link Host} for each machine. All
 * methods may be called from any thread.
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
  private final LongAdder events = new LongAdder();
  private final LongAdder journalBytes = new LongAdder();

  private Simulation(SimulationSpec spec) {
    this.spec = spec;
    clocks = new AtomicReferenceArray<>(spec.hosts().size());
    results = new HostResult[spec.hosts().size()];
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
          List<ActorRef<Host.Command>> hosts = new ArrayList<>();
          return Behaviors.receive(Command.class)
              .onMessageEquals(
                  Command.START,
                  () -> {
                    for (int i = 0; i < spec.hosts().size(); i++) {
                      ActorRef<Host.Command> host =
                          context.spawn(Host.create(setup(i)), "host-" + i);
                      context.watch(host);
                      hosts.add(host);
                      host.tell(new Host.Start());
                    }
                    return Behaviors.same();
                  })
              .onMessageEquals(
                  Command.STOP,
                  () -> {
                    hosts.forEach(host -> host.tell(new Host.Stop()));
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

  private Host.Setup setup(int host) {
    HostSpec each = spec.hosts().get(host);
    return new Host.Setup(
        PersistenceId.ofUniqueId(new StreamId(spec.runId(), host).text()),
        each,
        host % spec.lanes(),
        spec.scenario(),
        spec.version(),
        spec.observers().apply(each),
        new HostListener(host));
  }

  /**
   * Completes when the journal is open and the clocks of all hosts run. Never completes if that
   * fails; {@link #result} then does.
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
    for (int i = 0; i < clocks.length(); i++) {
      HostClock clock = clocks.get(i);
      reached = Math.min(reached, clock == null ? 0 : clock.published());
    }
    long total = spec.hosts().stream().mapToLong(HostSpec::endNs).max().orElse(0);
    return new Progress(
        reached == Long.MAX_VALUE ? 0 : reached, total, events.sum(), journalBytes.sum());
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

  private final class HostListener implements Host.Listener {
    private final int host;

    HostListener(int host) {
      this.host = host;
    }

    @Override
    public void started(HostClock clock) {
      clocks.set(host, clock);
      if (starting.decrementAndGet() == 0) {
        started.complete(null);
      }
    }

    @Override
    public void journaled(long more, long bytes) {
      events.add(more);
      journalBytes.add(bytes);
    }

    @Override
    public void ended(HostResult end) {
      synchronized (results) {
        results[host] = end;
      }
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
