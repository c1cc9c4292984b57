package dev.mapstorm.actors.model.lock;

/** A CPU inside a domain that takes locks. */
public interface LockUser {
  /** The CPU. */
  int cpu();

  /** The domain that it is in. */
  int domain();

  /** Number of its call in the domain, as in events. */
  long call();
}
