package dev.mapstorm.load.export;

import java.nio.file.Path;

/**
 * A file that an export left.
 *
 * @param path where it is
 * @param bytes of it
 */
public record WrittenFile(Path path, long bytes) {}
