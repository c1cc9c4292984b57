/**
 * Where journals are kept and how they are read back: the embedded journal on SQLite, the reader
 * that verifies a stream while reading it, and the directory of a run.
 */
package dev.mapstorm.persistence.store;
