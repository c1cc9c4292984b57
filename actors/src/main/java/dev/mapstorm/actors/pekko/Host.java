package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.host.Core;
import dev.mapstorm.actors.host.HostLayout;
import dev.mapstorm.actors.host.HostModel;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.BatchGate;
import dev.mapstorm.actors.time.EventGate;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.message.Message;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * One simulated machine as an event-sourced entity. It spawns the machine's actors on a lane, takes
 * their events batch by batch, persists each, and gives the buffer back, which is the credit that
 * lets the machine's clock run on.
 *
 * <ul>
 *   <li>{@link Start} opens the stream ({@link StreamOpened}) and, once that is persisted, sets the
 *       actors and the clock going.
 *   <li>{@link BatchReady} comes from the lane; the batch is encoded and hashed here, off the lane,
 *       and persisted as one {@link EventBatch}.
 *   <li>{@link Ended} comes from the lane behind the last batch; a run that ended by itself is
 *       closed with {@link StreamClosed}.
 * </ul>
 *
 * <p>The state is what is needed to go on writing: the hash so far and the sums.
 */
public final class Host extends EventSourcedBehavior<Host.Command, JournalEntry, Host.State> {

  /** What the entity hears. */
  public sealed interface Command permits Start, BatchReady, Ended, Stop {}

  /** Begin the run. */
  public record Start() implements Command {}

  /** Stop at the next message and keep what was journaled. */
  public record Stop() implements Command {}

  /** A full buffer of events from the lane. */
  record BatchReady(EventWords events) implements Command {}

  /** The clock will not step again. */
  record Ended(HostClock.Step how, long at) implements Command {}

  /**
   * What was journaled so far.
   *
   * @param opened whether the stream is open
   * @param hash of the last batch
   * @param batches journaled
   * @param events journaled
   * @param bytes of payloads journaled
   */
  public record State(boolean opened, byte[] hash, long batches, long events, long bytes) {}

  /** Where a host reports to. */
  public interface Listener {
    /** Virtual time of the host can be read from {@code clock} from now on. */
    void started(HostClock clock);

    /** {@code events} more, in {@code bytes} of payload, are in the journal. */
    void journaled(long events, long bytes);

    /** The run is over. */
    void ended(HostResult result);

    /** The run cannot go on. */
    void failed(Throwable cause);
  }

  /**
   * What a host is made from.
   *
   * @param id of its stream in the journal
   * @param spec of the machine
   * @param lane that runs it
   * @param scenario text to keep with the stream
   * @param version of the writer
   * @param observer sees its batches
   * @param listener hears how it goes
   */
  public record Setup(
      PersistenceId id,
      HostSpec spec,
      int lane,
      String scenario,
      String version,
      BatchObserver observer,
      Listener listener) {}

  private final ActorContext<Command> context;
  private final Setup setup;
  private final HashChain chain = new HashChain();
  private final ColumnEncoder encoder = new ColumnEncoder();
  private final HostClock clock;
  private final BatchGate gate;
  private final EventSink events;
  private volatile Lane lane;

  private Host(ActorContext<Command> context, Setup setup) {
    super(setup.id());
    this.context = context;
    this.setup = setup;
    HostSpec spec = setup.spec();
    if (spec.journal().enabled()) {
      EventWords words = new EventWords(spec.journal().batchEvents());
      ActorRef<Command> self = context.getSelf();
      gate = new BatchGate(spec.journal(), words, full -> self.tell(new BatchReady(full)));
      events = words;
    } else {
      gate = null;
      events = EventSink.NONE;
    }
    clock = new HostClock(spec.endNs(), gate == null ? EventGate.NONE : gate);
  }

  /** The behaviour of a host; spawn it off the lanes. */
  public static Behavior<Command> create(Setup setup) {
    return Behaviors.setup(context -> new Host(context, setup));
  }

  @Override
  public State emptyState() {
    return new State(false, new byte[HashChain.BYTES], 0, 0, 0);
  }

