/** Runs the models over recorded answers of Linux, and over kernel traces, and compares. */
package dev.mapstorm.load.conform;
