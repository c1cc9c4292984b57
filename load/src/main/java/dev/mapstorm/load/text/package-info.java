/** Text files, plain or gzip, line by line. */
package dev.mapstorm.load.text;
