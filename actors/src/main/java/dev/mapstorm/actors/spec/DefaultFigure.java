package dev.mapstorm.actors.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The figure of a component that a platform profile may leave out: a policy, or a thing that few
 * machines have. What has it says so in the profile or in the scenario.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface DefaultFigure {
  /** The figure where nobody gives one. */
  long value();
}
