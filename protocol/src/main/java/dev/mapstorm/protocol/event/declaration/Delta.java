package dev.mapstorm.protocol.event.declaration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Coded as the difference to the last value of the column with the same key. */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.SOURCE)
public @interface Delta {
  /** An argument of the event before this one. */
  String value();
}
