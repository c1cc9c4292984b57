package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.protocol.message.Message;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The thin behaviour on a core: it only hands messages on. */
final class CoreActor<M extends Message> extends AbstractMatchingBehavior<M> {
  private final Core<M> core;

  private CoreActor(ActorContext<M> context, Core<M> core) {
    super(context);
    this.core = core;
  }

  static <M extends Message> Behavior<M> of(Core<M> core) {
    return Behaviors.setup(context -> new CoreActor<>(context, core));
  }

  @Override
  public Behavior<M> onMessage(M message) {
    core.on(message);
    return this;
  }
}
