package dev.mapstorm.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script in a copy of the tree whose Maven is a script that counts its builds and
 * whose program prints its arguments.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {
  /** What the script needs before it looks for Maven. */
  private static final List<String> TOOLS =
      List.of("bash", "dirname", "find", "flock", "mkdir", "readlink", "sed");

  @TempDir Path folder;

  private Path tree;
  private Path tools;

  /** What a call of the script did. */
  private record Called(int code, String out, String err) {}

  @BeforeEach
  void copyTree() throws IOException {
    tree = Files.createDirectories(folder.resolve("a tree with spaces"));
    Files.copy(
        Path.of("..", "mapstorm"), tree.resolve("mapstorm"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.createDirectories(tree.resolve("load/src/main"));
    Files.writeString(tree.resolve("load/src/main/Source.java"), "");
    Files.writeString(tree.resolve("pom.xml"), "");
    Files.writeString(tree.resolve("load/pom.xml"), "");
    writeProgram(folder.resolve("program.jar"));
    tools = Files.createDirectories(folder.resolve("bin"));
    script(
        tools.resolve("mvn"),
        """
        [ "$1" = -version ] && { echo "Apache Maven 3.9.1"; exit; }
        [ -f fail ] && { echo "[ERROR] Source.java: no good"; exit 1; }
        echo build >>builds
        mkdir -p load/target && cp "%s" load/target/mapstorm-load-1.jar
        """
            .formatted(folder.resolve("program.jar")));
  }

  @Test
  void buildsOnFirstUseThenOnlyWhenSourcesAreNewer() throws Exception {
    Called first = call(tree, tree.resolve("mapstorm"), "one", "two words");
    assertThat(first.err()).contains("mapstorm: building");
    assertThat(first.out()).isEqualTo("<one>\n<two words>\n");
    assertThat(builds()).isEqualTo(1);

    Called second = call(folder, tree.resolve("mapstorm"), "again");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).isEqualTo("<again>\n");
    assertThat(builds()).isEqualTo(1);

    Files.setLastModifiedTime(
        tree.resolve("load/src/main/Source.java"), FileTime.from(Instant.now().plusSeconds(5)));
    call(folder, tree.resolve("mapstorm"), "changed");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void worksThroughSymbolicLinksAndPassesTheExitCodeOn() throws Exception {
    Path first = Files.createSymbolicLink(folder.resolve("first"), tree.resolve("mapstorm"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), first.getFileName());

    Called called = call(folder, second, "fail");

    assertThat(called.code()).isEqualTo(7);
    assertThat(called.out()).isEqualTo("<fail>\n");
  }

  @Test
  void aFailedBuildShowsTheErrorsAndWhereTheRestIs() throws Exception {
    Files.writeString(tree.resolve("fail"), "");

    Called called = call(folder, tree.resolve("mapstorm"), "x");

    assertThat(called.code()).isEqualTo(1);
    assertThat(called.out()).isEmpty();
    assertThat(called.err())
        .contains("[ERROR] Source.java: no good", "mapstorm: the build failed; all of its output");
  }

  @Test
  void saysThatMavenIsMissing() throws Exception {
    Files.delete(tools.resolve("mvn"));
    for (String tool : TOOLS) {
      script(tools.resolve(tool), wrapper(tool), "/bin/bash");
    }

    Called called = call(tools.toString(), System.getProperty("java.home"), "x");

    assertThat(called.err()).contains("mapstorm: no mvn on the PATH");
  }

  @Test
  void saysThatJavaIsMissing() throws Exception {
    assertThat(call(path(), "/nowhere", "x").err())
        .contains("mapstorm: JAVA_HOME is /nowhere, but there is no /nowhere/bin/java");
  }

  @Test
  void refusesAnOldJava() throws Exception {
    Path old = Files.createDirectories(folder.resolve("jdk/bin")).getParent();
    script(old.resolve("bin/java"), "");
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");

    Called called = call(path(), old.toString(), "x");

    assertThat(called.err()).contains("is version 11.0.2; mapstorm needs 17 or newer");
    assertThat(called.code()).isEqualTo(1);
  }

  /** Maven's stand-in before everything else. */
  private String path() {
    return tools + ":/usr/bin:/bin";
  }

  private Called call(Path directory, Path script, String... args) throws Exception {
    return call(directory, path(), System.getProperty("java.home"), script, args);
  }

  private Called call(String path, String javaHome, String... args) throws Exception {
    return call(folder, path, javaHome, tree.resolve("mapstorm"), args);
  }

  private Called call(Path directory, String path, String javaHome, Path script, String... args)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(script.toString());
    builder.command().addAll(List.of(args));
    builder.directory(directory.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().put("JAVA_HOME", javaHome);
    Path err = folder.resolve("stderr");
    builder.redirectError(err.toFile());
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Called(process.waitFor(), out, Files.readString(err));
  }

  private long builds() throws IOException {
    return Files.readAllLines(tree.resolve("builds")).size();
  }

  /** A tool that finds itself, but nothing else, outside the path. */
  private static String wrapper(String tool) {
    return "exec \"$(PATH=/usr/bin:/bin; type -P %s)\" \"$@\"\n".formatted(tool);
  }

  private static void script(Path path, String body) throws IOException {
    script(path, body, "/usr/bin/env bash");
  }

  private static void script(Path path, String body, String interpreter) throws IOException {
    Files.writeString(path, "#!" + interpreter + "\n" + body);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void writeProgram(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, EchoProgram.class.getName());
    String entry = EchoProgram.class.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        InputStream program = EchoProgram.class.getClassLoader().getResourceAsStream(entry)) {
      out.putNextEntry(new JarEntry(entry));
      program.transferTo(out);
    }
  }
}
