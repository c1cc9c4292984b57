package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class UserCacheTest {
  @TempDir private Path folder;

  private Path directory(Map<String, String> environment, Path home) {
    return UserCache.directory(environment, home, folder.resolve("tmp"), "some one");
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void shouldBeTheUsersAloneWhereTheXdgSpecificationHasIt() throws Exception {
    Path named = folder.resolve("cache");
    Path home = Files.createDirectory(folder.resolve("home"));
    assertThat(directory(Map.of("XDG_CACHE_HOME", named.toString()), home))
        .isEqualTo(named.resolve("mapstorm"));
    assertThat(directory(Map.of("XDG_CACHE_HOME", "relative"), home))
        .isEqualTo(home.resolve(".cache/mapstorm"));
    assertThat(directory(Map.of(), folder.resolve("no home")))
        .isEqualTo(folder.resolve("tmp/mapstorm-some_one"));
    assertThat(mode(home.resolve(".cache/mapstorm"))).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("tmp/mapstorm-some_one"))).isEqualTo("rwx------");
    assertThat(home.resolve(".cache/mapstorm")).isEmptyDirectory();
  }

  @Test
  void shouldClosePermissionsToReadAndBeFoundAgain() throws Exception {
    Path found = directory(Map.of(), folder);
    Files.setPosixFilePermissions(found, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(directory(Map.of(), folder)).isEqualTo(found);
    assertThat(mode(found)).isEqualTo("rwx------");
  }

  @Test
  void shouldNotUseWhatOthersMayHaveWrittenNorALink() throws Exception {
    Path own = directory(Map.of(), folder);
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path last = folder.resolve("tmp/mapstorm-some_one");
    assertThat(directory(Map.of(), folder)).isEqualTo(last);
    Files.delete(last);
    Files.createSymbolicLink(last, Files.createDirectory(folder.resolve("elsewhere")));
    assertThatThrownBy(() -> directory(Map.of(), folder))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "there is no directory that is the user's alone (%s: others may write it; %s: it is no directory)"
                .formatted(own, last));
  }
}
