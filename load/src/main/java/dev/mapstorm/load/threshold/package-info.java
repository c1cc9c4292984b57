/** Whether the figures of reports keep the thresholds that they are given. */
package dev.mapstorm.load.threshold;
