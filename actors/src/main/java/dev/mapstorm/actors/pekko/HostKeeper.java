package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.event.DamagedBatchException;
import java.io.NotSerializableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one host's entity going. When its store fails, the entity ends with its machine, and after
 * a while a new one recovers from what the journal holds: whatever became of the write that failed,
 * the journal alone says how far the host is, so that no batch is lost, doubled or reordered. Each
 * entity claims the stream before it recovers; one that finds it claimed by another ends for good.
 * One that cannot go on from a checkpoint is begun again without it.
 */
public final class HostKeeper extends StreamKeeper<HostKeeper.Command> {
  private static final Logger LOG = LoggerFactory.getLogger(HostKeeper.class);
  private static final String STOPPED = "it was stopped while the store failed";

  /** What a keeper hears. */
  public sealed interface Command {
    /** Stop the host. */
    record Stop() implements Command {}

    /**
     * Store a checkpoint, if that is possible soon, and end without a word to the listener: the
     * host goes on elsewhere.
     */
    record HandOver() implements Command {}

    /** Begin the entity anew. */
    record Again() implements Command {}

    /** The stream is this keeper's. */
    record Claimed(WriterClaim claim) implements Command {}

    /** The stream could not be claimed. */
    record ClaimFailed(Throwable cause) implements Command {}
  }

  private final HostSetup setup;
  private final LongSupplier journaled;
  private final Consumer<StoreTrouble> trouble;
  private Optional<ActorRef<Host.Command>> host = Optional.empty();

  /** Whether it was the store that the present entity failed of; set by that before it fails. */
  private AtomicBoolean ofStore = new AtomicBoolean();

  private long journaledBefore;
  private long checkpointsUpTo = Host.ANY_CHECKPOINT;
  private String reason = "";
  private boolean claiming;
  private boolean stopping;

  private HostKeeper(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      HostSetup setup,
      WriterClaims claims,
      StorePatience patience,
      LongSupplier journaled,
      Consumer<StoreTrouble> trouble) {
    super(context, timers, setup.id().id(), claims, patience, new Command.Again());
    this.setup = setup;
    this.journaled = journaled;
    this.trouble = trouble;
    claim();
  }

  /**
   * The behaviour of a keeper.
   *
   * @param claims to the stream
   * @param journaled how many events of the host are in the journal as far as is known
   * @param trouble hears of every failure that is waited out
   */
  public static Behavior<Command> create(
      HostSetup setup,
      WriterClaims claims,
      StorePatience patience,
      LongSupplier journaled,
      Consumer<StoreTrouble> trouble) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new HostKeeper(context, timers, setup, claims, patience, journaled, trouble)));
  }

  private void claim() {
    claiming = true;
    claim(Command.Claimed::new, Command.ClaimFailed::new);
  }

  private Behavior<Command> claimed(Command.Claimed claimed) {
    claiming = false;
    setup.listener().claimed(claimed.claim());
    AtomicBoolean itsStore = new AtomicBoolean();
    ofStore = itsStore;
    ActorRef<Host.Command> entity =
        getContext()
            .spawn(
                Host.create(
                    setup, claimed.claim().epoch(), checkpointsUpTo, () -> itsStore.set(true)),
                "host");
    getContext().watch(entity);
    host = Optional.of(entity);
    if (stopping) {
      entity.tell(new Host.Stop());
    }
    return this;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Command.Stop.class, stop -> stop())
        .onMessage(Command.HandOver.class, handOver -> handOver())
        .onMessage(Command.Again.class, again -> again())
        .onMessage(Command.Claimed.class, this::claimed)
        .onMessage(Command.ClaimFailed.class, failed -> claimFailed(failed.cause()))
        .onSignal(ChildFailed.class, this::failed)
        .onSignal(Terminated.class, gone -> Behaviors.stopped())
        .build();
  }

  private Behavior<Command> stop() {
    stopping = true;
    if (host.isPresent()) {
      host.get().tell(new Host.Stop());
    } else if (!claiming) {
      timers().cancelAll();
      setup.listener().failed(givenUp(STOPPED, null));
    }
    return this;
  }

  private Behavior<Command> handOver() {
    if (host.isEmpty()) {
      return Behaviors.stopped();
    }
    host.get().tell(new Host.HandOver());
    return this;
  }

  private Behavior<Command> again() {
    claim();
    return this;
  }

  private Behavior<Command> failed(ChildFailed failed) {
    Throwable cause = failed.getCause();
    host = Optional.empty();
    Optional<UnusableCheckpointException> unusable =
        Causes.find(cause, UnusableCheckpointException.class);
    if (unusable.isPresent()) {
      return without(unusable.get());
    }
    if (!ofStore.get() || isDamage(cause)) {
      setup.listener().failed(cause);
      return this;
    }
    if (claims().refused(cause)) {
      setup
          .listener()
          .failed(
              new FencedException(
                  "host %d is simulated elsewhere, its stream %s was claimed there"
                      .formatted(setup.spec().host(), stream()),
                  cause));
      return this;
    }
    return waitOut(cause);
  }

  private Behavior<Command> without(UnusableCheckpointException unusable) {
    checkpointsUpTo = unusable.useUpTo();
    LOG.warn(
        "{}: {}; it begins again, from {}",
        stream(),
        unusable.getMessage(),
        checkpointsUpTo > 0 ? "the checkpoint before" : "its beginning");
    claim();
    return this;
  }

  private Behavior<Command> claimFailed(Throwable cause) {
    claiming = false;
    return waitOut(cause);
  }

  private Behavior<Command> waitOut(Throwable cause) {
    if (journaled.getAsLong() > journaledBefore) {
      journaledBefore = journaled.getAsLong();
      storeWorks();
      checkpointsUpTo = Host.ANY_CHECKPOINT;
    }
    reason = Causes.deepest(cause);
    if (stopping) {
      setup.listener().failed(givenUp(STOPPED, cause));
      return this;
    }
    Duration delay = storeFailed();
    if (isPatienceOver()) {
      setup.listener().failed(givenUp("the store failed %d times".formatted(failures()), cause));
    } else {
      trouble.accept(new StoreTrouble(setup.spec().host(), reason, delay));
      tryAgain(delay);
    }
    return this;
  }

  private StoreFailedException givenUp(String why, Throwable cause) {
    return new StoreFailedException(
        "the journal of host %d cannot be written, %s: %s"
            .formatted(setup.spec().host(), why, reason),
        cause);
  }

  /** Whether recovery found the journal itself to be wrong, which waiting does not mend. */
  private static boolean isDamage(Throwable failure) {
    return Causes.find(failure, DamagedBatchException.class).isPresent()
        || Causes.find(failure, NotSerializableException.class).isPresent();
  }
}
