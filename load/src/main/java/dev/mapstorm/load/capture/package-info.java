/** The commands that record a trace on a machine; {@code trace} reads what they leave. */
package dev.mapstorm.load.capture;
