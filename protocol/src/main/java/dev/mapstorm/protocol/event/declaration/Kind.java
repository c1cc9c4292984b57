package dev.mapstorm.protocol.event.declaration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a method a kind of event. Its name gives the label ({@code iovaFreed} is {@code
 * iova-freed}), the first sentence of its Javadoc says when the event is written, and its
 * parameters are the arguments, {@code long t} first.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.SOURCE)
public @interface Kind {
  /** Its code in the journal, 1 to 254: never reused and never changed. */
  int value();

  /** Whether it says what was asked for, whatever the policy, and not what came of it. */
  boolean request() default false;
}
