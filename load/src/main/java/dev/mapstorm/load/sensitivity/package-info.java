/** Which figures of a platform the headlines of a run hang on. */
package dev.mapstorm.load.sensitivity;
