package dev.mapstorm.persistence.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Keeps a few connections that were given back for whoever wants one next: a server takes
 * milliseconds to make one, and a question to it a fraction of that. How many are open at a time is
 * not limited. Thread-safe.
 */
final class IdleConnections implements ConnectionSource, AutoCloseable {
  private static final int KEPT = 2;
  private static final int VALID_SECONDS = 5;

  private final ConnectionSource source;
  private final Deque<Connection> idle = new ArrayDeque<>();
  private boolean closed;

  /** Connections of {@code source}; none so far. */
  IdleConnections(ConnectionSource source) {
    this.source = source;
  }

  /** A connection that commits by itself; closing it gives it back. */
  @Override
  public Connection open() throws SQLException {
    for (Connection kept = take(); kept != null; kept = take()) {
      if (kept.isValid(VALID_SECONDS)) {
        return lent(kept);
      }
      kept.close();
    }
    return lent(source.open());
  }

  private Connection lent(Connection connection) {
    AtomicBoolean lent = new AtomicBoolean(true);
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                if (lent.getAndSet(false)) {
                  giveBack(connection);
                }
                return null;
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void giveBack(Connection connection) throws SQLException {
    if (connection.isClosed()) {
      return;
    }
    try {
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      connection.close();
      return;
    }
    if (!keep(connection)) {
      connection.close();
    }
  }

  private synchronized Connection take() {
    return idle.poll();
  }

  private synchronized boolean keep(Connection connection) {
    return !closed && idle.size() < KEPT && idle.add(connection);
  }

  /** Closes those that are idle; the others when they are given back. */
  @Override
  public synchronized void close() {
    closed = true;
    for (Connection connection : idle) {
      try {
        connection.close();
      } catch (SQLException e) {
        // Nothing of it is wanted any more.
      }
    }
    idle.clear();
  }
}
