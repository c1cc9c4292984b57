/** Events as the text that the kernel's trace events would have left. */
package dev.mapstorm.load.export.ftrace;