  @Override
  public CommandHandler<Command, JournalEntry, State> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Start.class, this::start)
        .onCommand(BatchReady.class, this::persist)
        .onCommand(Ended.class, this::end)
        .onCommand(Stop.class, this::stop)
        .build();
  }

  @Override
  public EventHandler<State, JournalEntry> eventHandler() {
    return (state, entry) -> {
      if (entry instanceof StreamOpened opened) {
        return new State(true, chain.origin(opened), 0, 0, 0);
      } else if (entry instanceof EventBatch batch) {
        return new State(
            true,
            batch.hash(),
            state.batches() + 1,
            state.events() + batch.count(),
            state.bytes() + batch.payload().length);
      }
      return state;
    };
  }

  @Override
  public SignalHandler<State> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.class,
            (state, signal) -> {
              if (state.opened()) {
                throw new IllegalStateException(
                    "the journal already holds a run of host " + setup.spec().host());
              }
            })
        .onSignal(ChildFailed.class, (state, signal) -> setup.listener().failed(signal.getCause()))
        .build();
  }

  private Effect<JournalEntry, State> start(State state, Start command) {
    HostSpec spec = setup.spec();
    StreamOpened opened =
        new StreamOpened(spec.host(), spec.seed(), setup.scenario(), setup.version());
    return Effect().persist(opened).thenRun((State now) -> spawnMachine());
  }

  private void spawnMachine() {
    HostModel model = new HostModel(setup.spec(), clock, events);
    if (gate != null) {
      gate.beforeCut(model::reportLocks);
    }
    HostLayout layout = model.layout();
    Mailboxes mailboxes = new Mailboxes(layout);
    mailboxes.spawn(model.drivers(), layout.client(0));
    mailboxes.spawn(model.devices(), layout.device(0));
    mailboxes.spawn(model.domains(), layout.domain(0));
    mailboxes.spawn(model.iommus(), layout.iommu(0));
    clock.deliverThrough(mailboxes::deliver);
    ActorRef<Command> self = context.getSelf();
    // The door is spawned last, so the lane meets it behind the actors' own beginnings.
    Behavior<Void> door =
        Behaviors.setup(
            here -> {
              model.start();
              lane = Lane.current();
              lane.adopt(clock, how -> self.tell(new Ended(how, clock.now())));
              return Behaviors.empty();
            });
    context.spawn(door, "door", Lanes.selector(setup.lane()));
    setup.listener().started(clock);
  }

  private Effect<JournalEntry, State> persist(State state, BatchReady ready) {
    EventWords words = ready.events();
    byte[] payload = encoder.encode(words);
    EventBatch batch = chain.seal(state.hash(), state.batches(), words, payload);
    return Effect()
        .persist(batch)
        .thenRun(
            (State now) -> {
              setup.observer().batch(words, batch);
              setup.listener().journaled(batch.count(), payload.length);
              gate.giveBack(words);
              lane.wake();
            });
  }

  private Effect<JournalEntry, State> end(State state, Ended ended) {
    boolean complete = ended.how() == HostClock.Step.ENDED;
    HostResult result =
        new HostResult(
            setup.spec().host(),
            complete,
            ended.at(),
            state.batches(),
            state.events(),
            state.bytes(),
            state.hash());
    if (!complete) {
      return Effect().none().thenRun((State now) -> setup.listener().ended(result));
    }
    StreamClosed closed =
        new StreamClosed(ended.at(), state.batches(), state.events(), state.hash());
    return Effect().persist(closed).thenRun((State now) -> setup.listener().ended(result));
  }

  private Effect<JournalEntry, State> stop(State state, Stop command) {
    clock.requestStop();
    if (lane != null) {
      lane.wake();
    }
    return Effect().none();
  }

  /** The mailboxes of the machine's actors, by their numbers in the host. */
  private final class Mailboxes {
    private final HostLayout layout;
    private final ActorRef<Message>[] refs;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Mailboxes(HostLayout layout) {
      this.layout = layout;
      refs = new ActorRef[layout.actors()];
    }

    <M extends Message> void spawn(List<Core<M>> cores, int first) {
      for (int i = 0; i < cores.size(); i++) {
        int actor = first + i;
        ActorRef<M> ref =
            context.spawn(
                CoreActor.of(cores.get(i)), layout.name(actor), Lanes.selector(setup.lane()));
        context.watch(ref);
        refs[actor] = ref.unsafeUpcast();
      }
    }

    void deliver(int actor, Message message) {
      refs[actor].tell(message);
    }
  }
}
