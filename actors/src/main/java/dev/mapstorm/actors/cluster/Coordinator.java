package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.EpochAdapter;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskDefinition;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskHosts;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskOverview;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskPresent;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostEnded;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.HostLeft;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.StopFleet;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.SubmitFleet;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Accepted;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Definition;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.HostSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Hosts;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Overview;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Present;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Refused;
import dev.mapstorm.protocol.cluster.FleetBook;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostOrder;
import dev.mapstorm.protocol.cluster.HostOutcome;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.persistence.typed.EventAdapter;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * Sees to it that every host of every fleet runs to its end, whatever becomes of the nodes. It
 * journals which fleets there are and how their hosts ended; which hosts run where it hears from
 * the nodes, over and over, so that it can be begun anew on another node at any moment. A host that
 * nobody reports is told to run: sharding finds the place. Telling one that runs changes nothing.
 */
final class Coordinator extends EventSourcedBehavior<CoordinatorMessage, FleetEvent, Fleets> {
  /** Of its stream in the journal. */
  static final PersistenceId ID = PersistenceId.ofUniqueId(FleetBook.STREAM);

  private static final int EVENTS_FOR_A_SNAPSHOT = 1000;

  /** Said several times a second. */
  record Tick() implements CoordinatorMessage.Local {}

  private final ActorContext<CoordinatorMessage> context;
  private final ActorRefResolver refs;
  private final CoordinatorSetup setup;
  private final long epoch;
  private final Consumer<ActorRef<CoordinatorMessage>> recovered;
  private final FleetWatch watch;

  private Coordinator(
      ActorContext<CoordinatorMessage> context,
      CoordinatorSetup setup,
      long epoch,
      Consumer<ActorRef<CoordinatorMessage>> recovered) {
    super(ID);
    this.recovered = recovered;
    this.context = context;
    this.setup = setup;
    this.epoch = epoch;
    refs = ActorRefResolver.get(context.getSystem());
    watch = new FleetWatch(setup.hostsPerLane());
  }

