package dev.mapstorm.protocol.event.declaration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What an argument means in every event whose method does not say something else about it in a
 * {@code @param}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.SOURCE)
@Repeatable(Argument.List.class)
public @interface Argument {
  /** The parameter's name. */
  String name();

  /** What it means. */
  String is();

  /** Holds several. */
  @Target(ElementType.TYPE)
  @Retention(RetentionPolicy.SOURCE)
  @interface List {
    /** All of them. */
    Argument[] value();
  }
}
