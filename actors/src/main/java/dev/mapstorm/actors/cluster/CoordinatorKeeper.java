package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.StreamKeeper;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.actors.pekko.WriterStanding;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskPresent;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The cluster's singleton: claims the coordinator's stream, has the coordinator recover from it,
 * and begins anew when the journal fails. Messages wait meanwhile, a bounded number of them; all
 * are said again by those who miss an answer. It renews the claim while it has it, so that another
 * cluster on the same database sees it and ends ({@link ClaimWatch}). Where it is the other that it
 * sees, or one that has claimed the stream since, it ends with its node.
 */
final class CoordinatorKeeper extends StreamKeeper<CoordinatorMessage> {
  /** Less than the coordinator itself can stash while it journals the first of them. */
  private static final int WAITING = 1_000;

  private record Looked(Optional<WriterStanding> present) implements CoordinatorMessage.Local {}

  private record Claimed(WriterClaim claim) implements CoordinatorMessage.Local {}

  private record ClaimFailed(Throwable cause) implements CoordinatorMessage.Local {}

  private record Recovered(ActorRef<CoordinatorMessage> coordinator)
      implements CoordinatorMessage.Local {}

  private record Again() implements CoordinatorMessage.Local {}

  private record Renew() implements CoordinatorMessage.Local {}

  /**
   * The claim was to be renewed.
   *
   * @param epoch of the claim
   * @param follower who has the stream now, if it is another
   */
  private record Renewed(long epoch, Optional<String> follower)
      implements CoordinatorMessage.Local {}

  private record NotRenewed() implements CoordinatorMessage.Local {}

  private final StashBuffer<CoordinatorMessage> waiting;
  private final CoordinatorSetup setup;
  private Optional<ActorRef<CoordinatorMessage>> coordinator = Optional.empty();
  private final ClaimWatch watch = new ClaimWatch();
  private long epoch = WriterClaim.NO_EPOCH;
  private boolean renewing;

  private CoordinatorKeeper(
      ActorContext<CoordinatorMessage> context,
      StashBuffer<CoordinatorMessage> waiting,
      TimerScheduler<CoordinatorMessage> timers,
      CoordinatorSetup setup,
      WriterClaims claims,
      StorePatience patience) {
    super(context, timers, Coordinator.ID.id(), claims, patience, new Again());
    this.waiting = waiting;
    this.setup = setup;
    timers.startTimerWithFixedDelay(new Renew(), ClaimWatch.RENEWAL);
    look();
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
        .onMessage(Looked.class, this::looked)
        .onMessage(Claimed.class, this::claimed)
        .onMessage(ClaimFailed.class, failed -> failed(failed.cause()))
        .onMessage(Recovered.class, this::recovered)
        .onMessage(Again.class, again -> look())
        .onMessage(Renew.class, renew -> renew())
        .onMessage(Renewed.class, this::renewed)
        .onMessage(NotRenewed.class, failed -> notRenewed())
        .onAnyMessage(this::pass)
        .onSignal(ChildFailed.class, failed -> failed(failed.getCause()))
        .build();
  }

  private Behavior<CoordinatorMessage> look() {
    getContext()
        .pipeToSelf(
            claims().standing(stream()),
            (present, failure) -> failure == null ? new Looked(present) : new ClaimFailed(failure));
    return this;
  }

  private Behavior<CoordinatorMessage> looked(Looked looked) {
    return switch (watch.look(looked.present(), setup.known().get())) {
      case FREE -> claim();
      case UNKNOWN -> {
        tryAgain(ClaimWatch.LOOK);
        yield this;
      }
      case ANOTHER ->
          end(
              "another cluster uses this database, its coordinator is on %s: give this cluster a database of its own, or let its nodes join the other one"
                  .formatted(looked.present().orElseThrow().claimant()));
    };
  }

  private Behavior<CoordinatorMessage> end(String why) {
    getContext().getLog().info("the coordinator ends: {}", why);
    setup.ends().accept(why);
    return Behaviors.stopped();
  }

  private Behavior<CoordinatorMessage> renew() {
    if (epoch != WriterClaim.NO_EPOCH && !renewing) {
      renewing = true;
      long mine = epoch;
      getContext()
          .pipeToSelf(
              claims().renew(stream(), mine),
              (follower, failure) ->
                  failure == null ? new Renewed(mine, follower) : new NotRenewed());
    }
    return this;
  }

  private Behavior<CoordinatorMessage> renewed(Renewed renewed) {
    renewing = false;
    if (renewed.follower().isEmpty() || renewed.epoch() != epoch) {
      return this;
    }
    String follower = renewed.follower().get();
    return end(
        follower.isEmpty()
            ? "the claim of this cluster's coordinator was removed from the database"
            : "a coordinator on %s has taken over: this node was taken for lost, or another cluster uses this database"
                .formatted(follower));
  }

  /** The database is away: whoever writes says so. */
  private Behavior<CoordinatorMessage> notRenewed() {
    renewing = false;
    return this;
  }

  private Behavior<CoordinatorMessage> claim() {
    // Of an earlier claim nothing may be heard any more: it might be this one that has followed it.
    epoch = WriterClaim.NO_EPOCH;
    claim(Claimed::new, ClaimFailed::new);
    return this;
  }

  private Behavior<CoordinatorMessage> claimed(Claimed claimed) {
    epoch = claimed.claim().epoch();
    setup.known().set(epoch);
    ActorRef<CoordinatorMessage> self = getContext().getSelf();
    Behavior<CoordinatorMessage> behavior =
        Coordinator.create(setup, epoch, recovered -> self.tell(new Recovered(recovered)));
    getContext().watch(getContext().spawn(behavior, "coordinator"));
    return this;
  }

  private Behavior<CoordinatorMessage> recovered(Recovered recovered) {
    // Not as soon as it has claimed: a stream that cannot be read is not to be tried all the time.
    storeWorks();
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
    if (claims().refused(cause)) {
      // Tells who has taken over. Were it nobody, the stream would be claimed anew.
      renew();
    }
    Duration delay = storeFailed();
    getContext()
        .getLog()
        .warn(
            "the coordinator's journal failed, it is tried again in {} ms: {}",
            delay.toMillis(),
            cause.getMessage());
    tryAgain(delay);
    return this;
  }
}
