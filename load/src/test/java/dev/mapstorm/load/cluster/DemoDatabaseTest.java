package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.PostgresSchema;
import dev.mapstorm.persistence.store.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoDatabaseTest {
  @TempDir private Path directory;

  @Test
  void shouldBeDurableAndKeepItsDataOverARestart() throws Exception {
    int port;
    try (DemoDatabase database = DemoDatabase.start(directory, 0)) {
      assertThat(setting(database, "fsync")).isEqualTo("on");
      assertThat(setting(database, "synchronous_commit")).isEqualTo("on");
      assertThat(setting(database, "full_page_writes")).isEqualTo("on");
      assertThat(setting(database, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(new PostgresSchema(address(database)).create()).isTrue();
      port = Integer.parseInt(setting(database, "port"));
      assertThatThrownBy(() -> DemoDatabase.start(directory, port))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("no database could be started in " + directory);
    }
    try (DemoDatabase again = DemoDatabase.start(directory, port)) {
      assertThat(again.url()).contains("127.0.0.1:" + port + "/");
      assertThat(new PostgresSchema(address(again)).create()).isFalse();
    }
  }

  private static DatabaseAddress address(DemoDatabase database) {
    return DatabaseAddress.of(database.url(), Map.of());
  }

  private static String setting(DemoDatabase database, String name) throws Exception {
    try (Connection connection = DriverManager.getConnection(database.url());
        ResultSet row = connection.createStatement().executeQuery("SHOW " + name)) {
      row.next();
      return row.getString(1);
    }
  }
}
