package dev.mapstorm.actors.host;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.BatchGate;
import dev.mapstorm.actors.time.EventGate;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A host without actors: the baseline of a lane, and the plainest way to execute a host where no
 * concurrency is wanted: the same cores, the same clock and the same order of messages, in a plain
 * loop without actors. What a lane costs beyond this is the price of typed actors.
 *
 * <p>Each actor has a queue; actors with mail take turns of one message, as mailboxes do on a lane,
 * so that the events are the same to the last bit.
 */
public final class BareLoop {
  private final HostClock clock;
  private final HostCheckpoint checkpoints;
  private final HostModel model;
  private BatchGate gate;
  private final List<Core<Message>> cores = new ArrayList<>();
  private final List<ArrayDeque<Message>> mail = new ArrayList<>();
  private final int[] turns;
  private int firstTurn;
  private int waiting;

  /**
   * A host in a loop, from its beginning.
   *
   * @param batches takes every batch of events and is done with it when it returns; null to have no
   *     events at all
   */
  public BareLoop(HostSpec spec, Consumer<EventWords> batches) {
    this(spec, Kinds.ALL, batches, null);
    model.start();
  }

  /**
   * A host in a loop whose events are seen one by one, when they are written: for whoever looks at
   * the host and at its events between two steps. No batches are cut, so there is no {@code
   * lock-used}, which belongs to a cut.
   *
   * @param events not null
   */
  public static BareLoop unbatched(HostSpec spec, EventSink events) {
    return unbatched(spec, Kinds.ALL, events);
  }

  /** The same of a host with units and backends of other kinds. */
  public static BareLoop unbatched(HostSpec spec, Kinds kinds, EventSink events) {
    BareLoop loop = new BareLoop(spec, kinds, events, null);
    loop.model.start();
    return loop;
  }

  /** The same from a checkpoint on; {@code events} sees those behind it. */
  public static BareLoop unbatchedFrom(byte[] checkpoint, HostSpec spec, EventSink events) {
    return unbatchedFrom(checkpoint, spec, Kinds.ALL, events);
  }

  /** The same of a host with units and backends of other kinds. */
  public static BareLoop unbatchedFrom(
      byte[] checkpoint, HostSpec spec, Kinds kinds, EventSink events) {
    return new BareLoop(spec, kinds, events, checkpoint);
  }

  /**
   * A host in a loop, from a checkpoint on.
   *
   * @param checkpoint of {@link #checkpoint}; the batches that follow begin with the events behind
   *     it
   */
  public static BareLoop from(byte[] checkpoint, HostSpec spec, Consumer<EventWords> batches) {
    return new BareLoop(spec, Kinds.ALL, batches, checkpoint);
  }

  private BareLoop(HostSpec spec, Kinds kinds, Consumer<EventWords> batches, byte[] checkpoint) {
    EventSink events = EventSink.NONE;
    if (batches == null) {
      clock = new HostClock(spec.endNs(), EventGate.NONE);
    } else {
      EventWords words = new EventWords(spec.journal().batchEvents());
      events = words;
      gate = new BatchGate(spec.journal(), words, (full, none) -> handOn(full, batches));
      clock = new HostClock(spec.endNs(), gate);
    }
    checkpoints = new HostCheckpoint(spec, kinds, clock, events);
    model =
        checkpoint == null
            ? new HostModel(spec, kinds, clock, events)
            : checkpoints.read(checkpoint);
    if (gate != null) {
      gate.beforeCut(model::reportLocks);
      gate.resume(clock.next());
    }
    turns = queues();
  }

  private BareLoop(HostSpec spec, Kinds kinds, EventSink events, byte[] checkpoint) {
    clock = new HostClock(spec.endNs(), EventGate.NONE);
    checkpoints = new HostCheckpoint(spec, kinds, clock, events);
    model =
        checkpoint == null
            ? new HostModel(spec, kinds, clock, events)
            : checkpoints.read(checkpoint);
    turns = queues();
  }

  /** Makes the queues of all actors; returns room for the turns. */
  private int[] queues() {
    addAll(model.drivers());
    addAll(model.devices());
    addAll(model.domains());
    addAll(model.iommus());
    clock.deliverThrough(this::deliver);
    return new int[cores.size()];
  }

  private void handOn(EventWords full, Consumer<EventWords> batches) {
    batches.accept(full);
    gate.giveBack(full);
  }

  @SuppressWarnings("unchecked")
  private void addAll(List<? extends Core<?>> more) {
    for (Core<?> core : more) {
      // The host's layout sends every actor only what it hears.
      cores.add((Core<Message>) core);
      mail.add(new ArrayDeque<>());
    }
  }

  private void deliver(int actor, Message message) {
    ArrayDeque<Message> box = mail.get(actor);
    if (box.isEmpty()) {
      queueUp(actor);
    }
    box.addLast(message);
  }

  /** An actor is in the queue once at most, so it never overflows. */
  private void queueUp(int actor) {
    int at = firstTurn + waiting++;
    turns[at < turns.length ? at : at - turns.length] = actor;
  }

  /**
   * Runs the host to its end.
   *
   * @return messages delivered
   */
  public long run() {
    while (step()) {
      // Each step is one message and what it sets off.
    }
    return clock.delivered();
  }

  /**
   * Moves the clock to the next message and does all that follows from it at that instant; false at
   * the end.
   */
  public boolean step() {
    if (clock.step() != HostClock.Step.RAN) {
      return false;
    }
    drain();
    return true;
  }

  /** The instant that the host has reached, in nanoseconds. */
  public long now() {
    return clock.now();
  }

  /** Shows what the models hold and the messages in flight. Between two steps. */
  public void show(HostVisitor visitor) {
    model.show(visitor);
    clock.inFlight().forEach(visitor::message);
  }

  /** The host between two steps. */
  public byte[] checkpoint() {
    return checkpoints.write(model);
  }

  private void drain() {
    while (waiting > 0) {
      int actor = turns[firstTurn];
      firstTurn = firstTurn + 1 == turns.length ? 0 : firstTurn + 1;
      waiting--;
      ArrayDeque<Message> box = mail.get(actor);
      Message message = box.peekFirst();
      cores.get(actor).on(message);
      box.removeFirst();
      if (!box.isEmpty()) {
        queueUp(actor);
      }
    }
  }
}
