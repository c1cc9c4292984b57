/** What the program's log leaves out, so that nobody fills a disk with it. */
package dev.mapstorm.load.log;
