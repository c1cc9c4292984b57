package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskPresent;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The cluster's singleton: claims the coordinator's stream, has the coordinator recover from it,
 * and begins anew when the journal fails. Messages wait meanwhile, a bounded number of them; all
 * are said again by those who miss an answer.
 */
final class CoordinatorKeeper extends AbstractBehavior<CoordinatorMessage> {
  /** Less than the coordinator itself can stash while it journals the first of them. */
  private static final int WAITING = 1_000;

  private record Claimed(WriterClaim claim) implements CoordinatorMessage.Local {}

  private record ClaimFailed(Throwable cause) implements CoordinatorMessage.Local {}

  private record Recovered(ActorRef<CoordinatorMessage> coordinator)
      implements CoordinatorMessage.Local {}

  private record Again() implements CoordinatorMessage.Local {}

  private final StashBuffer<CoordinatorMessage> waiting;
  private final TimerScheduler<CoordinatorMessage> timers;
  private final CoordinatorSetup setup;
  private final WriterClaims claims;
  private final StorePatience patience;
  private Optional<ActorRef<CoordinatorMessage>> coordinator = Optional.empty();
  private int failures;

  private CoordinatorKeeper(
      ActorContext<CoordinatorMessage> context,
      StashBuffer<CoordinatorMessage> waiting,
      TimerScheduler<CoordinatorMessage> timers,
      CoordinatorSetup setup,
      WriterClaims claims,
      StorePatience patience) {
    super(context);
    this.waiting = waiting;
    this.timers = timers;
    this.setup = setup;
    this.claims = claims;
    this.patience = patience;
    claim();
  }

  static Behavior<CoordinatorMessage> create(
      CoordinatorSetup setup, WriterClaims claims, StorePatience patience) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    Behaviors.withStash(
                        WAITING,
                        waiting ->
                            new CoordinatorKeeper(
                                context, waiting, timers, setup, claims, patience))));
  }

  @Override
  public Receive<CoordinatorMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Claimed.class, this::claimed)
        .onMessage(ClaimFailed.class, failed -> failed(failed.cause()))
        .onMessage(Recovered.class, this::recovered)
        .onMessage(Again.class, again -> claim())
        .onAnyMessage(this::pass)
        .onSignal(ChildFailed.class, failed -> failed(failed.getCause()))
        .build();
  }

  private Behavior<CoordinatorMessage> claim() {
    getContext()
        .pipeToSelf(
            claims.claim(Coordinator.ID.id()),
            (claim, failure) -> failure == null ? new Claimed(claim) : new ClaimFailed(failure));
    return this;
  }

  private Behavior<CoordinatorMessage> claimed(Claimed claimed) {
    ActorRef<CoordinatorMessage> self = getContext().getSelf();
    Behavior<CoordinatorMessage> behavior =
        Coordinator.create(
            setup, claimed.claim().epoch(), recovered -> self.tell(new Recovered(recovered)));
    getContext().watch(getContext().spawn(behavior, "coordinator"));
    return this;
  }

  private Behavior<CoordinatorMessage> recovered(Recovered recovered) {
    // Not as soon as it has claimed: a stream that cannot be read is not to be tried all the time.
    failures = 0;
    coordinator = Optional.of(recovered.coordinator());
    waiting.forEach(recovered.coordinator()::tell);
    waiting.clear();
    return this;
  }

  private Behavior<CoordinatorMessage> pass(CoordinatorMessage message) {
    if (coordinator.isPresent()) {
      coordinator.get().tell(message);
    } else if (isWorthKeeping(message) && !waiting.isFull()) {
      waiting.stash(message);
    }
    return this;
  }

  /** What comes anew every few seconds would push out what matters. */
  private static boolean isWorthKeeping(CoordinatorMessage message) {
    return !(message instanceof NodeReport || message instanceof AskPresent);
  }

  private Behavior<CoordinatorMessage> failed(Throwable cause) {
    coordinator = Optional.empty();
    if (claims.refused(cause)) {
      getContext()
          .getLog()
          .warn("another coordinator has taken over, this one ends: {}", cause.getMessage());
      return Behaviors.stopped();
    }
    Duration delay = patience.delay(++failures);
    getContext()
        .getLog()
        .warn(
            "the coordinator's journal failed, it is tried again in {} ms: {}",
            delay.toMillis(),
            cause.getMessage());
    timers.startSingleTimer(new Again(), delay);
    return this;
  }
}
