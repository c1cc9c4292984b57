package dev.mapstorm.load.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A directory with a file for each name. It is filled beside its place and moved there as a whole;
 * into a directory that is there already, file by file, after the tables of an earlier export are
 * gone.
 */
public final class DirectoryDestination implements Destination {
  private final Path target;
  private final Path temporary;
  private final String suffix;
  private final Map<String, OutputStream> streams = new LinkedHashMap<>();

  /**
   * The directory at {@code target}, whose parent must exist.
   *
   * @param suffix of the names of its files, which an export replaces
   */
  public DirectoryDestination(Path target, String suffix) {
    this.target = target;
    this.suffix = suffix;
    temporary = FileDestination.temporary(target);
  }

  @Override
  public OutputStream open(String name) throws IOException {
    OutputStream stream = FileDestination.create(reserve(name), name + suffix);
    streams.put(name, stream);
    return stream;
  }

  @Override
  public Path reserve(String name) throws IOException {
    Files.createDirectories(temporary);
    streams.put(name, OutputStream.nullOutputStream());
    return temporary.resolve(name + suffix);
  }

  @Override
  public List<WrittenFile> commit() throws IOException {
    for (OutputStream stream : streams.values()) {
      stream.close();
    }
    Files.createDirectories(temporary);
    if (Files.isDirectory(target)) {
      replaceTables();
    } else {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
    List<WrittenFile> files = new ArrayList<>();
    for (String name : streams.keySet()) {
      Path file = target.resolve(name + suffix);
      files.add(new WrittenFile(file, Files.size(file)));
    }
    return files;
  }

  private void replaceTables() throws IOException {
    for (Path old : files(target)) {
      if (old.getFileName().toString().endsWith(suffix)) {
        Files.delete(old);
      }
    }
    for (Path file : files(temporary)) {
      Files.move(file, target.resolve(file.getFileName()));
    }
    Files.delete(temporary);
  }

  @Override
  public void close() throws IOException {
    for (OutputStream stream : streams.values()) {
      FileDestination.giveUp(stream);
    }
    if (Files.isDirectory(temporary)) {
      for (Path file : files(temporary)) {
        Files.delete(file);
      }
      Files.delete(temporary);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
