package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.persistence.store.PostgresSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class DemoDatabaseTest {
  @TempDir private Path directory;

  @Test
  void shouldBeDurableAndKeepItsDataOverARestart() throws Exception {
    int port;
    try (DemoDatabase database = DemoDatabase.start(directory, 0)) {
      assertThat(setting(database, "fsync")).isEqualTo("on");
      assertThat(setting(database, "synchronous_commit")).isEqualTo("on");
      assertThat(setting(database, "full_page_writes")).isEqualTo("on");
      assertThat(setting(database, "max_wal_size")).isEqualTo("4GB");
      assertThat(new PostgresSchema(database.address()).create()).isZero();
      port = Integer.parseInt(setting(database, "port"));
    }
    try (DemoDatabase again = DemoDatabase.start(directory, port)) {
      assertThat(again.address().url()).contains("127.0.0.1:" + port + "/");
      assertThat(new PostgresSchema(again.address()).create()).isEqualTo(PostgresSchema.VERSION);
    }
  }

  @Test
  void shouldLeaveNothingWhenTemporary() throws Exception {
    Path all = directory.resolve("bench");
    Path log = all.resolve("node-1.log");
    try (DemoDatabase database = DemoDatabase.startTemporary(all.resolve("database"), all)) {
      assertThat(setting(database, "fsync")).isEqualTo("on");
      Files.writeString(log, "started");
    }
    assertThat(directory).isEmptyDirectory();
  }

  private static String setting(DemoDatabase database, String name) throws Exception {
    Properties login = new Properties();
    login.put("password", database.credentials().get("MAPSTORM_DB_PASSWORD"));
    try (Connection connection = DriverManager.getConnection(database.address().url(), login);
        ResultSet row = connection.createStatement().executeQuery("SHOW " + name)) {
      row.next();
      return row.getString(1);
    }
  }
}
