/** A profile of a machine out of what standard tools measured on it. */
package dev.mapstorm.load.calibrate;
