package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.Causes;
import dev.mapstorm.actors.pekko.FencedException;
import dev.mapstorm.actors.pekko.HostKeeper;
import dev.mapstorm.actors.pekko.HostListener;
import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.HostSetup;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostEnded;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostLeft;
import dev.mapstorm.protocol.cluster.HostOrder;
import dev.mapstorm.protocol.cluster.HostOutcome;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityContext;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A host as a sharded entity. It begins to simulate when it is told to, goes on from the journal if
 * that has a part of the run already, and tells the coordinator how the host ended until it hears
 * that this is kept. Moved to another node, it stops here and is begun anew there.
 */
final class HostEntity extends AbstractBehavior<HostOrder> {
  private static final Logger LOG = LoggerFactory.getLogger(HostEntity.class);
  private static final Duration TELL_AGAIN = Duration.ofSeconds(2);

  private static final Duration ENTER_AGAIN = Duration.ofMillis(200);

  /** Some reports of the node. */
  private static final Duration SHOW_TROUBLE = Duration.ofSeconds(2);

  /** A checkpoint saves work elsewhere; waiting longer for it would cost more. */
  private static final Duration HAND_OVER_WITHIN = Duration.ofMillis(800);

  /** Sharding moves the entity away. */
  record HandOff() implements HostOrder.Local {}

  /** The host had the time to. */
  private record HandedOver() implements HostOrder.Local {}

  /** What the fleet is made from, and what is known against the host. */
  private record Defined(FleetDefinitions.Fleet fleet, Suspicion suspicion)
      implements HostOrder.Local {}

  /** Why these cannot be told. */
  private record NotDefined(Throwable failure) implements HostOrder.Local {}

  /** The host ended or cannot go on. */
  private record Over(HostOutcome outcome) implements HostOrder.Local {}

  /** Another incarnation has taken the stream. */
  private record Fenced(String message) implements HostOrder.Local {}

  /** There may be room on the node by now. */
  private record EnterAgain() implements HostOrder.Local {}

  private record TellAgain() implements HostOrder.Local {}

  /** Its trouble has been seen. */
  private record Leave() implements HostOrder.Local {}

  private final HostServices services;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final TimerScheduler<HostOrder> timers;
  private HostOrder.RunHost order;
  private FleetDefinitions.Fleet fleet;
  private Suspicion suspicion = Suspicion.NONE;
  private Optional<HostBoard.Slot> slot = Optional.empty();
  private Optional<ActorRef<HostKeeper.Command>> keeper = Optional.empty();
  private Optional<HostEnded> report = Optional.empty();

  /** It leaves by itself, not since its shard moves: nobody is to begin it anew at once. */
  private boolean leaving;

  private HostEntity(
      ActorContext<HostOrder> context,
      TimerScheduler<HostOrder> timers,
      ActorRef<ClusterSharding.ShardCommand> shard,
      HostServices services) {
    super(context);
    this.timers = timers;
    this.shard = shard;
    this.services = services;
  }

