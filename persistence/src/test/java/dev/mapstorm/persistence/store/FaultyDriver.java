package dev.mapstorm.persistence.store;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Logger;

/**
 * A JDBC driver in front of another one, for tests: it lets chosen writes fail. Its URLs are {@code
 * jdbc:faulty:NAME:URL}, where NAME is that of a {@link Plan}. A write is an insert, at the moment
 * at which it becomes durable: at its commit, or at once if the connection commits by itself.
 */
public final class FaultyDriver implements Driver {
  private static final String PREFIX = "jdbc:faulty:";
  private static final Map<String, Plan> PLANS = new ConcurrentHashMap<>();

  /** How a write fails. */
  enum Failure {
    /** Nothing was written. */
    BEFORE,
    /** It was written, but the writer hears that it failed. */
    AFTER
  }

  /** Which writes fail; they are counted from 1. */
  static final class Plan {
    private final AtomicLong writes = new AtomicLong();
    private final long first;
    private final long last;
    private final Failure failure;

    private Plan(long first, long last, Failure failure) {
      this.first = first;
      this.last = last;
      this.failure = failure;
    }

    long writes() {
      return writes.get();
    }

    private boolean fails(Failure now, long write) {
      return failure == now && write >= first && write <= last;
    }
  }

  /** Called by the connection pool. */
  public FaultyDriver() {}

  /** Lets the writes from {@code first} to {@code last} fail on connections of {@code name}. */
  static Plan plan(String name, long first, long last, Failure failure) {
    Plan plan = new Plan(first, last, failure);
    PLANS.put(name, plan);
    return plan;
  }

  /** The URL that goes through the plan of {@code name}. */
  static String url(String name, String url) {
    return PREFIX + name + ":" + url;
  }

  @Override
  public Connection connect(String url, Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    int colon = url.indexOf(':', PREFIX.length());
    Plan plan = PLANS.get(url.substring(PREFIX.length(), colon));
    Connection connection = DriverManager.getConnection(url.substring(colon + 1), info);
    return proxy(Connection.class, new FaultyConnection(plan, connection));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            FaultyDriver.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static final class FaultyConnection implements InvocationHandler {
    private final Plan plan;
    private final Connection real;
    private boolean inserted;

    FaultyConnection(Plan plan, Connection real) {
      this.plan = plan;
      this.real = real;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (method.getName().equals("commit") && inserted) {
        inserted = false;
        return write(real, method, arguments);
      }
      Object result = call(real, method, arguments);
      if (method.getName().equals("rollback")) {
        inserted = false;
      }
      boolean inserts =
          method.getName().equals("prepareStatement")
              && ((String) arguments[0]).toLowerCase(Locale.ROOT).startsWith("insert");
      return inserts
          ? proxy(
              PreparedStatement.class,
              (unused, called, given) -> statement((PreparedStatement) result, called, given))
          : result;
    }

    private Object statement(PreparedStatement statement, Method method, Object[] arguments)
        throws Throwable {
      if (!method.getName().startsWith("execute")) {
        return call(statement, method, arguments);
      }
      if (real.getAutoCommit()) {
        return write(statement, method, arguments);
      }
      inserted = true;
      return call(statement, method, arguments);
    }

    private Object write(Object target, Method method, Object[] arguments) throws Throwable {
      long number = plan.writes.incrementAndGet();
      if (plan.fails(Failure.BEFORE, number)) {
        // Slick switches to automatic commits next, which would commit what is left open.
        if (!real.getAutoCommit()) {
          real.rollback();
        }
        throw new SQLException("write " + number + " fails, nothing is written");
      }
      Object result = call(target, method, arguments);
      if (plan.fails(Failure.AFTER, number)) {
        throw new SQLException("write " + number + " fails, although it is written");
      }
      return result;
    }
  }

  @Override
  public boolean acceptsURL(String url) {
    return url.startsWith(PREFIX);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
    return new DriverPropertyInfo[0];
  }

  @Override
  public int getMajorVersion() {
    return 1;
  }

  @Override
  public int getMinorVersion() {
    return 0;
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger("faulty");
  }
}
