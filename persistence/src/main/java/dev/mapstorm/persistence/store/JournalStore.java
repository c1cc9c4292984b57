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
   * Makes sure that the journal is there, is one that this version can use, and has all entries
   * that were written, as far as that shows without reading them.
   *
   * @throws StoreException if it is none
   * @throws DamagedJournalException if it is damaged
   */
  void check();

  /** What the actor system that writes needs: journal and snapshot store as its default plugins. */
  Config pekkoConfig();

  /** What reads the journal back, also while it is being written. */
  JournalReader reader();

  /** What reads the checkpoints that are stored beside the journal. */
  CheckpointReader checkpoints();

  /**
   * Reads once through a journal that may be damaged, however much of it {@link #check} refuses, to
   * find out what can be read.
   *
   * @param progress hears how far it is
   * @throws StoreException if nothing can
   */
  Salvage salvage(ReadProgress progress);

  /** The store in a few words, for messages. */
  String description();
}
