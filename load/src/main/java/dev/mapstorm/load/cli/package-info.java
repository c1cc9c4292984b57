/**
 * The command line: what users type, and what they read. Commands translate options, call the
 * engines and print; nothing is decided here.
 */
package dev.mapstorm.load.cli;
