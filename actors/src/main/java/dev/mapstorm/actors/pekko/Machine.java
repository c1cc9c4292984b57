package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostLayout;
import dev.mapstorm.actors.host.HostCheckpoint;
import dev.mapstorm.actors.host.HostModel;
import dev.mapstorm.actors.host.Kinds;
import dev.mapstorm.actors.host.UnreadableCheckpointException;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.BatchGate;
import dev.mapstorm.actors.time.EventGate;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.message.Message;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The actors of one host on their lane, with the clock that moves them and the gate through which
 * their events leave. Made, begun and stopped by the host's entity; what it says comes from the
 * lane.
 */
final class Machine {
  private final ActorContext<?> context;
  private final HostSpec spec;
  private final int laneNumber;
  private final EventSink events;
  private final BatchGate gate;
  private final HostClock clock;
  private final Consumer<Throwable> checkpointFailed;
  private volatile Lane lane;

  /**
   * A machine that does not run yet.
   *
   * @param context of the entity, the parent of the machine's actors
   * @param laneNumber that runs it
   * @param batches takes complete batches, on the lane
   * @param checkpointFailed hears, on the lane, why a checkpoint could not be made
   */
  Machine(
      ActorContext<?> context,
      HostSpec spec,
      int laneNumber,
      BatchGate.Outlet batches,
      Consumer<Throwable> checkpointFailed) {
    this.context = context;
    this.checkpointFailed = checkpointFailed;
    this.spec = spec;
    this.laneNumber = laneNumber;
    if (spec.journal().enabled()) {
      EventWords words = new EventWords(spec.journal().batchEvents());
      gate = new BatchGate(spec.journal(), words, batches);
      events = words;
    } else {
      gate = null;
      events = EventSink.NONE;
    }
    clock = new HostClock(spec.endNs(), gate == null ? EventGate.NONE : gate);
  }

  HostClock clock() {
    return clock;
  }

  /**
   * Begins at instant 0.
   *
   * @param ended hears on the lane that the clock will not step again
   */
  void begin(Lane.EndListener ended) {
    HostModel model = new HostModel(spec, Kinds.ALL, clock, events);
    run(model, new HostCheckpoint(spec, Kinds.ALL, clock, events), model::start, ended);
  }

  /**
   * Goes on from a checkpoint.
   *
   * @throws UnreadableCheckpointException if another build wrote it; the machine can still begin
   */
  void resume(byte[] checkpoint, Lane.EndListener ended) {
    HostCheckpoint checkpoints = new HostCheckpoint(spec, Kinds.ALL, clock, events);
    HostModel model = checkpoints.read(checkpoint);
    if (gate != null) {
      gate.resume(clock.next());
    }
    run(model, checkpoints, () -> {}, ended);
  }

  private void run(
      HostModel model, HostCheckpoint checkpoints, Runnable firstMessages, Lane.EndListener ended) {
    if (gate != null) {
      gate.beforeCut(model::reportLocks);
      gate.checkpointWith(() -> checkpoints.write(model), checkpointFailed::accept);
    }
    HostLayout layout = model.layout();
    Mailboxes mailboxes = new Mailboxes(layout);
    mailboxes.spawn(model.drivers(), layout.client(0));
    mailboxes.spawn(model.devices(), layout.device(0));
    mailboxes.spawn(model.domains(), layout.domain(0));
    mailboxes.spawn(model.iommus(), layout.iommu(0));
    clock.deliverThrough(mailboxes::deliver);
    // The door is spawned last, so the lane meets it behind the actors' own beginnings.
    Behavior<Void> door =
        Behaviors.setup(
            here -> {
              firstMessages.run();
              lane = Lane.current();
              lane.adopt(clock, ended);
              return Behaviors.empty();
            });
    context.watch(context.spawn(door, "door", Lanes.selector(laneNumber)));
  }

  /** Takes a buffer back that is done with; the clock may move again. May be called anywhere. */
  void giveBack(EventWords buffer) {
    gate.giveBack(buffer);
    wake();
  }

  /** Lets a checkpoint come with the next batch. May be called anywhere. */
  void wantCheckpoint() {
    gate.wantCheckpoint();
  }

  /** Lets the clock stop at the next message. May be called anywhere. */
  void stop() {
    clock.requestStop();
    wake();
  }

  private void wake() {
    Lane here = lane;
    if (here != null) {
      here.wake();
    }
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
                CoreActor.of(cores.get(i)), layout.name(actor), Lanes.selector(laneNumber));
        context.watch(ref);
        refs[actor] = ref.unsafeUpcast();
      }
    }

    void deliver(int actor, Message message) {
      refs[actor].tell(message);
    }
  }
}
