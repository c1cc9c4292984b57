package dev.mapstorm.protocol.event.declaration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Coded as its place among the granules where the physical ranges of the batch's requests begin; as
 * a difference where it is not one of these.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.SOURCE)
public @interface Listed {}
