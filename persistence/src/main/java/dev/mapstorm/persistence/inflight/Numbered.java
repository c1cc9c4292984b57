package dev.mapstorm.persistence.inflight;

/**
 * Something in flight that has a number of its owner's. An object is used again for another when
 * what it stood for is over.
 */
abstract class Numbered {
  /** No number: it stands for nothing. */
  static final long NONE = Long.MIN_VALUE;

  /** The domain, unit or client that numbered it; -1 for one that was not seen. */
  int owner = -1;

  long number = NONE;

  /** What is in flight and refers to it: it is not used again before that is over. */
  int holders;
}
