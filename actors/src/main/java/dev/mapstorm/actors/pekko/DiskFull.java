package dev.mapstorm.actors.pekko;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells that a disk has no room left from other failures, by what file systems, SQLite and
 * PostgreSQL say of it: none of them has a class for it.
 */
public final class DiskFull {
  /** What users are told. */
  public static final String WORDS = "the disk is full";

  private static final Pattern SAID =
      Pattern.compile(
          "No space left on device|Disk quota exceeded|not enough space on the disk"
              + "|SQLITE_FULL|database or disk is full");

  /** PostgreSQL's {@code disk_full}. */
  private static final String POSTGRES_STATE = "53100";

  private DiskFull() {}

  /** Whether a failure, or anything that led to it, says so. */
  public static boolean isCause(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Throwable> left = new ArrayDeque<>();
    left.add(failure);
    while (!left.isEmpty()) {
      Throwable next = left.remove();
      if (!seen.add(next)) {
        continue;
      }
      if (says(next)) {
        return true;
      }
      left.addAll(Arrays.asList(next.getSuppressed()));
      if (next.getCause() != null) {
        left.add(next.getCause());
      }
      if (next instanceof SQLException sql && sql.getNextException() != null) {
        left.add(sql.getNextException());
      }
    }
    return false;
  }

  private static boolean says(Throwable failure) {
    return failure instanceof SQLException sql && POSTGRES_STATE.equals(sql.getSQLState())
        || failure.getMessage() != null && SAID.matcher(failure.getMessage()).find();
  }
}
