package dev.mapstorm.protocol.event;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The kinds that a {@link PartialSink} hears: those whose methods it overrides. Tests hold one
 * against the other, so that a kind is left out by decision only.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Hears {
  /** The kinds. */
  EventKind[] value();
}
