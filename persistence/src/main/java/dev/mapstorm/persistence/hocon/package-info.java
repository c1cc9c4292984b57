/**
 * HOCON text that others wrote: what is looked at before a parser sees it, and the one place where
 * it becomes a configuration.
 */
package dev.mapstorm.persistence.hocon;