  /** The behaviour of an entity. */
  static Behavior<HostOrder> create(EntityContext<HostOrder> entity, HostServices services) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new HostEntity(context, timers, entity.getShard(), services)));
  }

  @Override
  public Receive<HostOrder> createReceive() {
    return newReceiveBuilder()
        .onMessage(HostOrder.RunHost.class, this::run)
        .onMessage(Defined.class, this::defined)
        .onMessage(NotDefined.class, not -> notBegun(Causes.deepest(not.failure())))
        .onMessage(EnterAgain.class, again -> enter())
        .onMessage(HostOrder.StopHost.class, this::stop)
        .onMessage(Over.class, over -> over(over.outcome()))
        .onMessage(Fenced.class, this::fenced)
        .onMessage(TellAgain.class, again -> tell())
        .onMessage(HostOrder.OutcomeKept.class, kept -> leave())
        .onMessage(HandOff.class, handOff -> handOff())
        .onMessage(HandedOver.class, handedOver -> Behaviors.stopped())
        .onMessage(Leave.class, leave -> leave())
        .onSignal(ChildFailed.class, failed -> keeperFailed(failed.getCause()))
        .onSignal(Terminated.class, gone -> Behaviors.stopped())
        .onSignal(PostStop.class, stopped -> stopped())
        .build();
  }

  private Behavior<HostOrder> run(HostOrder.RunHost order) {
    if (this.order == null) {
      this.order = order;
      getContext()
          .pipeToSelf(
              services
                  .definitions()
                  .of(order.run())
                  .thenCombine(services.deaths().of(name()), Defined::new),
              (defined, e) -> e == null ? defined : new NotDefined(e));
    }
    return this;
  }

  private Behavior<HostOrder> defined(Defined defined) {
    fleet = defined.fleet();
    suspicion = defined.suspicion();
    if (order.host() >= fleet.hosts().size()) {
      return notBegun("its scenario has no host %d".formatted(order.host()));
    }
    if (suspicion.isProven()) {
      LOG.warn("{}: {}", name(), suspicion.verdict());
      return over(HostOutcome.failed(order.host(), suspicion.verdict()));
    }
    if (suspicion.exists()) {
      LOG.warn(
          "{} has the node to itself, since one that executed it ended: {}",
          name(),
          suspicion.cause());
    }
    return enter();
  }

  private HostBoard.Slot seen() {
    HostBoard.Slot mine = services.board().open(order.run(), order.host());
    slot = Optional.of(mine);
    return mine;
  }

  private String name() {
    return HostKey.of(order.run(), order.host());
  }

  /** Begins if there is room. A host that waits is not seen: for the coordinator it is starting. */
  private Behavior<HostOrder> enter() {
    HostSpec spec = fleet.hosts().get(order.host());
    if (leaving) {
      return this;
    }
    if (!services.room().enter(name(), spec, suspicion.exists())) {
      timers.startSingleTimer(new EnterAgain(), ENTER_AGAIN);
      return this;
    }
    begin(spec, seen());
    return this;
  }

  private void begin(HostSpec spec, HostBoard.Slot mine) {
    HostSetup setup =
        new HostSetup(
            PersistenceId.ofUniqueId(name()),
            spec,
            mine.lane(),
            fleet.scenario(),
            services.version(),
            (events, batch) -> {},
            new Listener(mine, order.host(), getContext().getSelf()));
    keeper =
        Optional.of(
            getContext()
                .spawn(
                    HostKeeper.create(
                        setup,
                        services.claims(),
                        services.patience(),
                        mine::events,
                        trouble ->
                            mine.inTrouble("the journal cannot be written: " + trouble.reason())),
                    "keeper"));
    getContext().watch(keeper.get());
  }

  /** Stays long enough to be seen with its trouble, and is then told again, here or elsewhere. */
  private Behavior<HostOrder> notBegun(String reason) {
    getContext().getLog().warn("{}: not begun: {}", order, reason);
    seen().inTrouble("not begun: " + reason);
    timers.startSingleTimer(new Leave(), SHOW_TROUBLE);
    return this;
  }

  private Behavior<HostOrder> stop(HostOrder.StopHost stop) {
    if (keeper.isEmpty()) {
      return leave();
    }
    keeper.get().tell(new HostKeeper.Command.Stop());
    return this;
  }

  private Behavior<HostOrder> over(HostOutcome outcome) {
    report = Optional.of(new HostEnded(order.run(), outcome));
    timers.startTimerWithFixedDelay(new TellAgain(), TELL_AGAIN);
    return tell();
  }

  private Behavior<HostOrder> tell() {
    report.ifPresent(services.coordinator()::tell);
    return this;
  }

  private Behavior<HostOrder> fenced(Fenced fenced) {
    getContext().getLog().info("{}", fenced.message());
    return leave();
  }

  private Behavior<HostOrder> handOff() {
    if (leaving || keeper.isEmpty() || report.isPresent()) {
      return Behaviors.stopped();
    }
    services.coordinator().tell(new HostLeft(order.run(), order.host()));
    keeper.get().tell(new HostKeeper.Command.HandOver());
    timers.startSingleTimer(new HandedOver(), HAND_OVER_WITHIN);
    return this;
  }

  /** A keeper that breaks down would leave a host that seems to run for ever. */
  private Behavior<HostOrder> keeperFailed(Throwable cause) {
    keeper = Optional.empty();
    return over(HostOutcome.failed(order.host(), Causes.deepest(cause)));
  }

  /** Ends here; what is told to the host meanwhile begins a new entity. */
  private Behavior<HostOrder> leave() {
    leaving = true;
    shard.tell(new ClusterSharding.Passivate<>(getContext().getSelf()));
    return this;
  }

  private Behavior<HostOrder> stopped() {
    slot.ifPresent(services.board()::close);
    if (order != null) {
      services.room().leave(name());
    }
    return this;
  }

  /** Hears of the host on its own threads. */
  private static final class Listener implements HostListener {
    private final HostBoard.Slot slot;
    private final int host;
    private final ActorRef<HostOrder> entity;

    Listener(HostBoard.Slot slot, int host, ActorRef<HostOrder> entity) {
      this.slot = slot;
      this.host = host;
      this.entity = entity;
    }

    @Override
    public void started(HostClock clock) {
      slot.started(clock);
    }

    @Override
    public void claimed(WriterClaim claim) {
      slot.claimed(claim);
    }

    @Override
    public void recovered(long checkpoint, long journaled) {
      slot.recovered(checkpoint, journaled);
    }

    @Override
    public void journaled(long events, long bytes) {
      slot.journaled(events, bytes);
    }

    @Override
    public void checkpointFailed(Throwable cause) {
      // Its next recovery executes more again, and is seen by that.
      LOG.warn("host {}: a checkpoint cannot be stored: {}", host, cause.getMessage());
    }

    @Override
    public void ended(HostResult end) {
      entity.tell(
          new Over(
              new HostOutcome(
                  end.host(),
                  end.complete(),
                  end.endNs(),
                  end.batches(),
                  end.events(),
                  end.journalBytes(),
                  end.hash(),
                  "")));
    }

    @Override
    public void failed(Throwable cause) {
      entity.tell(
          cause instanceof FencedException
              ? new Fenced(cause.getMessage())
              : new Over(HostOutcome.failed(host, Causes.deepest(cause))));
    }
  }
}
