package dev.mapstorm.load.scenario;

/** What becomes of files that a scenario takes its requests from. */
enum RequestFiles {
  /** They are the user's: read, and quoted where they are wrong. */
  READ,
  /** Somebody else named them: read if they are regular files, and never quoted. */
  READ_UNQUOTED,
  /** Refused. */
  REFUSED
}