  /**
   * The behaviour of a coordinator.
   *
   * @param epoch of the claim to its stream
   * @param recovered hears when it has recovered, on its thread, and can be told something
   */
  static Behavior<CoordinatorMessage> create(
      CoordinatorSetup setup, long epoch, Consumer<ActorRef<CoordinatorMessage>> recovered) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(new Tick(), setup.tick());
                  return new Coordinator(context, setup, epoch, recovered);
                }));
  }

  @Override
  public Fleets emptyState() {
    return new Fleets();
  }

  @Override
  public EventHandler<Fleets, FleetEvent> eventHandler() {
    return Fleets::apply;
  }

  @Override
  public EventAdapter<FleetEvent, FleetEvent> eventAdapter() {
    return new EpochAdapter<>(epoch);
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(EVENTS_FOR_A_SNAPSHOT, 2);
  }

  @Override
  public SnapshotAdapter<Fleets> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(Fleets state) {
        return state.book();
      }

      @Override
      public Fleets fromJournal(Object stored) {
        return Fleets.of((FleetBook) stored);
      }
    };
  }

  @Override
  public CommandHandler<CoordinatorMessage, FleetEvent, Fleets> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(SubmitFleet.class, this::submit)
        .onCommand(StopFleet.class, this::stop)
        .onCommand(HostEnded.class, this::ended)
        .onCommand(HostLeft.class, this::left)
        .onCommand(NodeReport.class, this::report)
        .onCommand(Tick.class, (fleets, tick) -> tick(fleets))
        .onCommand(AskDefinition.class, this::define)
        .onCommand(
            AskPresent.class, (fleets, ask) -> answer(ask.replyTo(), new Present(address(), epoch)))
        .onCommand(AskOverview.class, this::overview)
        .onCommand(AskHosts.class, this::hosts)
        .build();
  }

  @Override
  public SignalHandler<Fleets> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.class, (fleets, signal) -> recovered.accept(context.getSelf()))
        .build();
  }

  private Effect<FleetEvent, Fleets> submit(Fleets fleets, SubmitFleet submit) {
    Optional<String> mistake = submit.mistake();
    if (mistake.isPresent()) {
      return refuse(submit.replyTo(), mistake.get());
    }
    Optional<Fleet> known = fleets.find(submit.run());
    if (known.isPresent()) {
      // Said twice by somebody who did not hear the answer is no mistake.
      return known.get().scenario().equals(submit.scenario())
          ? answer(submit.replyTo(), new Accepted(submit.run()))
          : refuse(submit.replyTo(), "there is a run %s already".formatted(submit.run()));
    }
    FleetEvent event =
        new FleetEvent.Submitted(submit.run(), submit.name(), submit.scenario(), submit.hosts());
    return Effect()
        .persist(event)
        .thenRun(
            (Fleets now) -> {
              tell(submit.replyTo(), new Accepted(submit.run()));
              begin(watch.toBeTold(now.active(), now()));
            });
  }

  private Effect<FleetEvent, Fleets> stop(Fleets fleets, StopFleet stop) {
    Optional<Fleet> fleet = fleets.find(stop.run());
    if (fleet.isEmpty()) {
      return refuse(stop.replyTo(), unknown(stop.run()));
    }
    if (!fleet.get().isActive()) {
      return answer(stop.replyTo(), new Accepted(stop.run()));
    }
    return Effect()
        .persist(new FleetEvent.Stopped(stop.run()))
        .thenRun(
            (Fleets now) -> {
              tell(stop.replyTo(), new Accepted(stop.run()));
              halt(fleet.get());
            });
  }

  private Effect<FleetEvent, Fleets> ended(Fleets fleets, HostEnded ended) {
    HostOutcome outcome = ended.outcome();
    HostOrder kept = new HostOrder.OutcomeKept(ended.run(), outcome.host());
    Optional<Fleet> fleet = fleets.find(ended.run());
    // A host that only stopped, in a fleet that did not, goes on somewhere.
    boolean news =
        fleet.isPresent()
            && fleet.get().isOpen(outcome.host())
            && (outcome.complete() || outcome.isFailure() || fleet.get().isStopped());
    if (!news) {
      return Effect().none().thenRun((Fleets now) -> order(ended.run(), outcome.host(), kept));
    }
    return Effect()
        .persist(new FleetEvent.Ended(ended.run(), outcome))
        .thenRun(
            (Fleets now) -> {
              order(ended.run(), outcome.host(), kept);
              watch.ended(fleet.get(), outcome.host());
              begin(watch.successor(now.active(), now()));
            });
  }

  private Effect<FleetEvent, Fleets> left(Fleets fleets, HostLeft left) {
    fleets
        .find(left.run())
        .filter(fleet -> fleet.isActive() && fleet.isOpen(left.host()))
        .ifPresent(
            fleet -> {
              watch.told(fleet, left.host(), now());
              order(left.run(), left.host(), new HostOrder.RunHost(left.run(), left.host()));
            });
    return Effect().none();
  }

  private Effect<FleetEvent, Fleets> report(Fleets fleets, NodeReport report) {
    watch.report(report, fleets, now());
    List<FleetEvent> moves =
        Arrays.stream(report.hosts())
            .filter(host -> host.gapMs() != HostReport.NO_GAP && isNews(fleets, host))
            .<FleetEvent>map(host -> moved(report.node(), host))
            .toList();
    return moves.isEmpty() ? Effect().none() : Effect().persist(moves);
  }

  private static boolean isNews(Fleets fleets, HostReport host) {
    return fleets
        .find(host.run())
        .filter(fleet -> !fleet.knowsMove(host.host(), host.epoch()))
        .isPresent();
  }

  private static FleetEvent moved(String node, HostReport host) {
    return new FleetEvent.Moved(
        host.run(),
        new HostMove(host.host(), host.epoch(), host.before(), node, host.gapMs(), host.redone()));
  }

  private Effect<FleetEvent, Fleets> tick(Fleets fleets) {
    begin(watch.toBeTold(fleets.active(), now()));
    for (Fleet fleet : fleets.all()) {
      if (fleet.isStopped() && fleet.ended() < fleet.hosts()) {
        halt(fleet);
        watch.settle(fleet, now());
      }
    }
    return Effect().none();
  }

  private void begin(List<FleetWatch.Place> places) {
    for (FleetWatch.Place place : places) {
      String run = place.fleet().run();
      order(run, place.host(), new HostOrder.RunHost(run, place.host()));
    }
  }

  private void halt(Fleet fleet) {
    String run = fleet.run();
    for (int host : watch.running(fleet, now())) {
      order(run, host, new HostOrder.StopHost(run, host));
    }
  }

  private void order(String run, int host, HostOrder order) {
    setup.hosts().accept(HostKey.of(run, host), order);
  }

  private Effect<FleetEvent, Fleets> define(Fleets fleets, AskDefinition ask) {
    return fleets
        .find(ask.run())
        .map(
            fleet ->
                answer(ask.replyTo(), new Definition(fleet.run(), fleet.name(), fleet.scenario())))
        .orElseGet(() -> refuse(ask.replyTo(), unknown(ask.run())));
  }

  private Effect<FleetEvent, Fleets> overview(Fleets fleets, AskOverview ask) {
    long now = now();
    FleetSummary[] summaries =
        fleets.all().stream().map(fleet -> watch.summary(fleet, now)).toArray(FleetSummary[]::new);
    return answer(ask.replyTo(), new Overview(address(), summaries, watch.nodes(now)));
  }

  private Effect<FleetEvent, Fleets> hosts(Fleets fleets, AskHosts ask) {
    Optional<Fleet> found = fleets.find(ask.run());
    if (found.isEmpty()) {
      return refuse(ask.replyTo(), unknown(ask.run()));
    }
    Fleet fleet = found.get();
    long now = now();
    int first = Math.max(0, ask.first());
    int count = Math.min(ask.count(), AskHosts.COUNT_MAX);
    HostSummary[] hosts =
        IntStream.range(first, Math.min(fleet.hosts(), first + count))
            .mapToObj(host -> watch.host(fleet, host, now))
            .toArray(HostSummary[]::new);
    return answer(ask.replyTo(), new Hosts(watch.summary(fleet, now), hosts));
  }

  private String address() {
    return Cluster.get(context.getSystem()).selfMember().address().toString();
  }

  private static String unknown(String run) {
    return "there is no run %s".formatted(run);
  }

  private Effect<FleetEvent, Fleets> refuse(String replyTo, String reason) {
    return answer(replyTo, new Refused(reason));
  }

  private Effect<FleetEvent, Fleets> answer(String replyTo, CoordinatorReply reply) {
    return Effect().none().thenRun((Fleets now) -> tell(replyTo, reply));
  }

  private void tell(String replyTo, CoordinatorReply reply) {
    refs.<CoordinatorReply>resolveActorRef(replyTo).tell(reply);
  }

  private long now() {
    return setup.wallNs().getAsLong();
  }
}
