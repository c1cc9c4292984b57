/**
 * A PostgreSQL server of one's own, for the demonstration, the bench of a cluster and tests: its
 * binaries, and how it is started and ended.
 */
package dev.mapstorm.persistence.postgres;
