package dev.mapstorm.persistence.store;

import com.typesafe.config.Config;

/**
 * A place where journals are kept. Actors write through Pekko Persistence and never see which store
 * it is; what differs is the configuration of the actor system and how the journal is read back.
 */
public interface JournalStore {
  /**
   * Makes an empty journal.
   *
   * @throws StoreException if there is something already, or it cannot be made
   */
  void create();

  /**
   * Makes sure that the journal is there and is one that this version can use.
   *
   * @throws StoreException if not
   */
  void check();

  /** What the actor system that writes needs: journal and snapshot store as its default plugins. */
  Config pekkoConfig();

  /** What reads the journal back, also while it is being written. */
  JournalReader reader();

  /** What reads the checkpoints that are stored beside the journal. */
  CheckpointReader checkpoints();

  /** The store in a few words, for messages. */
  String description();
}
