package dev.mapstorm.persistence.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/**
 * Tells whether nodes of a cluster are connected to a shared database: the sessions of their
 * journals carry a name of their own, which the server shows to everybody.
 */
public final class NodeSessions {
  private static final String NAME = "mapstorm node";

  private static final String CONNECTED =
      "SELECT EXISTS (SELECT FROM pg_stat_activity"
          + " WHERE datname = current_database() AND application_name = ?)";

  private NodeSessions() {}

  /** What gives the sessions of a node's journal the name; wins over that of the journal. */
  public static Config named() {
    return ConfigFactory.parseMap(
        Map.of(
            "pekko-persistence-jdbc.shared-databases.slick.db.properties.ApplicationName", NAME));
  }

  /**
   * Whether there is one. A node whose machine is gone counts until the server gives its sessions
   * up, half a minute at most.
   *
   * @throws StoreException if the database cannot be used
   */
  public static boolean any(DatabaseAddress address) {
    try (Connection connection = address.connect();
        PreparedStatement query = connection.prepareStatement(CONNECTED)) {
      query.setString(1, NAME);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw PostgresSchema.failed(address, e);
    }
  }
}
