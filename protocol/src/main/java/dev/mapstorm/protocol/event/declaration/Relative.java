package dev.mapstorm.protocol.event.declaration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Coded as the difference to another argument of the same event. */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.SOURCE)
public @interface Relative {
  /** An argument of the event before this one. */
  String value();
}
