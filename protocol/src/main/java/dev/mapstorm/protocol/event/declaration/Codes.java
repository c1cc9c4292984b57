package dev.mapstorm.protocol.event.declaration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The argument is the ordinal of an enum. An argument of this name is that in every event. */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.SOURCE)
public @interface Codes {
  /** An enum with a static {@code of(int)} and a {@code label()}. */
  Class<? extends Enum<?>> value();
}
