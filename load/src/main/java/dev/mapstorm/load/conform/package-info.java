/** Runs the models over recorded answers of Linux and compares. */
package dev.mapstorm.load.conform;
