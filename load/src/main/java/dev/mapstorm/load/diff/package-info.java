/**
 * Compares streams of events: a journal with another, or with what its scenario gives when it is
 * executed again.
 */
package dev.mapstorm.load.diff;
