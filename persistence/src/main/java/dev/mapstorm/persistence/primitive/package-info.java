/** Collections of primitive values that streams of events are read with. */
package dev.mapstorm.persistence.primitive;
