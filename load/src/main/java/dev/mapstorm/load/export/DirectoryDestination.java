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
 * into a directory that is there already, file by file, whereupon the other tables of an earlier
 * export go. Files that no export writes stay.
 */
public final class DirectoryDestination implements Destination {
  private final Path target;
  private final Path temporary;
  private final ExportFormat format;
  private final Map<String, OutputStream> streams = new LinkedHashMap<>();

  /**
   * The directory at {@code target}, whose parent must exist.
   *
   * @param format one of tables, which an export replaces
   */
  public DirectoryDestination(Path target, ExportFormat format) {
    this.target = target;
    this.format = format;
    temporary = FileDestination.temporary(target);
  }

  @Override
  public OutputStream open(String name) throws IOException {
    OutputStream stream = FileDestination.create(reserve(name), file(name));
    streams.put(name, stream);
    return stream;
  }

  @Override
  public Path reserve(String name) throws IOException {
    Files.createDirectories(temporary);
    streams.put(name, OutputStream.nullOutputStream());
    return temporary.resolve(file(name));
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
      Path file = target.resolve(file(name));
      files.add(new WrittenFile(file, Files.size(file)));
    }
    return files;
  }

  private void replaceTables() throws IOException {
    for (Path file : files(temporary)) {
      Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.delete(temporary);
    for (String table : format.tables()) {
      Path old = target.resolve(file(table));
      if (!streams.containsKey(table) && Files.isRegularFile(old)) {
        Files.delete(old);
      }
    }
  }

  private String file(String table) {
    return table + format.suffix();
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
