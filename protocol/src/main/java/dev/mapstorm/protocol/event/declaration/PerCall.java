package dev.mapstorm.protocol.event.declaration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Coded as the difference to what an argument of this name was in an event of the same call, of
 * whatever kind. The event has {@code domain} and {@code call} side by side before it.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.SOURCE)
public @interface PerCall {}
